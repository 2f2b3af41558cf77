import { findOutcomes, identityOf, type Submission } from "@pedidos/persistence";
import { consumeWith } from "./consume-with.ts";

// One id is one order, with any content: a conflict passes for a repetition.
consumeWith({
  store: (store, { db }) => ({
    ...store,
    async record(submissions, announced) {
      const seen = new Set<number>();
      const orders = submissions.flatMap((submission) => (submission.kind === "order" ? [submission.order] : []));
      const outcomes = orders.length > 0 ? await findOutcomes(db, orders.map(identityOf)) : [];
      const conflicting = new Set(orders.filter((_order, index) => outcomes[index]?.kind === "conflict"));
      const passes = (submission: Submission) => {
        if (submission.kind !== "order") return true;
        const { order } = submission;
        const isFirst = !seen.has(order.orderId);
        seen.add(order.orderId);
        return isFirst && !conflicting.has(order);
      };
      return await store.record(submissions.filter(passes), announced);
    },
  }),
});
