import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { classifyFailure } from "../connection/classify-failure.ts";
import type { Db } from "../connection/statements.ts";
import { findCustomer } from "../customers/find-customers.ts";
import { findOutcomes } from "../orders/compare-orders.ts";
import { identityOf } from "../orders/identity.ts";
import { findOrder } from "../orders/list-orders.ts";
import { listRejections } from "../rejections/list-rejections.ts";
import { spoolOrders } from "../spool/spool-orders.ts";
import { anOrder, dataOf, differingCustomers, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { recordOrders, type Submission } from "./record-orders.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox, spool`.execute(db);
});

const bad = (body: string, reason: "invalid_json" | "invalid_order" = "invalid_order"): Submission => ({
  kind: "rejected",
  reason,
  orderId: null,
  faults: [{ pointer: "/a\u0000b\ud800", detail: "unknown" }],
  source: "pedidos",
  body: Buffer.from(body),
});
const count = async (table: "orders" | "spool" | "outbox" | "rejections") => {
  const { n } = await db
    .selectFrom(table)
    .select((e) => e.fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
  return n;
};

describe.each([true, false])("one batch, where new orders are expected: %s", (expectNew) => {
  const record = (...orders: Parameters<typeof submitted>[0][]) =>
    recordOrders(
      db,
      orders.map((order) => submitted(order)),
      { expectNew },
    );

  test("a new order is there with its items, its customer's sum and its announcement", async () => {
    const order = anOrder(1001, 1, [
      [100, 1.1, "lápis"],
      [10, "1.00", 'a "quoted" \\ line\nfeed'],
    ]);
    const { outcomes, announcement } = await record(order);
    expect(outcomes).toEqual(["recorded"]);
    const stored = await findOrder(db, 1001);
    expect(stored).toMatchObject({
      orderId: 1001,
      customerId: 1,
      total: "120.00",
      placedAt: null,
      items: [
        { product: "lápis", quantity: 100, unitPrice: "1.10" },
        { product: 'a "quoted" \\ line\nfeed', quantity: 10, unitPrice: "1.00" },
      ],
    });
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1, totalValue: "120.00" });
    expect(dataOf(announcement.events).recorded).toEqual([
      { orderId: 1001, customerId: 1, total: "120.00", itemCount: 2, recordedAt: stored?.recordedAt },
    ]);
    const { rows } = await sql`select order_ids from outbox where outbox_id = any(${announcement.outboxIds})`.execute(
      db,
    );
    expect(rows).toEqual([{ order_ids: [1001] }]);
  });

  test("of one id several times the first is recorded, equal ones are duplicates, others conflicts", async () => {
    const batch = [anOrder(5), anOrder(6), anOrder(5), anOrder(5, 2), anOrder(6, 1, [[2, 1.6]]), anOrder(6)];
    const { outcomes, announcement } = await record(...batch);
    expect(outcomes).toEqual(["recorded", "recorded", "duplicate", "conflict", "conflict", "duplicate"]);
    expect(dataOf(announcement.events).rejected.map((r) => [r.orderId, r.reason])).toEqual([
      [5, "order_conflict"],
      [6, "order_conflict"],
    ]);
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 2, totalValue: "6.00" });
    expect(await findCustomer(db, 2)).toMatchObject({ orderCount: 0, totalValue: "0.00" });
  });

  test("an id that is there already is compared with what is there, not with the batch", async () => {
    await record(anOrder(7, 1));
    const batch = [anOrder(7, 2), anOrder(7, 1), anOrder(7, 2)];
    const { outcomes } = await record(...batch);
    expect(outcomes).toEqual(["conflict", "duplicate", "conflict"]);
    const { rejections } = await listRejections(db, { limit: 10 });
    expect(rejections.map((r) => [r.reason, r.times, r.orderId])).toEqual([["order_conflict", 2, 7]]);
  });

  test("the same order again announces nothing and counts nothing", async () => {
    await record(anOrder(8));
    const { outcomes, announcement } = await record(anOrder(8));
    expect(outcomes).toEqual(["duplicate"]);
    expect(announcement).toEqual({ outboxIds: [], events: [] });
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 1, totalValue: "3.00" });
  });

  test("`seq` follows the order of the batch, with any ids", async () => {
    await record(...[30, 10, 20].map((id) => anOrder(id)));
    const rows = await db.selectFrom("orders").select("order_id").orderBy("seq").execute();
    expect(rows.map((row) => row.order_id)).toEqual([30, 10, 20]);
  });
});

