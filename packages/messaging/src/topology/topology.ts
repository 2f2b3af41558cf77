import { type Source, sources } from "@pedidos/domain";

/** The contract's names. A queue that orders come in by is a source, by the same name. */
export const INTAKE_QUEUE = "orders.intake" satisfies Source;
export const PEDIDOS_QUEUE = "pedidos" satisfies Source;
export const DEAD_LETTER_QUEUE = "orders.dead-letter";
export const queues = [INTAKE_QUEUE, PEDIDOS_QUEUE, DEAD_LETTER_QUEUE] as const;
const ORDERS_EXCHANGE = "orders";
export const EVENTS_EXCHANGE = "orders.events";
export const DEAD_EXCHANGE = "orders.dead";
/** No queue has this name. */
export const PROBE_KEY = "pedidos.publisher-probe";

export type OrderQueue = typeof INTAKE_QUEUE | typeof PEDIDOS_QUEUE;

/** Sources that are no queues: our own publisher puts them into the intake queue, with the source as a header. */
const published: readonly unknown[] = sources.filter((source) => source !== INTAKE_QUEUE && source !== PEDIDOS_QUEUE);

/** Whether our own publisher names `value` as an order's source. */
export function isPublished(value: unknown): value is Exclude<Source, OrderQueue> {
  return published.includes(value);
}

/** The broker counts deliveries and dead-letters a message after this many; poison is isolated long before. */
const DELIVERY_LIMIT = 100;
/** Looking at a dead letter must never drop it, and 4.x reads a missing limit as 20. */
const NEVER = 1_000_000_000;

/**
 * Arguments of a quorum queue whose dead letters go to `orders.dead` under the queue's own name. Each is written out, as
 * RabbitMQ 3.10 and 4.x differ in what they take for granted. The at-least-once strategy needs `reject-publish`.
 */
export function quorumArguments(queue: string): Readonly<Record<string, string | number>> {
  return {
    "x-queue-type": "quorum",
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-overflow": "reject-publish",
    "x-dead-letter-strategy": "at-least-once",
    "x-dead-letter-exchange": DEAD_EXCHANGE,
    "x-dead-letter-routing-key": queue,
  };
}

/** What is declared on every connection, in this order. All of it is durable. */
export const topology = {
  exchanges: [
    { name: ORDERS_EXCHANGE, type: "topic" },
    { name: DEAD_EXCHANGE, type: "topic" },
    { name: EVENTS_EXCHANGE, type: "topic" },
  ],
  queues: [
    {
      name: DEAD_LETTER_QUEUE,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": NEVER,
        // No strategy: nothing is dead-lettered from here, and 4.x would warn of one every five seconds.
        "x-overflow": "reject-publish",
      },
    },
    { name: INTAKE_QUEUE, arguments: quorumArguments(INTAKE_QUEUE) },
  ],
  bindings: [
    { queue: DEAD_LETTER_QUEUE, exchange: DEAD_EXCHANGE, routingKey: "#" },
    { queue: INTAKE_QUEUE, exchange: ORDERS_EXCHANGE, routingKey: "order.submitted" },
  ],
} as const;
