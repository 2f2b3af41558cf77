import type { IntakeBroker } from "@pedidos/broker";
import type { Readiness } from "@pedidos/contract";
import { type Db, isConsumingPaused, probeSpool } from "@pedidos/persistence";
import { shareReading } from "@pedidos/process";
import { readinessOf } from "./health.ts";

/** Asks the database whether it takes orders into the spool, one question at a time, and the broker how it is. */
export function openReadiness(db: Db, broker: Pick<IntakeBroker, "status"> | undefined) {
  const askSpool = shareReading(() => probeSpool(db).then(() => true), { maxAgeMs: 0, timeoutMs: 3_000 });
  const askPaused = shareReading(() => isConsumingPaused(db), { maxAgeMs: 1_000, timeoutMs: 1_000 });
  const isSpoolReady = async () => (await askSpool()) === true;
  let isPaused = false;
  return {
    isSpoolReady,
    async read(): Promise<Readiness> {
      const isUp = await isSpoolReady();
      // While the database does not say, what it has said last holds, as it does for the consumers.
      if (isUp) isPaused = (await askPaused()) ?? isPaused;
      const database = isUp ? "up" : "down";
      return readinessOf(broker === undefined ? { database } : { broker: broker.status(), database }, isPaused);
    },
  };
}
