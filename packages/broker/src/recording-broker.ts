import type { CloudEvent } from "@pedidos/contract";
import type { OrderQueue, Source } from "@pedidos/domain";
import type { QueueDepths } from "./intake-broker.ts";

/** W3C `traceparent` texts: one for all orders of a message, or one for each in their order, undefined if there is none. */
export type Traceparents = string | readonly (string | undefined)[];

/** A message that waits to be acknowledged. It holds one order, or many as NDJSON. */
export type Delivery = {
  readonly queue: OrderQueue;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** "http" and "replay" where our own API said so, on the intake queue; else the queue's name. */
  readonly source: Source;
  /** The broker has delivered it before, to us or to another. */
  readonly redelivered: boolean;
  /** When our own API handed it to the broker, in milliseconds since 1970; of others it is not known. */
  readonly acceptedAt?: number;
  /** Contexts of sampled traces, of all its orders or of each. */
  readonly traceparents?: Traceparents;
  /** Somebody waits for the record of an order in it. */
  readonly awaited?: boolean;
  /** Does nothing once the connection that delivered it is gone, or a second time. */
  readonly acknowledge: () => void;
};

export type BrokerConsumer = {
  /** Whether the intake queue is consumed, or could be while paused, held or cancelled. */
  readonly status: () => "up" | "down";
  /** Hands back everything unacknowledged, at the cost of one delivery each, and stays connected; nothing comes until `resume`. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /**
   * While held, nothing new comes from the broker, and what came may still be acknowledged, so no delivery is lost.
   * Independent of `pause` and `resume`.
   */
  readonly hold: (held: boolean) => Promise<void>;
  /** For good: nothing new comes once it has resolved; what came may still be acknowledged. */
  readonly cancel: () => Promise<void>;
  /** Flushes what was acknowledged, hands back the others, ends the connections. */
  readonly close: () => Promise<void>;
};

/**
 * "announced": every subscriber's queue has it. "refused": a queue has refused it, others may have it. "unavailable": it is
 * not known to be anywhere.
 */
export type AnnouncementOutcome = "announced" | "refused" | "unavailable";

/** The broker as the consumer sees it: orders come out, events go in. Connecting is its own affair; it recovers for ever. */
export type RecordingBroker = {
  /** Begins to deliver. `onDelivery` must not throw: that is taken for a bug, and ends the process. */
  readonly consume: (onDelivery: (delivery: Delivery) => void) => BrokerConsumer;
  /** Publishes the events of a commit. Always resolves, in bounded time. */
  readonly announce: (events: readonly CloudEvent[], traceparent?: string) => Promise<AnnouncementOutcome>;
  /** Puts a body that is too large to become a rejection among the dead letters. → whether it is there */
  readonly setAside: (body: { readonly source: Source; readonly body: Buffer }) => Promise<boolean>;
  /** Of publishing. "up": confirms come. "blocked": connected, but the broker takes no publishes. */
  readonly status: () => "up" | "blocked" | "down";
  /** → how much waits in its queues; undefined while it is down. Rejects if the broker does not say. */
  readonly depths: () => Promise<QueueDepths | undefined>;
  /** Settles what is unconfirmed, then ends the connection that publishes. */
  readonly close: () => Promise<void>;
};
