import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { recordOrders } from "../recording/record-orders.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { compareOrders } from "./compare-orders.ts";
import { identityOf } from "./identity.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());

const rejected = (orderId: number, body: string) =>
  recordOrders(db, [
    { kind: "rejected", reason: "invalid_order", orderId, faults: [], source: "http", body: Buffer.from(body) },
  ]);

test("recorded, different, rejected and missing are told apart, in order, an id asked twice included", async () => {
  await recordOrders(db, [submitted(anOrder(1)), submitted(anOrder(2))]);
  await rejected(3, "first");
  await rejected(3, "second");
  await rejected(4, "replayed");
  await sql`update rejections set status = 'replayed' where order_id = 4`.execute(db);
  // Another one under its id is what counts, though that was rejected too.
  await recordOrders(db, [submitted(anOrder(2, 9))]);
  await sql`insert into orders (order_id, customer_id, recorded_at, item_count, total, items)
    values (5, 1, now(), 0, 0.34, '[]'), (6, 1, now(), 0, 0.35, '[]')`.execute(db);
  const takenOver = (orderId: number) => anOrder(orderId, 1, [[1, "0.335"]]);
  const sent = [anOrder(2, 9), anOrder(1), anOrder(3), anOrder(2), anOrder(4), takenOver(5), takenOver(6)];
  expect(await compareOrders(db, sent.map(identityOf))).toEqual([
    { kind: "different" },
    { kind: "recorded" },
    { kind: "rejected", rejectionId: 2, reason: "invalid_order" },
    { kind: "recorded" },
    { kind: "missing" },
    { kind: "recorded" },
    { kind: "different" },
  ]);
  expect(await compareOrders(db, [])).toEqual([]);
});
