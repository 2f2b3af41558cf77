import { sql } from "kysely";
import { firstRow } from "../connection/first-row.ts";
import type { Db } from "../connection/open-database.ts";
import { type CountedOrders, valueByItems } from "../orders/count-orders.ts";

/** Adds a row with no orders. → whether the customer had no row. */
export async function addCustomer(tx: Db, { customerId, firstOrderAt, lastOrderAt }: CountedOrders): Promise<boolean> {
  const times = { first_order_at: firstOrderAt, last_order_at: lastOrderAt };
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("customers")
    .values({ customer_id: customerId, order_count: 0, total_value: "0", ...times })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** → a customer's row, locked until the transaction ends. */
export async function lockCustomer(tx: Db, customerId: number) {
  const row = tx.selectFrom("customers").selectAll().where("customer_id", "=", customerId);
  return await row.forUpdate().executeTakeFirst();
}

type Sums<Time> = { orderCount: number; totalValue: string; firstOrderAt: Time; lastOrderAt: Time };

export async function countOrdersSince(tx: Db, customerId: number, time: string): Promise<Sums<string | null>> {
  const { rows } = await sql<Sums<string | null>>`
    select count(*) as "orderCount", coalesce(sum(${valueByItems}), 0) as "totalValue",
      min(recorded_at) as "firstOrderAt", max(recorded_at) as "lastOrderAt"
    from orders o
    where customer_id = ${customerId} and recorded_at >= ${time}::timestamptz
  `.execute(tx);
  return firstRow(rows);
}

export async function updateCustomer(tx: Db, customerId: number, sums: Sums<string>): Promise<void> {
  const { orderCount, totalValue, firstOrderAt, lastOrderAt } = sums;
  await sql`
    update customers set order_count = ${orderCount}, total_value = ${totalValue},
      first_order_at = ${firstOrderAt}, last_order_at = ${lastOrderAt}
    where customer_id = ${customerId}
  `.execute(tx);
}
