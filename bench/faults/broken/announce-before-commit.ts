import { setTimeout as wait } from "node:timers/promises";
import { recordedEvent } from "@pedidos/contract";
import { identityOf } from "@pedidos/persistence";
import { consumeWith } from "./consume-with.ts";

// Announced as soon as it is read, as if the commit could not fail.
consumeWith({
  store: (store, { broker }) => ({
    ...store,
    async record(submissions, announced) {
      const recordedAt = new Date().toISOString();
      const events = submissions.flatMap((submission) => {
        if (submission.kind !== "order") return [];
        const { order } = submission;
        const { orderId, customerId, totalUnits } = identityOf(order);
        const itemCount = order.items.length;
        return [recordedEvent({ orderId, customerId, total: String(totalUnits), itemCount, recordedAt })];
      });
      await broker.announce(events);
      await wait(20);
      return await store.record(submissions, announced);
    },
  }),
});
