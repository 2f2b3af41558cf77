import { query } from "../harness/query.ts";
import { measureSqlFloor } from "./baselines/sql-floor.ts";
import type { Section } from "./bench.ts";
import { drain } from "./measure-draining.ts";

const ORDERS = 20_000;

/** What an order of two items weighs on disk and in the WAL, beside bare tables with a row for each item. */
export const bytes: Section = {
  name: "bytes",
  async measure(bench) {
    const { testbed } = bench;
    bench.log("bytes");
    const [ours, bare] = [await testbed.freshDatabase(), await testbed.freshDatabase()];
    const ourWal = await walOf(testbed.postgres.url, () =>
      drain(bench, { count: ORDERS, ordersEach: 64, databaseUrl: ours }),
    );
    const bareWal = await walOf(testbed.postgres.url, () =>
      measureSqlFloor(bare, testbed.takeIds(ORDERS * 2), ORDERS, 1),
    );
    const figure = (name: string, value: number, baseline: number) => ({
      name,
      unit: "bytes an order",
      values: [value / ORDERS],
      baseline: { name: "bare tables, an item a row", values: [baseline / ORDERS] },
    });
    return [
      figure(
        "on disk, orders and their indexes",
        await sizeOf(ours, ["orders"]),
        await sizeOf(bare, ["floor_orders", "floor_order_items"]),
      ),
      figure("in the WAL, all that recording writes", ourWal, bareWal),
    ];
  },
};

async function walOf(url: string, work: () => Promise<unknown>): Promise<number> {
  await query(url, "checkpoint");
  const [before] = await query<{ lsn: string }>(url, "select pg_current_wal_lsn() as lsn");
  await work();
  const [after] = await query<{ bytes: string }>(url, "select pg_current_wal_lsn() - $1::pg_lsn as bytes", [
    before?.lsn,
  ]);
  return Number(after?.bytes);
}

async function sizeOf(url: string, tables: readonly string[]): Promise<number> {
  const [row] = await query<{ bytes: string }>(
    url,
    "select sum(pg_total_relation_size(name::regclass)) as bytes from unnest($1::text[]) as name",
    [tables],
  );
  return Number(row?.bytes);
}
