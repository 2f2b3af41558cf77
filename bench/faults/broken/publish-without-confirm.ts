import { publishWith } from "./publish-with.ts";

// What was written to the broker's socket passes for kept.
await publishWith({
  broker: (broker) => ({
    ...broker,
    async publish(orders) {
      void broker.publish(orders);
      return "confirmed";
    },
  }),
});
