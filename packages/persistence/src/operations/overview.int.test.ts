import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { countChanges } from "../changes/list-changes.ts";
import type { Db } from "../connection/statements.ts";
import { findRecordingTimes } from "../orders/find-recording-times.ts";
import { recordOrders, type Submission } from "../recording/record-orders.ts";
import { countOpenRejections } from "../rejections/count-open-rejections.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox restart identity`.execute(db);
});

const rejected = (orderId: number): Submission => ({
  kind: "rejected",
  source: "http",
  body: Buffer.from(`${orderId}`),
  reason: "invalid_order",
  orderId,
  faults: [{ pointer: "", detail: "is bad" }],
});
const now = async () => {
  const { rows } = await sql<{ at: string }>`select clock_timestamp() as at`.execute(db);
  return rows[0]?.at ?? "";
};

test("what was recorded and rejected in a period is counted, its end left out", async () => {
  const from = await now();
  await recordOrders(db, [submitted(anOrder(1)), submitted(anOrder(2)), rejected(3)]);
  const before = await now();
  await recordOrders(db, [submitted(anOrder(4))]);
  expect(await countChanges(db, { from, before })).toEqual({ recorded: 2, rejected: 1 });
  expect(await countChanges(db, { from: before, before: await now() })).toEqual({ recorded: 1, rejected: 0 });
  expect(await countChanges(db, { from, before: from })).toEqual({ recorded: 0, rejected: 0 });
});

test("counting reads nothing but the end of two indexes", async () => {
  const { rows } = await sql<{ "QUERY PLAN": string }>`
    explain select count(*) from (
      select from orders where recorded_at >= now() - interval '5 s' and recorded_at < now() limit 200000
    ) t
  `.execute(db);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("orders_by_recording");
});

test("open rejections are counted, the new ones and their conflicts apart, by the ends of indexes", async () => {
  expect(await countOpenRejections(db)).toEqual({ open: 0, fresh: 0, conflicts: 0 });
  await recordOrders(db, [rejected(1), rejected(2), rejected(3), submitted(anOrder(4))]);
  await recordOrders(db, [submitted(anOrder(4, 99))]);
  await sql`update rejections set status = 'discarded' where order_id = 1`.execute(db);
  await sql`update rejections set first_seen_at = now() - interval '2 days' where order_id = 2`.execute(db);
  expect(await countOpenRejections(db)).toEqual({ open: 3, fresh: 2, conflicts: 1 });
});

test("open rejections are listed and counted by an index of their own", async () => {
  const { rows } = await sql<{ "QUERY PLAN": string }>`
    explain select reason, source, first_seen_at from rejections where status = 'open'
    order by first_seen_at desc, rejection_id desc limit 10
  `.execute(db);
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("rejections_open_newest");
});

test("of the requested orders, the recorded and the rejected are reported, others are left out", async () => {
  await recordOrders(db, [submitted(anOrder(1)), rejected(2)]);
  const { at, settled } = await findRecordingTimes(db, [1, 2, 3]);
  expect(settled.toSorted((a, b) => a.orderId - b.orderId)).toEqual([
    { orderId: 1, recordedAt: expect.any(String) },
    { orderId: 2, recordedAt: null },
  ]);
  expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(settled.find((s) => s.orderId === 1)?.recordedAt ?? ""));
  expect((await findRecordingTimes(db, [9])).settled).toEqual([]);
});
