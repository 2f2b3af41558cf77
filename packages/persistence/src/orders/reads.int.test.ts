import type { ListedOrder } from "@pedidos/contract";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/audit.ts";
import type { Db } from "../connection/statements.ts";
import { findCustomer } from "../customers/find-customers.ts";
import { probeSpool } from "../recording/probe-recording.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { discardRejection, replayRejection } from "../rejections/close-rejection.ts";
import { findRejection, listRejections, type RejectionPosition } from "../rejections/list-rejections.ts";
import { walkPedidos } from "../replaced/walk-pedidos.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { findOutcomes } from "./compare-orders.ts";
import { identityOf } from "./identity.ts";
import { listOrders, type OrderFilter, type Position, walkOrders } from "./list-orders.ts";

const by = (actor: string | null) => ({ actor, requestId: "r-1", address: "10.0.0.7" });

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await sql`truncate orders, customers, rejections, outbox, spool, audit restart identity`.execute(db);
});

const record = (...ids: number[]) =>
  recordOrders(
    db,
    ids.map((id) => submitted(anOrder(id))),
  );
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const ids = (orders: readonly ListedOrder[]) => orders.map((order) => order.orderId);

async function paged(filter: OrderFilter, limit: number, between: () => Promise<unknown> = async () => {}) {
  const seen: ListedOrder[] = [];
  let after: Position | null | undefined;
  do {
    const page = await listOrders(db, { ...filter, limit, ...(after ? { after } : {}) });
    seen.push(...page.orders);
    after = page.next;
    await between();
  } while (after);
  return seen;
}

