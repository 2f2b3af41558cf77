import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { deferSubmissions } from "../spool/defer-submissions.ts";
import { spoolOrders } from "../spool/spool-orders.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { traceOrder } from "./trace-order.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox, spool restart identity`.execute(db);
});

const conflict = (times: number, customerId = 2) =>
  recordOrders(
    db,
    Array.from({ length: times }, (_, index) => submitted(anOrder(1, customerId + index))),
  );

test("a recorded order: its batch, its conflicts, and whether it is announced", async () => {
  const { announcement } = await recordOrders(db, [submitted(anOrder(1)), submitted(anOrder(2))]);
  await recordOrders(db, [submitted(anOrder(3))]);
  await conflict(1);
  const trace = await traceOrder(db, 1);
  expect(trace).toEqual({
    recorded: {
      customerId: 1,
      total: "3.00",
      itemCount: 1,
      placedAt: null,
      recordedAt: expect.stringMatching(/Z$/),
      isTakenOver: false,
      batchSize: 2,
      isAnnounced: false,
    },
    rejections: [
      {
        rejectionId: 1,
        reason: "order_conflict",
        source: "http",
        times: 1,
        firstSeenAt: expect.any(String),
        lastSeenAt: expect.any(String),
        status: "open",
      },
    ],
    hasMoreRejections: false,
    deferred: null,
    spool: null,
  });
  await recordOrders(db, [], { announced: announcement.outboxIds });
  expect((await traceOrder(db, 1)).recorded?.isAnnounced).toBe(true);
});

test("at most 20 rejections are reported, the newest", async () => {
  await recordOrders(db, [submitted(anOrder(1))]);
  await conflict(25);
  const { rejections, hasMoreRejections } = await traceOrder(db, 1);
  expect([rejections.length, rejections[0]?.rejectionId, hasMoreRejections]).toEqual([20, 25, true]);
});

test("an unknown id: how much waits, and since when", async () => {
  expect(await traceOrder(db, 9)).toMatchObject({
    recorded: null,
    rejections: [],
    spool: { orders: 0, oldestAt: null },
  });
  await spoolOrders(
    db,
    [1, 2, 3].map((n) => ({ source: "http", body: Buffer.from(`${n}`) })),
  );
  await sql`insert into spool (source, body, queued_at) values ('http', '', '2026-01-01T00:00:00Z')`.execute(db);
  expect((await traceOrder(db, 9)).spool).toEqual({ orders: 4, oldestAt: "2026-01-01T00:00:00Z" });
});

test("an order that the database refuses while it records others: how often, why, and when it is tried again", async () => {
  const refused = { source: "http" as const, body: Buffer.from("x"), orderId: 9, isSuspect: false, code: "55P03" };
  await deferSubmissions(db, [refused]);
  expect((await traceOrder(db, 9)).deferred).toEqual({
    refusals: 1,
    code: "55P03",
    retryAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect((await traceOrder(db, 8)).deferred).toBeNull();
});

test("an order taken over was never announced; where very many announcements wait, it is not known of others", async () => {
  await sql`insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
    values (5, 1, '2020-01-01T00:00:00Z', 0, 0.34, '[]')`.execute(db);
  expect((await traceOrder(db, 5)).recorded).toMatchObject({ isTakenOver: true, isAnnounced: false });
  await sql`insert into outbox (order_ids) select array[n] from generate_series(10, 1009) n`.execute(db);
  await recordOrders(db, [submitted(anOrder(1))]);
  expect((await traceOrder(db, 1)).recorded?.isAnnounced).toBe(null);
});