describe("an order taken over from the replaced system", () => {
  beforeEach(async () => {
    await sql`insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
      values (900, 1, now(), 0, 1.01, '[]')`.execute(db);
  });
  test.each([
    ["the same customer and total", anOrder(900, 1, [[1, "1.01"]]), "duplicate"],
    ["a total that rounds to it, half a cent up", anOrder(900, 1, [[1, "1.005"]]), "duplicate"],
    ["a total just below that", anOrder(900, 1, [[1, "1.0049"]]), "conflict"],
    ["another customer", anOrder(900, 2, [[1, "1.01"]]), "conflict"],
  ])("%s", async (_, order, outcome) => {
    expect((await recordOrders(db, [submitted(order)])).outcomes).toEqual([outcome]);
    const [waited] = await findOutcomes(db, [identityOf(order)]);
    expect(waited).toEqual(outcome === "duplicate" ? { kind: "recorded", total: "1.01" } : { kind: "conflict" });
  });
});

describe("rejections", () => {
  test("the same bytes by the same source with the same reason add to `times` while the row is open", async () => {
    const first = await recordOrders(db, [bad("x"), bad("x"), bad("y"), bad("x", "invalid_json")]);
    expect(first.outcomes).toEqual(["rejected", "rejected", "rejected", "rejected"]);
    expect(dataOf(first.announcement.events).rejected).toHaveLength(3);
    const again = await recordOrders(db, [bad("x")]);
    expect(dataOf(again.announcement.events).rejected).toEqual([]);
    await sql`update rejections set status = 'discarded' where times = 3`.execute(db);
    const later = await recordOrders(db, [bad("x")]);
    expect(dataOf(later.announcement.events).rejected).toHaveLength(1);
    const { rejections } = await listRejections(db, { limit: 10 });
    expect(rejections.map((r) => [String(r.body), r.reason, r.times, r.status]).sort()).toEqual([
      ["x", "invalid_json", 1, "open"],
      ["x", "invalid_order", 1, "open"],
      ["x", "invalid_order", 3, "discarded"],
      ["y", "invalid_order", 1, "open"],
    ]);
  });

  test("faults keep what text and jsonb refuse: U+0000 and lone surrogates", async () => {
    await recordOrders(db, [bad("z")]);
    const { rejections } = await listRejections(db, { limit: 1 });
    expect(rejections[0]?.errors).toEqual([{ pointer: "/a\u0000b\ud800", detail: "unknown" }]);
  });
});

describe.each([true, false])("orders from the spool, where new ones are expected: %s", (expectNew) => {
  async function spooled(...bodies: string[]): Promise<number[]> {
    await spoolOrders(
      db,
      bodies.map((body) => ({ source: "http", body: Buffer.from(body) })),
    );
    const rows = await db.selectFrom("spool").select("spool_id").orderBy("spool_id").execute();
    return rows.map((row) => row.spool_id);
  }

  test("their rows go as they are recorded, and no others", async () => {
    const [first = 0, second = 0, other = 0] = await spooled("a", "b", "c");
    const batch = [submitted(anOrder(2), second), submitted(anOrder(1), first), submitted(anOrder(3))];
    const { outcomes } = await recordOrders(db, batch, { expectNew });
    expect(outcomes).toEqual(["recorded", "recorded", "recorded"]);
    expect(await db.selectFrom("spool").select("spool_id").execute()).toEqual([{ spool_id: other }]);
    expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 3 });
  });

  test("the deletion of its row decides who settles a submission", async () => {
    const [gone = 0, there = 0] = await spooled("a", "b");
    await db.deleteFrom("spool").where("spool_id", "=", gone).execute();
    const batch = [submitted(anOrder(1), gone), submitted(anOrder(2), there)];
    const { outcomes, announcement } = await recordOrders(db, batch, { expectNew });
    expect(outcomes).toEqual(["settled", "recorded"]);
    expect(dataOf(announcement.events).recorded.map((order) => order.orderId)).toEqual([2]);
    expect([await count("spool"), await count("outbox")]).toEqual([0, 1]);
    expect(await findOrder(db, 1)).toBeUndefined();
  });

  test("one that is there already leaves the spool too", async () => {
    await recordOrders(db, [submitted(anOrder(1))]);
    const [again = 0, fresh = 0] = await spooled("a", "b");
    const batch = [submitted(anOrder(1), again), submitted(anOrder(2), fresh)];
    const { outcomes } = await recordOrders(db, batch, { expectNew });
    expect(outcomes).toEqual(["duplicate", "recorded"]);
    expect(await count("spool")).toBe(0);
  });
});

