import { PEDIDOS_QUEUE, type Source } from "./order.ts";

/** The words an order is written in, and how strictly it is read. All else about an order is the same at every door. */
export type Dialect = {
  readonly orderId: string;
  readonly customerId: string;
  /** A dialect may have no word for it. */
  readonly placedAt?: string;
  readonly items: string;
  readonly product: string;
  readonly quantity: string;
  readonly unitPrice: string;
  /** Whether a key that is none of these is a fault. */
  readonly unknownKeys: "fault" | "ignored";
  /**
   * How far a price that is a JSON number may lie from one with at most 4 decimals, whose value it then has. It lets
   * the noise of prices that were computed in floating point pass (0.30000000000000004).
   */
  readonly priceNoise: number;
};

/** The words of `/v1`, of the queue `orders.intake` and of our own messages. */
export const english: Dialect = {
  orderId: "orderId",
  customerId: "customerId",
  placedAt: "placedAt",
  items: "items",
  product: "product",
  quantity: "quantity",
  unitPrice: "unitPrice",
  unknownKeys: "fault",
  priceNoise: 0,
};

/**
 * The words of the replaced system, at its routes and on its queue. Its producers send keys of their own and prices
 * that were computed in floating point, so those pass.
 */
export const portuguese: Dialect = {
  orderId: "codigoPedido",
  customerId: "codigoCliente",
  items: "itens",
  product: "produto",
  quantity: "quantidade",
  unitPrice: "preco",
  unknownKeys: "ignored",
  priceNoise: 1e-9,
};

/**
 * The dialect of the bytes that are kept for a source. Bodies of `POST /pedido` are kept under the source `http`, in
 * the English form that `writeOrder` gives, so only the replaced system's queue is Portuguese.
 */
export function dialectOf(source: Source): Dialect {
  return source === PEDIDOS_QUEUE ? portuguese : english;
}
