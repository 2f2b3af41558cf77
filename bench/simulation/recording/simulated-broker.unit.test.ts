import { describeConsumer } from "@pedidos/broker/suites/consumer";
import { describePublisher } from "@pedidos/broker/suites/publisher";
import { useSimulatedClock } from "@pedidos/testing/use-simulated-clock";
import { vi } from "vitest";
import { settle } from "../settle.ts";
import { scriptedScheduler } from "./scripted-scheduler.ts";
import { PREFETCH, simulatedBroker } from "./simulated-broker.ts";
import { emptyWorld } from "./simulated-world.ts";

useSimulatedClock();

const PASSING_MS = 25;

/** A broker by itself, all of whose steps are taken in their order. */
function openBroker() {
  const scheduler = scriptedScheduler();
  const world = emptyWorld(scheduler);
  const broker = simulatedBroker(world, { isOver: false }, () => true);
  /** Takes a step. → whether there was one */
  async function step(): Promise<boolean> {
    await settle();
    return [broker.deliver(), scheduler.run(() => true)].includes(true);
  }
  return { world, broker, step };
}

describePublisher(
  "the simulated broker of recording",
  async () => {
    const { world, broker, step } = openBroker();
    return {
      publish(text) {
        world.orders.set(Number(text), text);
        const events = [{ id: `order.recorded:${text}` }];
        const message = { exchange: "orders.events", routingKey: "order.recorded", contentType: "application/json" };
        const outcome = broker.publish({ ...message, body: Buffer.from(JSON.stringify(events)) });
        return outcome.finally(() => {
          world.isQueueFull = false;
        });
      },
      unconfirmed: broker.unconfirmed,
      close: broker.close,
      takeKept: async () => [...world.heardByFull].map((id) => id.replace("order.recorded:", "")),
      async settled(promise) {
        let isSettled = false;
        const settling = promise.finally(() => {
          isSettled = true;
        });
        while (!isSettled) if (!(await step())) vi.advanceTimersByTime(PASSING_MS);
        return await settling;
      },
      refuseNext() {
        world.isQueueFull = true;
      },
      lose() {
        world.fates.push("done_untold", "fails");
      },
    };
  },
  { hasUnroutable: false },
);

describeConsumer(
  "the simulated broker of recording",
  async () => {
    const { world, broker, step } = openBroker();
    return {
      async send(...texts) {
        for (const text of texts)
          world.queue.push({ body: Buffer.from(text), contentType: undefined, isAwaited: false, wasDelivered: false });
      },
      consume: broker.consume,
      async until(condition) {
        while (!condition()) if (!(await step()) && !condition()) throw new Error("nothing more happens");
      },
      async untilQuiet() {
        while (await step());
      },
      takeLeft: async () => world.queue.splice(0).map(({ body }) => String(body)),
      lose: broker.lose,
    };
  },
  { prefetch: PREFETCH },
);
