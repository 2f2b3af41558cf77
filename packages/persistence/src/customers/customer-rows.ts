import { sql } from "kysely";
import { firstRow } from "../connection/first-row.ts";
import type { Db } from "../connection/open-database.ts";
import { type CountedOrders, valueByItems } from "../orders/count-orders.ts";

/** Adds a row with no orders. → whether the customer had no row. */
export async function addCustomer(tx: Db, { customerId, firstOrderAt, lastOrderAt }: CountedOrders): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    insert into customers (customer_id, order_count, total_value, first_order_at, last_order_at)
    values (${customerId}, 0, 0, ${firstOrderAt}, ${lastOrderAt})
    on conflict do nothing
  `.execute(tx);
  return numAffectedRows > 0n;
}

type Sums<Time> = { orderCount: number; totalValue: string; firstOrderAt: Time; lastOrderAt: Time };

/** → a customer's row, locked until the transaction ends. */
export async function lockCustomer(tx: Db, customerId: number): Promise<Sums<string> | undefined> {
  const { rows } = await sql<Sums<string>>`
    select order_count as "orderCount", total_value as "totalValue", first_order_at as "firstOrderAt",
      last_order_at as "lastOrderAt"
    from customers where customer_id = ${customerId} for update
  `.execute(tx);
  return rows[0];
}

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
