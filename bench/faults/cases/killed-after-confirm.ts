import { publishWith } from "../broken/publish-with.ts";

/** Killed as soon as the broker has confirmed an order, and before anybody is answered. */
await publishWith({
  publish: (publish) => async (message) => {
    const outcome = await publish(message);
    process.kill(process.pid, "SIGKILL");
    return outcome;
  },
});