test("two that hold the same spool rows settle each of them once", async () => {
  const orders = Array.from({ length: 50 }, (_, i) => anOrder(i + 1));
  await spoolOrders(
    db,
    orders.map((order) => ({ source: "http", body: Buffer.from(JSON.stringify(order)) })),
  );
  const rows = await db.selectFrom("spool").select("spool_id").orderBy("spool_id").execute();
  const batch = orders.map((order, index) => submitted(order, rows[index]?.spool_id));
  const both = await Promise.all([recordOrders(db, batch), recordOrders(db, batch.toReversed())]);
  const outcomes = both.flatMap((one) => one.outcomes).toSorted();
  expect(outcomes).toEqual([...orders.map(() => "recorded"), ...orders.map(() => "settled")]);
  expect(await findCustomer(db, 1)).toMatchObject({ orderCount: 50 });
  expect(await count("spool")).toBe(0);
});

test("outbox rows that are announced go with the next batch, but not those that a sweep holds", async () => {
  const first = await recordOrders(db, [submitted(anOrder(1))]);
  const second = await recordOrders(db, [submitted(anOrder(2))]);
  const announced = [...first.announcement.outboxIds, ...second.announcement.outboxIds];
  await db.transaction().execute(async (sweep) => {
    await sql`select from outbox where outbox_id = any(${first.announcement.outboxIds}) for update`.execute(sweep);
    await recordOrders(db, [submitted(anOrder(3))], { announced });
  });
  const { rows } = await sql<{ order_ids: number[] }>`select order_ids from outbox order by outbox_id`.execute(db);
  expect(rows.map((row) => row.order_ids)).toEqual([[1], [3]]);
});

test("what a trigger refuses is no fault of the order's, and leaves nothing behind", async () => {
  await sql`create function refuse() returns trigger language plpgsql as
    $$ begin if new.order_id = 13 then raise exception 'no thirteen'; end if; return new; end $$`.execute(db);
  await sql`create trigger refuse before insert on orders for each row execute function refuse()`.execute(db);
  const error: unknown = await recordOrders(db, [submitted(anOrder(12)), submitted(anOrder(13))]).catch((e) => e);
  await sql`drop function refuse cascade`.execute(db);
  expect(classifyFailure(error)).toEqual({ kind: "back_off", code: "P0001", isPerOrder: true });
  expect([await count("orders"), await count("outbox")]).toEqual([0, 0]);
});

test("overlapping batches at once neither deadlock nor count twice", async () => {
  const ids = Array.from({ length: 120 }, (_, i) => i + 1);
  const shuffled = () => ids.toSorted(() => Math.random() - 0.5).slice(0, 80);
  const recorded: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 15; round++) {
        const batch = shuffled().map((id) => submitted(anOrder(id, 1 + (id % 7), [[id, "0.0333"]])));
        const rejected = shuffled()
          .slice(0, 10)
          .map((id) => bad(`bad ${id}`));
        const { announcement } = await recordOrders(db, [...rejected, ...batch]);
        recorded.push(...dataOf(announcement.events).recorded.map((order) => order.orderId));
      }
    }),
  );
  expect(recorded.toSorted((a, b) => a - b)).toEqual(ids);
  expect(await count("orders")).toBe(120);
  expect(await differingCustomers(db)).toEqual([]);
});
