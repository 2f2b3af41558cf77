import { freshDatabase, startPgbouncer } from "@pedidos/testing";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { listOrders } from "../orders/list-orders.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { migrate } from "../schema/migrate.ts";
import { spoolClaimed } from "../spool/spool-orders.ts";
import { anOrder, differingCustomers, SQL_DIRECTORY, submitted } from "../testing/migrated-database.ts";
import { openDatabase } from "./open-database.ts";
import type { Db } from "./statements.ts";

/** A database with the schema, behind a pooler that shares out three sessions of the server. */
async function pooled(poolMode: "session" | "transaction" | "statement", defaults: readonly string[] = []) {
  const { url, drop } = await freshDatabase();
  onTestFinished(() => drop());
  await migrate({ connectionString: url, directory: SQL_DIRECTORY });
  const direct = open(url);
  for (const setting of defaults)
    await sql`alter database ${sql.id(new URL(url).pathname.slice(1))} set ${sql.raw(setting)}`.execute(direct);
  const pooler = await startPgbouncer({ databaseUrl: url, poolMode });
  onTestFinished(() => pooler.remove());
  return { direct, url: pooler.url };
}

function open(connectionString: string, maxConnections = 12): Db {
  const db = openDatabase({ connectionString, applicationName: "test", maxConnections });
  onTestFinished(() => db.destroy());
  return db;
}

/** Leaves in as many of the server's sessions as it gets hold of what would make orders wrong, or fail. */
async function disturb(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  for (let i = 0; i < 50; i++)
    await client.query(
      "set timezone = 'America/Sao_Paulo'; set array_nulls = off; set lock_timeout = 1; set synchronous_commit = off",
    );
  await client.end();
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Records orders in batches of five, all at once; every third batch comes from the spool. */
async function recordConcurrently(db: Db, ids: readonly number[]) {
  const batches = range(1, ids.length / 5).map((i) => ids.slice(i * 5 - 5, i * 5));
  const recorded = batches.map(async (batch, index) => {
    const orders = batch.map((id) => anOrder(id, (id % 7) + 1));
    const spooled =
      index % 3 > 0
        ? []
        : await spoolClaimed(
            db,
            orders.map((order) => ({ source: "http", body: Buffer.from(JSON.stringify(order)) })),
          );
    return await recordOrders(
      db,
      orders.map((order, i) => submitted(order, spooled[i]?.spoolId)),
    );
  });
  return (await Promise.all(recorded)).flatMap(({ outcomes }) => outcomes);
}

test.each(["transaction", "session"] as const)(
  "behind PgBouncer in %s mode concurrent batches are recorded, with anything that others leave in a session",
  async (poolMode) => {
    const { direct, url } = await pooled(poolMode);
    const db = open(url, poolMode === "session" ? 2 : 12);
    const [outcomes] = await Promise.all([recordConcurrently(db, range(1, 300)), disturb(url)]);
    expect(new Set(outcomes)).toEqual(new Set(["recorded"]));
    expect(new Set(await recordConcurrently(db, range(1, 50)))).toEqual(new Set(["duplicate"]));
    const { rows } = await sql`select
      (select count(*) from orders) as orders, (select count(*) from rejections) as rejections,
      (select count(*) from spool) as spooled`.execute(direct);
    expect(rows).toEqual([{ orders: 300, rejections: 0, spooled: 0 }]);
    expect(await differingCustomers(direct)).toEqual([]);
    expect(await listOrders(db, { limit: 200 })).toEqual(await listOrders(direct, { limit: 200 }));
  },
);

test("behind a pooler a statement has our settings, its error is its own, and nothing of ours stays in the session", async () => {
  const { url } = await pooled("transaction", [
    "default_transaction_isolation = serializable",
    "synchronous_commit = off",
    "statement_timeout = 100",
  ]);
  const db = open(url);
  const stranger = new pg.Client({ connectionString: url });
  await stranger.connect();
  onTestFinished(() => stranger.end());
  const settings = `select current_setting('transaction_isolation') as isolation, current_setting('timezone') as zone,
    current_setting('array_nulls') as nulls, current_setting('synchronous_commit') as commits`;
  const before = await stranger.query(settings);
  const ours = { isolation: "read committed", zone: "UTC", nulls: "on", commits: "on" };
  expect((await sql.raw(settings).execute(db)).rows).toEqual([ours]);
  expect((await db.transaction().execute((tx) => sql.raw(settings).execute(tx))).rows).toEqual([ours]);
  await expect(sql`select 1 / 0`.execute(db)).rejects.toMatchObject({ code: "22012" });
  await expect(db.transaction().execute((tx) => sql`select 1 / 0`.execute(tx))).rejects.toMatchObject({
    code: "22012",
  });
  expect((await sql.raw(settings).execute(db)).rows).toEqual([ours]);
  expect((await stranger.query(settings)).rows).toEqual(before.rows);
  expect(before.rows).toMatchObject([{ isolation: "serializable", commits: "off" }]);
});

test("a pooler that gives each statement another session is refused with its own words", async () => {
  const { url } = await pooled("statement");
  await expect(sql`select 1`.execute(open(url))).rejects.toThrow("transaction blocks not allowed in statement pooling");
});
