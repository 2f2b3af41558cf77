import { publishWith } from "../broken/publish-with.ts";

/** Killed as soon as a dead letter that is put back is confirmed, before it is taken away. */
await publishWith({
  requeue: (publish) => async (message) => {
    await publish(message);
    process.kill(process.pid, "SIGKILL");
    return await new Promise(() => {});
  },
});
