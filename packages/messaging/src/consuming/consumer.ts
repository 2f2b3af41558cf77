import type { Source } from "@pedidos/domain";
import type { Traceparents } from "../publishing/trace-headers.ts";
import { INTAKE_QUEUE, isPublished, type OrderQueue } from "../topology/topology.ts";

/** A message that waits to be acknowledged. */
export type Delivery = {
  readonly queue: OrderQueue;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** What our own publisher said, on the intake queue; else the queue's name. */
  readonly source: Source;
  /** The broker has delivered it before, to us or to another. */
  readonly redelivered: boolean;
  /** When our own publisher handed it to the broker, in milliseconds since 1970; of others it is not known. */
  readonly acceptedAt?: number;
  /** Contexts of sampled traces, of all its orders or of each. */
  readonly traceparents?: Traceparents;
  /** Somebody waits for the record of an order in it. */
  readonly awaited?: boolean;
  /** Does nothing once the channel that delivered it is gone, or a second time. */
  readonly acknowledge: () => void;
};

export type BrokerConsumer = {
  /** Whether it consumes, or could while paused, held or cancelled. */
  readonly status: () => "up" | "down";
  /** Hands back everything unacknowledged, at the cost of one delivery each, and stays connected; nothing comes until `resume`. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /**
   * Held, nothing new comes from the broker, and what came may still be acknowledged, so no delivery is lost; until it is
   * let go. By itself, whatever `pause` and `resume` say.
   */
  readonly hold: (held: boolean) => Promise<void>;
  /** For good: nothing new comes once it has resolved; what came may still be acknowledged. */
  readonly cancel: () => Promise<void>;
  /** Flushes what was acknowledged, hands back the rest, ends the connections. */
  readonly close: () => Promise<void>;
};

/** → where a message of a queue came from, by what its header `source` holds. */
export function sourceOf(queue: OrderQueue, header: unknown): Source {
  return queue === INTAKE_QUEUE && isPublished(header) ? header : queue;
}
