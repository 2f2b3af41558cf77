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
