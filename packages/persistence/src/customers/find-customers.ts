import type { Customer } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import { sql } from "kysely";
import { bigintArray, type Db } from "../connection/statements.ts";

/** One read by primary key, however many orders there are. A customer without orders has count 0. */
export async function findCustomer(db: Db, customerId: number): Promise<Customer> {
  const row = await db.selectFrom("customers").selectAll().where("customer_id", "=", customerId).executeTakeFirst();
  return {
    customerId,
    orderCount: row?.order_count ?? 0,
    totalValue: formatDecimal(row?.total_value ?? "0"),
    firstOrderAt: row?.first_order_at ?? null,
    lastOrderAt: row?.last_order_at ?? null,
  };
}

/** → which of these customers' rows another session has locked at this moment. Waits for none of them. */
export async function findLockedCustomers(db: Db, customerIds: readonly number[]): Promise<ReadonlySet<number>> {
  const asked = bigintArray(customerIds);
  const { rows } = await sql<{ id: number }>`
    with free as materialized (
      select customer_id from customers where customer_id = any(${asked}) for no key update skip locked
    )
    select customer_id as id from customers where customer_id = any(${asked}) except select customer_id from free
  `.execute(db);
  return new Set(rows.map(({ id }) => id));
}
