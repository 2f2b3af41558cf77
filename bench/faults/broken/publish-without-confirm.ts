import { publishWith } from "./publish-with.ts";

// What was written to the broker's socket passes for kept.
await publishWith({
  publish: (publish) => (message) => {
    void publish(message);
    return Promise.resolve("confirmed");
  },
});
