import type { IncomingOrder } from "@pedidos/domain";
import { textOf, type World } from "./simulated-world.ts";

export type SimulatedSpool = {
  readonly spool: (orders: readonly IncomingOrder[]) => Promise<void>;
  readonly stall: (how: "away" | "silent") => void;
};

const STALLED_MS = 5_000;
/** Of the connections that the API writes the spool with. */
const TIMEOUT_MS = 2_000;

/** The spool table: commits come to their end when the scheduler says so. */
export function simulatedSpool(world: World): SimulatedSpool {
  let stalled: "away" | "silent" | undefined;
  return {
    async spool(orders) {
      await world.scheduler.schedule(Promise.resolve(), "the spool commits");
      const fate = world.commitFates.pop() ?? "done";
      if (stalled === "silent") await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS));
      if (stalled !== undefined || fate === "fails") throw new Error("the database is away");
      for (const { body } of orders) world.spooled.add(textOf(body));
      if (fate === "done_untold") throw new Error("the connection ended");
    },
    stall(how) {
      if (stalled !== undefined) return;
      stalled = how;
      setTimeout(() => {
        stalled = undefined;
      }, STALLED_MS);
    },
  };
}
