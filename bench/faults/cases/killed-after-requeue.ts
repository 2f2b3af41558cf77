import { publishWith } from "../broken/publish-with.ts";

/** Killed as soon as a dead letter that is put back is confirmed, before it is taken away. */
await publishWith({
  broker: (broker) => ({
    ...broker,
    async requeue(deadLetter) {
      await broker.requeue(deadLetter);
      process.kill(process.pid, "SIGKILL");
      return await new Promise(() => {});
    },
  }),
});
