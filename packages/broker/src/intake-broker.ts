import type { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import type { IncomingOrder, OrderQueue } from "@pedidos/domain";
import type { DeadLetter, DeadLetters } from "./dead-letters.ts";

/**
 * How many messages wait in each queue, without those that are delivered and not acknowledged, and how many consumers it
 * has; null if there is no such queue. A message may hold many orders.
 */
export type QueueDepths = Readonly<Record<OrderQueue | typeof DEAD_LETTER_QUEUE, QueueDepth | null>>;
export type QueueDepth = { readonly messages: number; readonly consumers: number };

/**
 * "confirmed": the broker has it for good. "refused": a queue that it was routed to has refused it, mostly as it is full;
 * other queues may have it. "unroutable": no queue takes it, it was dropped. "unavailable": it is not known to be kept (it
 * may be).
 */
export type PublishOutcome = "confirmed" | "refused" | "unroutable" | "unavailable";

/** The broker as the API sees it: orders go in, dead letters come out. Connecting is its own affair; it recovers for ever. */
export type IntakeBroker = {
  /** Publishes orders of one source, at least one, as one persistent message. Always resolves, in bounded time. */
  readonly publish: (orders: readonly IncomingOrder[]) => Promise<PublishOutcome>;
  /** "down" whenever it takes no publishes. */
  readonly status: () => "up" | "down";
  /** → how much waits in its queues; undefined while it is down. Rejects if the broker does not say. */
  readonly depths: () => Promise<QueueDepths | undefined>;
  /** How many messages are not confirmed yet. */
  readonly unconfirmed: () => number;
  readonly deadLetters: DeadLetters;
  /** Publishes a dead letter to the queue that it came from, or to the intake queue. */
  readonly requeue: (deadLetter: DeadLetter) => Promise<PublishOutcome>;
  readonly close: () => Promise<void>;
};
