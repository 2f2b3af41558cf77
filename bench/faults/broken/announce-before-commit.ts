import { setTimeout as wait } from "node:timers/promises";
import { identityOf } from "@pedidos/persistence";
import { consumeWith } from "./consume-with.ts";

// Announced as soon as it is read, as if the commit could not fail.
consumeWith({
  store: (store, { broker }) => ({
    ...store,
    async record(submissions, announced) {
      const recordedAt = new Date().toISOString();
      const recorded = submissions.flatMap((submission) => {
        if (submission.kind !== "order") return [];
        const { order } = submission;
        const { orderId, customerId, totalUnits } = identityOf(order);
        return [{ orderId, customerId, total: String(totalUnits), itemCount: order.items.length, recordedAt }];
      });
      await broker.announce({ recorded, rejected: [] });
      await wait(20);
      return await store.record(submissions, announced);
    },
  }),
});
