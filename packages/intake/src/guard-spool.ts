import { setTimeout as wait } from "node:timers/promises";
import type { IntakeRoads } from "./open-intake.ts";

export type SpoolGuard = {
  /** Whether an error says that there was no answer. */
  readonly isLost: (error: unknown) => boolean;
  /** Asks the database whether it takes orders into the spool; one question at a time. */
  readonly isReady: () => Promise<boolean>;
};

const ASK_AGAIN_MS = 100;
/** Less than an order waits for the spool. */
const PATIENCE_MS = 800;

/**
 * Guards the road into the spool: after a write that got no answer no other is sent until the database has shown that it
 * takes some. A commit that waits for a synchronous standby leaves its server process behind when its client gives up, so
 * each further one would leave another.
 */
export function guardSpool(spool: IntakeRoads["spool"], { isLost, isReady }: SpoolGuard): IntakeRoads["spool"] {
  let reopening: Promise<void> | undefined;

  async function reopen(): Promise<void> {
    while (!(await isReady())) await wait(ASK_AGAIN_MS, undefined, { ref: false });
    reopening = undefined;
  }

  return async (orders) => {
    if (reopening !== undefined) {
      await Promise.race([reopening, wait(PATIENCE_MS, undefined, { ref: false })]);
      if (reopening !== undefined) throw new Error("the database took no orders into the spool, and is being probed");
    }
    try {
      await spool(orders);
    } catch (error) {
      if (isLost(error)) reopening ??= reopen();
      throw error;
    }
  };
}
