import { setTimeout as wait } from "node:timers/promises";
import { consumeWith } from "./consume-with.ts";

// A batch is over only when it is announced.
consumeWith({
  store: (store, { broker }) => ({
    ...store,
    async record(submissions, announced) {
      const recorded = await store.record(submissions, announced);
      const events = recorded.announcement.events.filter(({ type }) => type === "order.recorded");
      while ((await broker.announce(events)) !== "announced") await wait(100);
      return recorded;
    },
  }),
});
