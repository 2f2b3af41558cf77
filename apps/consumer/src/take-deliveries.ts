import type { Delivery } from "@pedidos/messaging";
import type { Line, Parcel } from "./line.ts";
import { openParcel } from "./open-parcel.ts";
import type { Outage } from "./outage.ts";
import type { RecorderStore } from "./recorder-store.ts";
import type { RecordingQueue } from "./recording-queue.ts";

export type TakeDeliveriesOptions = {
  readonly spool: RecorderStore["spool"];
  readonly queue: Pick<RecordingQueue, "add">;
  readonly outage: Pick<Outage, "begin" | "over">;
  /** Takes over a delivery that is too large to be an order. */
  readonly setAside: (delivery: Delivery) => void;
};

export type Deliveries = {
  readonly take: (delivery: Delivery) => void;
  /** Resolves when what came back is in the spool, or an outage has taken it over. */
  readonly spooled: () => Promise<void>;
};

/** The limit of a body, by HTTP and AMQP alike. */
const MOST_BYTES = 1024 * 1024;

/**
 * Where a delivery goes: to the recording queue; aside when it is too large to be an order; or, when it comes back
 * because it was not settled the first time, to the spool, for it may be what ended the process.
 */
export function takeDeliveries({ spool, queue, outage, setAside }: TakeDeliveriesOptions): Deliveries {
  let suspects: Line[] = [];
  let spooling: Promise<void> | undefined;

  /** Suspects that arrive while others are committing share the next commit. */
  async function spoolSuspects(): Promise<void> {
    while (suspects.length > 0) {
      await outage.over();
      const lines = suspects;
      suspects = [];
      try {
        await spool(lines.map(({ source, body, tries, traceparent }) => ({ source, body, tries, traceparent })));
        for (const line of lines) line.settle();
      } catch (error) {
        outage.begin(lines, error);
      }
    }
    spooling = undefined;
  }

  return {
    take(delivery) {
      if (delivery.body.length > MOST_BYTES) setAside(delivery);
      else if (delivery.redelivered) {
        suspects = suspects.concat(allLines(openParcel(delivery)));
        spooling ??= spoolSuspects();
      } else queue.add(openParcel(delivery), { bytes: delivery.body.length, patient: delivery.awaited !== true });
    },
    spooled: async () => spooling,
  };
}

function allLines(parcel: Parcel): Line[] {
  const lines: Line[] = [];
  for (let next = parcel.next(); !next.done; next = parcel.next()) lines.push(next.value);
  return lines;
}
