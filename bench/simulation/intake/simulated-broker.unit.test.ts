import { describePublisher } from "@pedidos/broker/suites/publisher";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { vi } from "vitest";
import { scriptedScheduler } from "../recording/scripted-scheduler.ts";
import { settle } from "../settle.ts";
import { simulatedBroker } from "./simulated-broker.ts";
import type { World } from "./simulated-world.ts";

useSimulatedClock();

const WINDOW = 8;
const PASSING_MS = 25;

describePublisher(
  "the simulated broker of intake",
  async () => {
    const scheduler = scriptedScheduler();
    const publishFates: World["publishFates"] = [];
    const queued = new Set<string>();
    const world: World = { scheduler, publishFates, commitFates: [], queued, spooled: new Set(), findings: [] };
    const broker = simulatedBroker(world, WINDOW, {});
    return {
      publish: (text) => broker.publish([{ body: Buffer.from(text), source: "http" }]),
      unconfirmed: broker.unconfirmed,
      close: broker.end,
      takeKept: async () => [...queued],
      async settled(promise) {
        let isSettled = false;
        const settling = promise.finally(() => {
          isSettled = true;
        });
        while (!isSettled) {
          await settle();
          if (!scheduler.run(() => true)) vi.advanceTimersByTime(PASSING_MS);
        }
        return await settling;
      },
      refuseNext() {
        publishFates.push("fails");
      },
      lose: broker.lose,
      removeQueue: broker.unbind,
    };
  },
  { window: WINDOW },
);
