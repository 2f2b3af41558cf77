import { type Order, totalUnits } from "@pedidos/domain";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Db } from "../connection/statements.ts";
import { findOrder } from "../orders/list-orders.ts";
import { differingCustomers, migratedDatabase, submitted } from "../testing/migrated-database.ts";
import { recordOrders } from "./record-orders.ts";

let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await migratedDatabase());
});
afterAll(() => drop());

const item = fc.record({
  product: fc
    .string({ unit: "binary", minLength: 1, maxLength: 20 })
    .filter((s) => s.trim() !== "" && !s.includes("\0") && s.isWellFormed()),
  quantity: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 1_000_000_000 })),
  priceUnits: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 999_999_999_999_999 })),
});
const contents = fc.array(
  fc.record({
    customerId: fc.integer({ min: 1, max: 5 }),
    placedAt: fc.constantFrom(null, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    items: fc.array(item, { minLength: 1, maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 20 },
);

test("totals and items are exactly what PostgreSQL's numeric makes of them, up to the caps", async () => {
  let lastId = 0;
  await fc.assert(
    fc.asyncProperty(contents, async (list) => {
      const orders: Order[] = list.map((content) => ({ orderId: ++lastId, ...content }));
      await recordOrders(
        db,
        orders.map((order) => submitted(order)),
      );
      const { rows } = await sql<{ order_id: number; exact: boolean; total: string; counted: number }>`
        select order_id, total, total = sum(quantity * unit_price) as exact, count(*) as counted
        from orders join order_items using (order_id)
        where order_id = any(${orders.map((order) => order.orderId)})
        group by order_id, total order by order_id
      `.execute(db);
      expect(rows.map((row) => [row.order_id, row.exact, row.counted])).toEqual(
        orders.map((order) => [order.orderId, true, order.items.length]),
      );
      for (const order of orders) {
        const stored = await findOrder(db, order.orderId);
        expect(stored?.items.map((i) => i.product)).toEqual(order.items.map((i) => i.product));
        expect(totalUnits(order)).toBe(unitsOf(stored?.total ?? ""));
      }
    }),
    { numRuns: 60 },
  );
  expect(await differingCustomers(db)).toEqual([]);
});

/** By another way than the domain's. */
function unitsOf(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(4, "0"));
}
