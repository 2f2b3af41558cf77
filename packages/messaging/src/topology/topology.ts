import { DEAD_LETTER_QUEUE, EVENTS_EXCHANGE, INTAKE_QUEUE, type OrderQueue, PEDIDOS_QUEUE } from "@pedidos/broker";
import { type Source, sources } from "@pedidos/domain";

export const DEAD_EXCHANGE = "orders.dead";
const ORDERS_EXCHANGE = "orders";
export const queues = [INTAKE_QUEUE, PEDIDOS_QUEUE, DEAD_LETTER_QUEUE] as const;

/** Sources that are no queues: our own publisher puts them into the intake queue, with the source as a header. */
const published: readonly unknown[] = sources.filter((source) => source !== INTAKE_QUEUE && source !== PEDIDOS_QUEUE);

/** Whether our own publisher names `value` as an order's source. */
export function isPublished(value: unknown): value is Exclude<Source, OrderQueue> {
  return published.includes(value);
}

/** → where a message of a queue came from, by what its header `source` holds. */
export function sourceOf(queue: OrderQueue, header: unknown): Source {
  return queue === INTAKE_QUEUE && isPublished(header) ? header : queue;
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
