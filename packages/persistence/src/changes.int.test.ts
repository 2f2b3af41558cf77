import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ChangePosition, comparePositions, startOf } from "./change-position.ts";
import { type Change, listChanges } from "./list-changes.ts";
import { anOrder, migratedDatabase, submitted } from "./migrated-database.ts";
import type { Db } from "./open-database.ts";
import { openHorizon, readTransactions } from "./open-horizon.ts";
import { recordOrders, type Submission } from "./record-orders.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox, spool restart identity`.execute(db);
});

const record = (...ids: number[]) =>
  recordOrders(
    db,
    ids.map((id) => submitted(anOrder(id))),
  );
const bad = (text: string): Submission => ({
  kind: "rejected",
  reason: "invalid_json",
  orderId: null,
  faults: [],
  source: "http",
  body: Buffer.from(text),
});
/** Other tests' transactions on the same server hold a horizon up too. */
const PATIENCE_MS = 20_000;
const horizon = () => openHorizon(() => readTransactions(db));
const nameOf = (change: Change) =>
  "recorded" in change ? `order ${change.recorded.orderId}` : `rejection ${change.rejected.rejectionId}`;

async function changes(limit: number, before: string, from: ChangePosition | null = null) {
  const all: Change[] = [];
  for (let after = from; ; ) {
    const page = await listChanges(db, { after, before, limit });
    if (page.length === 0) return all;
    all.push(...page);
    after = page.at(-1)?.position ?? after;
  }
}

/** Ends what a test that failed has left open. */
let open = async () => {};
afterEach(() => open());

/** Records an order in a transaction that stays open until `commit`, on a connection of its own. */
async function recordSlowly(orderId: number) {
  const inserted = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const done = db.transaction().execute(async (tx) => {
    // As a batch that has inserted and is not yet done.
    await sql`with stamp as materialized (
      select case when pg_current_xact_id() is not null then clock_timestamp() end as at
    ) insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
      select ${orderId}::bigint, 1, at, 1, 1, '[]' from stamp`.execute(tx);
    inserted.resolve();
    await held.promise;
  });
  await Promise.race([inserted.promise, done]);
  open = async () => {
    held.resolve();
    await done;
  };
  return {
    commit: open,
  };
}

describe("the feed of changes", () => {
  test.each([1, 2, 3, 100])("in pages of %i has every order and rejection once, oldest first", async (limit) => {
    await record(3, 1);
    await recordOrders(db, [bad("a"), submitted(anOrder(2)), submitted(anOrder(1, 9))]);
    await recordOrders(db, [bad("b"), bad("a")]);
    await record(4);
    const all = await changes(limit, await horizon()(PATIENCE_MS));
    expect(all.map(nameOf)).toEqual(["order 3", "order 1", "order 2", ...all.slice(3, 6).map(nameOf), "order 4"]);
    expect(all.slice(3, 6).map(nameOf).sort()).toEqual(["rejection 1", "rejection 2", "rejection 3"]);
    expect(all.map((one) => one.position).toSorted(comparePositions)).toEqual(all.map((one) => one.position));
    expect(all[0]).toMatchObject({ recorded: { orderId: 3, customerId: 1, total: "3.00", itemCount: 1 } });
    expect(all[3]).toMatchObject({ rejected: { rejectionId: expect.any(Number), firstSeenAt: expect.any(String) } });
  });

  test("of one time has orders before rejections, and a page may end between them", async () => {
    await record(1, 2);
    await recordOrders(db, [bad("a"), bad("b")]);
    await sql`update orders set recorded_at = '2026-01-01T00:00:00.5Z'`.execute(db);
    await sql`update rejections set first_seen_at = '2026-01-01T00:00:00.5Z'`.execute(db);
    const names = (await changes(1, await horizon()())).map(nameOf);
    expect(names).toEqual(["order 1", "order 2", "rejection 1", "rejection 2"]);
  });

  test("holds back what is later than a transaction that is under way, and then has both in order", async () => {
    const read = horizon();
    await record(1);
    await read(PATIENCE_MS);
    const slow = await recordSlowly(2);
    await record(3);
    expect((await changes(10, await read(100))).map(nameOf)).toEqual(["order 1"]);
    await slow.commit();
    expect((await changes(10, await read(PATIENCE_MS))).map(nameOf)).toEqual(["order 1", "order 2", "order 3"]);
  });

  test("whose horizon is fresh where a transaction is under way waits for that one, however busy it is", async () => {
    const slow = await recordSlowly(1);
    // Transactions that are under way take ids above the last finished one: its snapshot's xmax says nothing of them.
    const next = (await readTransactions(db)).next;
    expect(next).toBeGreaterThan((await readTransactions(db)).oldest);
    const asked = horizon()(PATIENCE_MS);
    await record(2);
    await slow.commit();
    expect((await changes(10, await asked)).map(nameOf)).toContain("order 1");
  });

  test("is two walks on indexes, not sorts of a table", async () => {
    await record(...Array.from({ length: 2_000 }, (_, index) => index + 1));
    await recordOrders(
      db,
      Array.from({ length: 500 }, (_, index) => bad(`${index}`)),
    );
    await sql`analyze orders, rejections`.execute(db);
    const plan = async (table: string, number: string, time: string) => {
      const { rows } = await sql<{ "QUERY PLAN": string }>`explain select * from ${sql.raw(table)}
        where (${sql.raw(`${time}, ${number}`)}) > (now() - interval '1 h', 5) and ${sql.raw(time)} < now()
        order by ${sql.raw(`${time}, ${number}`)} limit 50`.execute(db);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    for (const text of [
      await plan("orders", "seq", "recorded_at"),
      await plan("rejections", "rejection_id", "first_seen_at"),
    ])
      expect(text).toMatch(/Limit.*\n.*Index Scan/);
  });
});

describe("a horizon", () => {
  const at = (second: number) => `2026-11-24T12:00:${String(second).padStart(2, "0")}.5Z`;
  const settled = "2026-11-24T11:59:00Z";

  test("is a moment once nothing that had begun by then is under way, and never goes back", async () => {
    const readings = [
      { at: at(1), oldest: 5, next: 9, settled },
      { at: at(2), oldest: 8, next: 20, settled },
      { at: at(3), oldest: 9, next: 21, settled },
      { at: at(4), oldest: 20, next: 21, settled },
      { at: at(5), oldest: 21, next: 21, settled },
      { at: at(6), oldest: 21, next: 30, settled: at(5) },
    ];
    const read = openHorizon(async () => readings.shift() ?? Promise.reject(new Error("none left")));
    const seen: string[] = [];
    while (readings.length > 0) seen.push(await read());
    expect(seen).toEqual([settled, settled, at(1), at(2), at(5), at(5)]);
  });

  test("is a minute ago where a transaction is under way for longer", async () => {
    const read = openHorizon(async () => ({ at: at(30), oldest: 1, next: 9, settled: at(0) }));
    expect(await read(30)).toBe(at(0));
  });
});

test("times without a fraction, and with a short one, are compared as times", () => {
  const order = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T00:00:00.25Z",
    "2026-01-01T00:00:01Z",
  ];
  expect(
    order
      .map(startOf)
      .toSorted(comparePositions)
      .map(({ time }) => time),
  ).toEqual(order);
});
