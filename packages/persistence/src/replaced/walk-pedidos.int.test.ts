import type { KyselyPlugin } from "kysely";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { migratedDatabase } from "../testing/migrated-database.ts";
import { MOST_READ, walkPedidos } from "./walk-pedidos.ts";

const MANY = 5 * MOST_READ + 1;
let database: Awaited<ReturnType<typeof migratedDatabase>>;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  db = database.db;
});
afterAll(() => database.drop());

/** Orders of a customer, ids and `seq` from `first` on; `at` says when each was recorded, by `seq`. */
async function fill(customerId: number, count: number, at: string, first = 1): Promise<void> {
  await sql`
    insert into orders (order_id, customer_id, seq, recorded_at, item_count, total, items)
    select ${customerId} * 1000000 + seq, ${customerId}, seq, ${sql.raw(at)}, 0, seq, '[]'
    from generate_series(${first}::bigint, ${first + count - 1}) as seq`.execute(db);
}

async function walk(customerId: number, on: Db = db): Promise<number[]> {
  const ids: number[] = [];
  for await (const page of walkPedidos(on, customerId)) ids.push(...page.map(({ id }) => id));
  return ids;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test.each([
  ["in the order of their ids", "timestamptz '2026-01-01' + seq * interval '1 ms'"],
  [
    "by transactions that overlap",
    "timestamptz '2026-01-01' + (seq * 37 % 5000 + seq / 1000 * 1000) * interval '1 ms'",
  ],
  ["all at once", "timestamptz '2026-01-01'"],
  ["in no order, as taken over", "timestamptz '2000-01-01' + (seq::bigint * 7919 % 50021) * interval '1 day'"],
])("recorded %s, all are listed by id, and no query gives more than a part of them", async (_, at) => {
  await sql`truncate orders`.execute(db);
  await fill(7, MANY, at);
  await fill(8, 5, at, MANY + 1);
  let largest = 0;
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const values = result.rows.flatMap((row) => Object.values(row)).flat().length;
      largest = Math.max(largest, values);
      return result;
    },
  };
  expect(await walk(7, db.withPlugin(counting))).toEqual(upTo(MANY));
  // Rows of five columns.
  expect(largest).toBeLessThanOrEqual(5 * MOST_READ);
  expect(await walk(8)).toHaveLength(5);
  expect(await walk(9)).toEqual([]);
});

test("none twice and none missing while orders arrive, also those whose transactions began before", async () => {
  await sql`truncate orders`.execute(db);
  const at = "timestamptz '2026-01-01' + seq * interval '1 ms'";
  await fill(7, 5_000, at, 1);
  await fill(7, 5_000, at, 7_001);
  const listed: number[] = [];
  for await (const page of walkPedidos(db, 7)) {
    // Of each kind: within the range of pages to come, and beyond all.
    if (listed.length === 0) await fill(7, 2_000, at, 5_001);
    if (listed.length < 3_000) await fill(7, 100, at, 20_001 + listed.length);
    listed.push(...page.map(({ id }) => id));
  }
  expect(listed).toEqual([...new Set(listed)].sort((a, b) => a - b));
  const before = [...upTo(5_000), ...upTo(5_000).map((id) => id + 7_000)];
  const found = new Set(listed);
  expect(before.filter((id) => !found.has(id))).toEqual([]);
});
