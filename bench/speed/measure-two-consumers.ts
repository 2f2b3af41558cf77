import { query } from "../harness/query.ts";
import { inRounds, type Section } from "./bench.ts";
import { type Drain, drain } from "./measure-draining.ts";

/** Two consumers beside one; and both where all orders are of one customer, whose sums every batch changes. */
export const twoConsumers: Section = {
  name: "two consumers",
  async measure(bench) {
    const count = bench.form.drained.gathered;
    const deadlocks: number[] = [];
    async function drainByTwo(options: Pick<Drain, "customers" | "notes">): Promise<number> {
      const databaseUrl = await bench.testbed.freshDatabase();
      const rate = await drain(bench, { count, ordersEach: 64, consumers: 2, databaseUrl, ...options });
      deadlocks.push(await countDeadlocks(databaseUrl));
      return rate;
    }
    const notes: Record<"one" | "two", string[]> = { one: [], two: [] };
    const rounds = await inRounds(bench, "two consumers beside one", async () => ({
      one: await drain(bench, { count, ordersEach: 64, notes: notes.one }),
      two: await drainByTwo({ notes: notes.two }),
      oneOfOne: await drain(bench, { count, ordersEach: 64, customers: 1 }),
      twoOfOne: await drainByTwo({ customers: 1 }),
    }));
    const of = (name: keyof (typeof rounds)[number]) => rounds.map((round) => round[name]);
    return [
      {
        name: "drain by two consumers",
        unit: "orders/s",
        values: of("two"),
        baseline: { name: "by one", values: of("one") },
        target: { atLeast: 1 },
        note: `${deadlocks.reduce((sum, some) => sum + some, 0)} deadlocks in ${deadlocks.length} drains by two; ${notes.two[0]}; by one ${notes.one[0]}`,
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

/** Since the database was made; consumers have ended, so that all they counted is reported. */
async function countDeadlocks(databaseUrl: string): Promise<number> {
  const [row] = await query<{ deadlocks: string }>(
    databaseUrl,
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return Number(row?.deadlocks);
}
