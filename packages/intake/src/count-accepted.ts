import type { IncomingOrder } from "@pedidos/domain";

/** An order that was made durable, as the bytes that travel, and when its publish or commit began, in milliseconds since 1970. */
export type AcceptedSample = { readonly body: Uint8Array; readonly acceptedAt: number };

export type AcceptedOrders = ReturnType<typeof countAccepted>;

/** So few samples that looking them up later costs next to nothing. */
const SAMPLE_EVERY_MS = 100;
const MOST_SAMPLES = 50;

/** Counts the orders that this process has made durable, and keeps a few to see later how long they took. */
export function countAccepted() {
  let total = 0;
  let sampledAt = Number.NEGATIVE_INFINITY;
  const samples: AcceptedSample[] = [];
  return {
    /** To be called once a message or commit. @param begun when it was begun, in milliseconds since 1970 */
    note(orders: readonly IncomingOrder[], begun: number): void {
      total += orders.length;
      const [first] = orders;
      if (first === undefined || begun < sampledAt + SAMPLE_EVERY_MS || samples.length >= MOST_SAMPLES) return;
      sampledAt = begun;
      // A copy: what was gathered into one message may share one large buffer.
      samples.push({ body: Uint8Array.from(first.body), acceptedAt: begun });
    },
    /** → how many were noted since the process started. */
    total: () => total,
    /** → a few of those noted since the last call, spread over the time. */
    takeSamples: () => samples.splice(0),
  };
}
