import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deleteAnnounced } from "./delete-announced.ts";
import { anOrder, migratedDatabase, submitted } from "./migrated-database.ts";
import type { Db } from "./open-database.ts";
import { recordOrders } from "./record-orders.ts";
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

const byId = (a: { orderId: number | null }, b: { orderId: number | null }) => (a.orderId ?? 0) - (b.orderId ?? 0);

test("a sweep announces what the commit told, built anew from the tables", async () => {
  const { announcement } = await recordOrders(db, [
    submitted(anOrder(2)),
    submitted(anOrder(1, 9, [[3, "0.335"]])),
    submitted(anOrder(2, 5)),
  ]);
  const swept: Announcement[] = [];
  const announce = async (a: Announcement) => swept.push(a) > 0;
  while (await sweepOutbox(db, { olderThanMs: 0 }, announce));
  const all = (pick: (a: Announcement) => readonly { orderId: number | null }[]) => swept.flatMap(pick).sort(byId);
  expect(all((a) => a.recorded)).toEqual(announcement.recorded.toSorted(byId));
  expect(all((a) => a.rejected)).toEqual(announcement.rejected);
  expect(swept.flatMap((a) => a.outboxIds).sort()).toEqual(announcement.outboxIds.toSorted());
});

test("what the broker does not confirm stays for the next sweep", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  expect(await sweepOutbox(db, { olderThanMs: 0 }, async () => false)).toBe(false);
  expect(await sweepOutbox(db, { olderThanMs: 0 }, async () => true)).toBe(true);
  expect(await sweepOutbox(db, { olderThanMs: 0 }, async () => true)).toBe(false);
});

test("a sweep leaves young rows, and rows that another sweep holds", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  expect(await sweepOutbox(db, { olderThanMs: 60_000 }, async () => true)).toBe(false);
  let inner: boolean | undefined;
  await sweepOutbox(db, { olderThanMs: 0 }, async () => {
    inner = await sweepOutbox(db, { olderThanMs: 0 }, async () => true);
    return true;
  });
  expect(inner).toBe(false);
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
