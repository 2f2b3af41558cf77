/** Where orders come in and events go out, by the names that the contract promises. */
export const INTAKE_QUEUE = "orders.intake";
/** The replaced system's. */
export const PEDIDOS_QUEUE = "pedidos";
export const DEAD_LETTER_QUEUE = "orders.dead-letter";
export const EVENTS_EXCHANGE = "orders.events";

/** The queues that orders come in by. */
export type OrderQueue = typeof INTAKE_QUEUE | typeof PEDIDOS_QUEUE;

/**
 * How many messages wait in each queue, without those that are delivered and not acknowledged; null where there is no
 * such queue. A message may hold many orders.
 */
export type QueueDepths = Readonly<Record<OrderQueue | typeof DEAD_LETTER_QUEUE, number | null>>;
