import { inRounds, type Section } from "./bench.ts";
import { drain } from "./measure-draining.ts";

/** Two consumers beside one. */
export const twoConsumers: Section = {
  name: "two consumers",
  async measure(bench) {
    const count = bench.form.drained.gathered;
    const rounds = await inRounds(bench, "two consumers beside one", async () => ({
      one: await drain(bench, { count, ordersEach: 64 }),
      two: await drain(bench, { count, ordersEach: 64, consumers: 2 }),
    }));
    return [
      {
        name: "drain by two consumers",
        unit: "orders/s",
        values: rounds.map(({ two }) => two),
        baseline: { name: "by one", values: rounds.map(({ one }) => one) },
        target: { atLeast: 1 },
      },
    ];
  },
};
