import type { Delivery } from "@pedidos/broker";
import { limits } from "@pedidos/domain";
import type { RecorderStore } from "@pedidos/persistence";
import { type BatchLimits, openBacklog } from "../batches/backlog.ts";
import type { RecordingQueue } from "../batches/recording-queue.ts";
import type { Protocol } from "../protocol/open-protocol.ts";
import { readLines } from "./read-lines.ts";

export type TakeDeliveriesOptions = BatchLimits & {
  readonly store: Pick<RecorderStore, "spool" | "classify">;
  readonly queue: Pick<RecordingQueue, "add">;
  readonly protocol: Protocol;
  /** Takes over a delivery that is too large to be an order. */
  readonly setAside: (delivery: Delivery) => void;
};

/**
 * Where a delivery goes: to the recording queue; aside when it is too large to be an order; or, when it comes back
 * because it was not settled the first time, to the spool, for it may be what ended the process.
 */
export function takeDeliveries({ store, queue, protocol, setAside, ...batch }: TakeDeliveriesOptions) {
  const returned = openBacklog(batch);
  let spooling: Promise<void> | undefined;

  /** What comes back while others are committing shares the next commit; a message of many lines takes several. */
  async function spoolReturned(): Promise<void> {
    while (returned.size().entries > 0) {
      await protocol.until(({ outage }) => outage === undefined);
      const { lines } = returned.take();
      if (lines.length === 0) continue;
      try {
        await store.spool(lines);
        for (const line of lines) line.settle();
      } catch (error) {
        protocol.report({ kind: "call_failed", lines, failure: store.classify(error) });
      }
    }
  }

  return {
    take(delivery: Delivery): void {
      const { length: bytes } = delivery.body;
      if (bytes > limits.bytes) setAside(delivery);
      else if (delivery.redelivered) {
        returned.add(readLines(delivery), { bytes, mayLinger: false });
        spooling ??= spoolReturned().finally(() => {
          spooling = undefined;
        });
      } else queue.add(readLines(delivery), { bytes, mayLinger: delivery.awaited !== true });
    },
    /** Resolves when all redeliveries are in the spool. */
    spooled: async () => spooling,
    /** The broker has got back all unacknowledged messages: it delivers again what is not in the spool yet. */
    forget: () => void returned.clear(),
  };
}
