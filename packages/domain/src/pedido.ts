import type { Dialect } from "./dialect.ts";

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
