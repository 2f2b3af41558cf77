import { setTimeout as wait } from "node:timers/promises";
import { eventMessages } from "@pedidos/messaging";
import { consumeWith } from "./consume-with.ts";

// A batch is over only when it is announced.
consumeWith({
  store: (store, { publisher }) => ({
    ...store,
    async record(submissions, announced) {
      const recorded = await store.record(submissions, announced);
      for (const message of eventMessages(recorded.announcement.recorded, []))
        while ((await publisher.publish(message)) !== "confirmed") await wait(100);
      return recorded;
    },
  }),
});
