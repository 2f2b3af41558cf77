import { type Postgres, startPostgres } from "@pedidos/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openDatabase } from "../connection/open-database.ts";
import type { Db } from "../connection/statements.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { stamp } from "../recording/stamp.ts";
import { migrate } from "../schema/migrate.ts";
import { anOrder, SQL_DIRECTORY, submitted } from "../testing/migrated-database.ts";
import { listChanges, startOf } from "./list-changes.ts";
import { openHorizon, readTransactions } from "./open-horizon.ts";

let server: Postgres;
let db: Db;
beforeAll(async () => {
  server = await startPostgres();
  await migrate({ connectionString: server.url, directory: SQL_DIRECTORY });
  db = openDatabase({ connectionString: server.url, applicationName: "test" });
});
afterAll(async () => {
  await db.destroy();
  await server.remove();
});

async function requireStandby(name: string) {
  await sql`alter system set synchronous_standby_names = ${sql.lit(name)}`.execute(db);
  await sql`select pg_reload_conf()`.execute(db);
  await vi.waitFor(async () => {
    const { rows } = await sql<{ is: string }>`select current_setting('synchronous_standby_names') as is`.execute(db);
    expect(rows[0]?.is).toBe(name);
  }, 20_000);
}

const stalled = async () => {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity where wait_event = 'SyncRep'`.execute(
    db,
  );
  return rows.map(({ pid }) => pid);
};

test("a commit that waits for a standby, and whose client is long gone, is given by the feed when it ends", async () => {
  const horizon = openHorizon(() => readTransactions(db));
  const read = async (after: string, before: string | null) =>
    (await listChanges(db, { after: startOf(after), before: before ?? "-infinity", limit: 10 })).map(
      ({ event: { type, data } }) => (type === "order.recorded" ? data.orderId : null),
    );
  await recordOrders(db, [submitted(anOrder(1))]);
  const first = (await horizon(20_000)) ?? "";
  await requireStandby("nobody");

  const consumer = openDatabase({ connectionString: server.url, applicationName: "consumer", timeoutMs: 500 });
  await expect(recordOrders(consumer, [submitted(anOrder(2))])).rejects.toThrow();
  await consumer.destroy();
  expect(await stalled()).toHaveLength(1);
  // Another transaction that needs no standby.
  await db.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = 'local'`.execute(tx);
    await sql`insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
      select 3, 1, ${stamp}, 1, 1, '[]'`.execute(tx);
  });
  const held = (await horizon(100)) ?? "";
  expect(await read(first, held)).toEqual([]);

  await requireStandby("");
  await vi.waitFor(async () => expect(await stalled()).toEqual([]), 20_000);
  expect(await read(held, await horizon(20_000))).toEqual([2, 3]);
});
