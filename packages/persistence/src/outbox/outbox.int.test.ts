import type { CloudEvent } from "@pedidos/contract";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { anOrder, dataOf, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { deleteAnnounced, postponeRefused } from "./outbox-rows.ts";
import { type Announcement, sweepOutbox } from "./sweep-outbox.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox`.execute(db);
});

test("a sweep announces what the commit named, built again from the tables", async () => {
  const { announcement } = await recordOrders(db, [
    submitted(anOrder(2)),
    submitted(anOrder(1, 9, [[3, "0.335"]])),
    submitted(anOrder(2, 5)),
  ]);
  const swept: Announcement[] = [];
  const announce = async (a: Announcement) => {
    swept.push(a);
    return "announced" as const;
  };
  expect(await sweepOutbox(db, { of: { olderThanMs: 0 }, most: 10 }, announce)).toHaveLength(2);
  const byId = (a: CloudEvent, b: CloudEvent) => a.id.localeCompare(b.id);
  expect(swept.flatMap(({ events }) => events).sort(byId)).toEqual(announcement.events.toSorted(byId));
  expect(swept.flatMap((a) => a.outboxIds).sort()).toEqual(announcement.outboxIds.toSorted());
});

const untried = { of: { olderThanMs: 0 }, most: 10 } as const;
const due = { of: "due", most: 1 } as const;
const forTheirTurn = () => sql`update outbox set next_attempt_at = now() where next_attempt_at is not null`.execute(db);
const rowsLeft = async () => (await sql<{ attempts: number }>`select attempts from outbox`.execute(db)).rows;

test("what the broker does not confirm stays for the next sweep, and counts as no attempt", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  expect(await sweepOutbox(db, untried, async () => "unavailable")).toMatchObject([{ outcome: "unavailable" }]);
  expect(await rowsLeft()).toEqual([{ attempts: 0 }]);
  expect(await sweepOutbox(db, untried, async () => "announced")).toMatchObject([{ outcome: "announced" }]);
  expect(await sweepOutbox(db, untried, async () => "announced")).toEqual([]);
});

test("a refused row waits twice as long after each attempt, up to an hour, and delays nothing behind it", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    const [swept] = await sweepOutbox(db, attempt === 0 ? untried : due, async () => "refused");
    expect(swept).toMatchObject({ outcome: "refused" });
    expect(await sweepOutbox(db, due, async () => "announced")).toEqual([]);
    const { rows } = await sql<{ pause: number }>`
      select extract(epoch from next_attempt_at - now())::float8 as pause from outbox
    `.execute(db);
    pauses.push(rows[0]?.pause ?? 0);
    await forTheirTurn();
  }
  const expected = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600, 3_600];
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeLessThanOrEqual(expected[index] ?? 0);
    expect(pause).toBeGreaterThan((expected[index] ?? 0) - 10);
  }
  await recordOrders(db, [submitted(anOrder(2))]);
  expect(await sweepOutbox(db, untried, async () => "announced")).toHaveLength(1);
});

test("what was refused from memory is no row that nobody has attempted", async () => {
  const { announcement } = await recordOrders(db, [submitted(anOrder(1))]);
  await postponeRefused(db, announcement.outboxIds);
  await postponeRefused(db, announcement.outboxIds);
  expect(await rowsLeft()).toEqual([{ attempts: 1 }]);
  expect(await sweepOutbox(db, untried, async () => "announced")).toEqual([]);
  await forTheirTurn();
  expect(await sweepOutbox(db, due, async () => "announced")).toHaveLength(1);
});

test("a sweep leaves young rows, and rows that another sweep has claimed; recording waits for none", async () => {
  const { announcement } = await recordOrders(db, [submitted(anOrder(1))]);
  expect(await sweepOutbox(db, { of: { olderThanMs: 60_000 }, most: 10 }, async () => "announced")).toEqual([]);
  let [inTransaction, inner]: unknown[] = [];
  await sweepOutbox(db, untried, async () => {
    ({ rows: inTransaction } = await sql`
      select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
    `.execute(db));
    inner = await sweepOutbox(db, untried, async () => "announced");
    await recordOrders(db, [submitted(anOrder(2))], { announced: announcement.outboxIds });
    return "refused";
  });
  expect([inTransaction, inner]).toEqual([[], []]);
  expect(await rowsLeft()).toEqual([{ attempts: 0 }]);
});

test("an order whose event can't be built stays in its row alone", async () => {
  await recordOrders(db, [submitted(anOrder(1)), submitted(anOrder(2))]);
  await sql`update orders set total = 'NaN' where order_id = 2`.execute(db);
  const announced: number[] = [];
  const [swept] = await sweepOutbox(db, untried, async ({ events }) => {
    announced.push(...dataOf(events).recorded.map(({ orderId }) => orderId));
    return "announced";
  });
  expect([swept?.outcome, announced]).toEqual(["unreadable", [1]]);
  const { rows } = await sql`select order_ids, attempts, next_attempt_at > now() as waits from outbox`.execute(db);
  expect(rows).toEqual([{ order_ids: [2], attempts: 1, waits: true }]);
});

test("a database that lets nobody read the orders costs no row an attempt", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  await sql`alter table orders rename to away`.execute(db);
  try {
    await expect(sweepOutbox(db, untried, async () => "announced")).rejects.toThrow("orders");
  } finally {
    await sql`alter table away rename to orders`.execute(db);
  }
  expect(await rowsLeft()).toEqual([{ attempts: 0 }]);
});

test("taking away what is announced never reads all that a broker's outage has left", async () => {
  await sql`insert into outbox (order_ids) select array[n] from generate_series(1, 2000) n`.execute(db);
  const { rows: ids } = await sql<{ outbox_id: number }>`select outbox_id from outbox limit 3`.execute(db);
  await db.transaction().execute(async (tx) => {
    // As the recording statement, which is prepared, has it after its first few runs.
    await sql`set local plan_cache_mode = force_generic_plan`.execute(tx);
    const scans = sql`select seq_scan from pg_stat_xact_user_tables where relname = 'outbox'`;
    const { rows: before } = await scans.execute(tx);
    await deleteAnnounced(
      tx,
      ids.map((row) => row.outbox_id),
    );
    expect((await scans.execute(tx)).rows).toEqual(before);
  });
  expect(await sql`select count(*)::integer as left from outbox`.execute(db)).toMatchObject({ rows: [{ left: 1997 }] });
});
