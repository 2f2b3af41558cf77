import { DEAD_LETTER_QUEUE, EVENTS_EXCHANGE } from "@pedidos/contract";
import { INTAKE_QUEUE, type OrderQueue, publishedSources, type Source } from "@pedidos/domain";

export const DEAD_EXCHANGE = "orders.dead";
const ORDERS_EXCHANGE = "orders";

/** → where a message of a queue came from, by its header `source`, which our own publisher sets on the intake queue. */
export function sourceOf(queue: OrderQueue, header: unknown): Source {
  if (queue !== INTAKE_QUEUE) return queue;
  return publishedSources.find((source) => source === header) ?? queue;
}

/** The broker counts deliveries and dead-letters a message after this many; poison is isolated long before. */
const DELIVERY_LIMIT = 100;
/** Browsing dead letters must never drop one, and 4.x reads a missing limit as 20. */
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
