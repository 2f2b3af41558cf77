import { inRounds, type Section } from "./bench.ts";
import { drain } from "./measure-draining.ts";

/** Two consumers beside one; and both where all orders are of one customer, whose sums every batch changes. */
export const twoConsumers: Section = {
  name: "two consumers",
  async measure(bench) {
    const count = bench.form.drained.gathered;
    const notes: Record<"one" | "two", string[]> = { one: [], two: [] };
    const rounds = await inRounds(bench, "two consumers beside one", async () => ({
      one: await drain(bench, { count, ordersEach: 64, notes: notes.one }),
      two: await drain(bench, { count, ordersEach: 64, consumers: 2, notes: notes.two }),
      oneOfOne: await drain(bench, { count, ordersEach: 64, customers: 1 }),
      twoOfOne: await drain(bench, { count, ordersEach: 64, customers: 1, consumers: 2 }),
    }));
    const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
    return [
      {
        name: "drain by two consumers",
        unit: "orders/s",
        values: of("two"),
        baseline: { name: "by one", values: of("one") },
        target: { atLeast: 1 },
        note: `${notes.two[0]}; by one ${notes.one[0]}`,
      },
      {
        name: "drain of one customer's orders",
        unit: "orders/s",
        values: of("oneOfOne"),
        baseline: { name: "of 10000 customers'", values: of("one") },
      },
      {
        name: "drain of one customer's orders by two consumers",
        unit: "orders/s",
        values: of("twoOfOne"),
        baseline: { name: "by one", values: of("oneOfOne") },
      },
    ];
  },
};
