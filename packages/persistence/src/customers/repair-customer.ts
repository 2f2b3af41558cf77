import { sql } from "kysely";
import { type PerformedBy, writeAudit } from "../audit/audit.ts";
import type { Db } from "../connection/statements.ts";
import type { CountedOrders } from "../orders/count-orders.ts";
import { type ComparedCustomer, compareCustomers } from "./compare-customers.ts";

export type RepairedCustomer = {
  readonly customerId: number;
  readonly counted: CountedOrders | undefined;
  readonly before: string;
};

/**
 * Sets a customer's sums to those of its orders. The row is locked first, then the orders since the counting are counted:
 * a transaction that records for this customer has either committed, and is counted, or waits, and adds to what is set
 * here. The lock lasts for the orders since `before` alone, however many there are.
 *
 * @param counted its orders recorded before `before`; undefined if there are none
 * @returns the sums before and after; null if nothing is wrong any more
 */
export async function repairCustomer(
  db: Db,
  { customerId, counted, before }: RepairedCustomer,
  by: PerformedBy,
): Promise<ComparedCustomer | null> {
  return await db.transaction().execute(async (tx) => {
    const isNew = counted !== undefined && (await addCustomer(tx, counted));
    await sql`select from customers where customer_id = ${customerId} for update`.execute(tx);
    const range = { counted: counted ? [counted] : [], after: customerId - 1, upTo: customerId, before };
    const [found] = (await compareCustomers(tx, range)).differing;
    if (found === undefined) return null;
    await sql`
      update customers set order_count = ${found.counted.orderCount}, total_value = ${found.counted.totalValue},
        first_order_at = coalesce(${counted?.firstOrderAt ?? null}::timestamptz, later.first_at, first_order_at),
        last_order_at = coalesce(later.last_at, ${counted?.lastOrderAt ?? null}::timestamptz, last_order_at)
      from (
        select min(recorded_at) as first_at, max(recorded_at) as last_at from orders
        where customer_id = ${customerId} and recorded_at >= ${before}::timestamptz
      ) later
      where customer_id = ${customerId}
    `.execute(tx);
    const recorded = isNew ? null : found.recorded;
    const detail = { customerId, before: recorded, after: found.counted };
    await writeAudit(tx, { ...by, action: "customer.repaired", detail });
    return { ...found, recorded };
  });
}

/** Adds a row with no orders. → whether the customer had no row. */
async function addCustomer(tx: Db, { customerId, firstOrderAt, lastOrderAt }: CountedOrders): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into customers (customer_id, order_count, total_value, first_order_at, last_order_at)
    values (${customerId}, 0, 0, ${firstOrderAt}, ${lastOrderAt})
    on conflict do nothing
  `.execute(tx);
  return Boolean(numAffectedRows);
}