describe("pages of orders", () => {
  test.each([1, 3, 25, 26])("of %i hold each order once, newest first, while others arrive", async (limit) => {
    await record(...range(1, 20));
    await record(...range(21, 25));
    let late = 1_000;
    const seen = ids(await paged({}, limit, () => record(late++)));
    expect(seen).toEqual(range(1, 25).reverse());
  });

  test("`from` is inclusive and `to` exclusive, to the microsecond", async () => {
    await record(1);
    await record(2);
    await record(3);
    const [third, second, first] = await paged({}, 10);
    if (!first || !second || !third) throw new Error("three orders");
    expect(ids(await paged({ from: second.recordedAt }, 1))).toEqual([3, 2]);
    expect(ids(await paged({ to: second.recordedAt }, 1))).toEqual([1]);
    expect(ids(await paged({ from: first.recordedAt, to: third.recordedAt }, 1))).toEqual([2, 1]);
    expect(await paged({ from: second.recordedAt, to: second.recordedAt }, 1)).toEqual([]);
  });

  test("of one customer hold no one else's", async () => {
    await recordOrders(
      db,
      range(1, 9).map((id) => submitted(anOrder(id, 1 + (id % 3)))),
    );
    expect(ids(await paged({ customerId: 2 }, 2))).toEqual([7, 4, 1]);
    expect(await listOrders(db, { customerId: 77, limit: 5 })).toEqual({ orders: [], next: null });
  });

  test("a walk gives the whole list", async () => {
    await record(...range(1, 1_500));
    const seen: number[] = [];
    for await (const page of walkOrders(db, {})) seen.push(...ids(page));
    expect(seen).toEqual(range(1, 1_500).reverse());
  });

  test("are walks on an index, not sorts", async () => {
    await record(...range(1, 500));
    await sql`analyze orders`.execute(db);
    const plan = async (where: string) => {
      const { rows } = await sql<{ "QUERY PLAN": string }>`explain select order_id from orders
        ${sql.raw(where)} order by recorded_at desc, seq desc limit 50`.execute(db);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    expect(await plan("")).not.toContain("Sort");
    expect(await plan("where customer_id = 1")).not.toContain("Sort");
  });
});

test("the replaced system's list is oldest first, its ids growing", async () => {
  await record(30, 10);
  await record(20);
  const rows = [];
  for await (const page of walkPedidos(db, 1)) rows.push(...page);
  expect(rows.map((row) => row.codigo_pedido)).toEqual([30, 10, 20]);
  const { rows: view } = await sql<{ id: number }>`select id from pedidos order by id`.execute(db);
  expect(rows.map((row) => row.id)).toEqual(view.map((row) => row.id));
});

test("a customer without orders has count 0 and no times", async () => {
  expect(await findCustomer(db, 5)).toEqual({
    customerId: 5,
    orderCount: 0,
    totalValue: "0.00",
    firstOrderAt: null,
    lastOrderAt: null,
  });
});

test("one query tells recorded, conflict and pending apart, the same id asked twice included", async () => {
  await record(1);
  const asked = [anOrder(1), anOrder(1, 2), anOrder(2)].map(identityOf);
  expect(await findOutcomes(db, asked)).toEqual([
    { kind: "recorded", total: "3.00" },
    { kind: "conflict" },
    { kind: "pending" },
  ]);
});

describe("rejections", () => {
  const reject = (body: Buffer) =>
    recordOrders(db, [{ kind: "rejected", reason: "invalid_json", orderId: null, faults: [], source: "http", body }]);

  test("pages hold each once, newest first; filters hold", async () => {
    for (const n of range(1, 5)) await reject(Buffer.from(`${n}`));
    await record(1);
    await recordOrders(db, [submitted(anOrder(1, 2))]);
    const seen: string[] = [];
    let after: RejectionPosition | null | undefined;
    do {
      const page = await listRejections(db, { limit: 2, ...(after ? { after } : {}) });
      seen.push(...page.rejections.map((r) => `${r.rejectionId}`));
      after = page.next;
    } while (after);
    expect(seen).toEqual(["6", "5", "4", "3", "2", "1"]);
    expect((await listRejections(db, { limit: 9, reason: "order_conflict" })).rejections).toHaveLength(1);
    expect((await listRejections(db, { limit: 9, orderId: 1 })).rejections).toHaveLength(1);
    expect((await listRejections(db, { limit: 9, status: "discarded" })).rejections).toEqual([]);
  });

  test("a page ends early at 8 MiB, but holds at least one", async () => {
    for (const n of range(1, 10)) await reject(Buffer.alloc(1_000_000, n));
    const first = await listRejections(db, { limit: 200 });
    expect(first.rejections).toHaveLength(8);
    const rest = await listRejections(db, { limit: 200, ...(first.next ? { after: first.next } : {}) });
    expect([rest.rejections.length, rest.next]).toEqual([2, null]);
  });

  test("of replays and discards at once one wins; a replay is in the spool", async () => {
    await reject(Buffer.from("x"));
    const body = Buffer.from('{"orderId":1}');
    const results = await Promise.all([
      ...range(1, 5).map(() => replayRejection(db, 1, { body, corrected: false }, by("ana"))),
      discardRejection(db, 1, by("ben")),
    ]);
    expect(results.filter((r) => r === "not_open")).toHaveLength(5);
    const spooled = await db.selectFrom("spool").select(["source", "body"]).execute();
    expect(spooled).toEqual(results.includes("replayed") ? [{ source: "replay", body }] : []);
    expect((await findRejection(db, 1))?.status).toBe(results.find((r) => r !== "not_open"));
    expect(await replayRejection(db, 99, { body, corrected: false }, by(null))).toBe("not_found");
    expect(await discardRejection(db, 99, by(null))).toBe("not_found");
    // The winner, and nobody else.
    const replayed = results.includes("replayed");
    expect(await listAudit(db, { limit: 10 })).toEqual([
      {
        auditId: 1,
        doneAt: expect.stringMatching(/Z$/),
        actor: replayed ? "ana" : "ben",
        action: replayed ? "rejection.replayed" : "rejection.discarded",
        rejectionId: 1,
        requestId: "r-1",
        address: "10.0.0.7",
        detail: replayed ? { corrected: false } : {},
      },
    ]);
  });
});

test("a probe fails where the schema is missing", async () => {
  await probeSpool(db);
  await db.schema.alterTable("spool").renameTo("away").execute();
  await expect(probeSpool(db)).rejects.toThrow("spool");
  await sql`alter table away rename to spool`.execute(db);
});
