import { setTimeout as wait } from "node:timers/promises";
import type { Delivery, RecordingBroker } from "@pedidos/broker";
import type { RecorderStore } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { repeat } from "../repeat.ts";

export type OversizedOptions = {
  readonly store: Pick<RecorderStore, "keepOversized" | "passOnOversized">;
  readonly broker: Pick<RecordingBroker, "setAside" | "status">;
  /** Whether the database takes writes, as far as is known. */
  readonly mayWrite: () => boolean;
  readonly log: Log;
};

const RETRY_MS = 1_000;
/** A body that is published for longer is given up when the publisher closes; the broker or the database still holds it. */
const STOP_LIMIT_MS = 1_000;

/**
 * Bodies over 1 MiB go to the broker's dead letters; while it takes no publishes they wait in the database. Either way
 * the delivery is acknowledged only once its body is safe elsewhere.
 */
export function openOversized({ store, broker, mayWrite, log }: OversizedOptions) {
  let unsafe: Delivery[] = [];

  async function makeSafe(delivery: Delivery): Promise<void> {
    try {
      if (!(await broker.setAside(delivery))) {
        if (!mayWrite()) throw new Error("the database records nothing at the moment");
        await store.keepOversized(delivery);
      }
      delivery.acknowledge();
    } catch (error) {
      log.warn(
        { err: error },
        "a body over 1 MiB can go neither to the dead letters nor to the database; trying again",
      );
      unsafe.push(delivery);
    }
  }

  async function retry(): Promise<void> {
    const deliveries = unsafe;
    unsafe = [];
    for (const delivery of deliveries) await makeSafe(delivery);
    while (broker.status() === "up" && mayWrite()) if (!(await store.passOnOversized(broker.setAside))) return;
  }

  const retrying = repeat(RETRY_MS, retry, (error) => log.debug({ err: error }, "oversized bodies still wait"));
  return {
    setAside(delivery: Delivery): void {
      log.warn({ bytes: delivery.body.length, source: delivery.source }, "a body over 1 MiB goes to the dead letters");
      void makeSafe(delivery);
    },
    stop: () => Promise.race([retrying.stop(), wait(STOP_LIMIT_MS, undefined, { ref: false })]),
  };
}
