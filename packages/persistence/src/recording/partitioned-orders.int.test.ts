import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { listChanges } from "../changes/list-changes.ts";
import { openHorizon, readTransactions } from "../changes/open-horizon.ts";
import { anOrder, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { recordOrders } from "./record-orders.ts";

test("where `orders` is partitioned by hash, an order again is the same or a conflict, and the feed has each once", async () => {
  const { db, drop } = await migratedDatabase();
  onTestFinished(drop);
  for (const statement of [
    "alter table orders rename to orders_whole",
    "create table orders (like orders_whole including defaults) partition by hash (order_id)",
    "create table orders_0 partition of orders for values with (modulus 2, remainder 0)",
    "create table orders_1 partition of orders for values with (modulus 2, remainder 1)",
    "alter table orders add primary key (order_id)",
    "create index on orders (recorded_at, seq)",
  ])
    await sql.raw(statement).execute(db);
  const record = async (...orders: Parameters<typeof submitted>[0][]) =>
    (
      await recordOrders(
        db,
        orders.map((order) => submitted(order)),
      )
    ).outcomes;
  expect(await record(anOrder(1), anOrder(2), anOrder(3))).toEqual(["recorded", "recorded", "recorded"]);
  expect(await record(anOrder(1), anOrder(4))).toEqual(["duplicate", "recorded"]);
  expect(await record(anOrder(2, 9))).toEqual(["conflict"]);

  const read = openHorizon(() => readTransactions(db));
  await db.transaction().execute(async (tx) => {
    await recordOrders(tx, [submitted(anOrder(5))], { expectNew: true });
    expect((await readTransactions(db)).open).toHaveLength(1);
  });
  const before = (await read()) ?? "-infinity";
  const changes = await listChanges(db, { after: null, before, limit: 10 });
  expect(changes.map(({ event: { type, data } }) => (type === "order.recorded" ? data.orderId : "rejection"))).toEqual([
    ...[1, 2, 3, 4, "rejection", 5],
  ]);
});
