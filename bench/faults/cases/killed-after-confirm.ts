import { publishWith } from "../broken/publish-with.ts";

/** Killed as soon as the broker has confirmed an order, and before anybody is answered. */
await publishWith({
  broker: (broker) => ({
    ...broker,
    async publish(orders) {
      const outcome = await broker.publish(orders);
      process.kill(process.pid, "SIGKILL");
      return outcome;
    },
  }),
});
