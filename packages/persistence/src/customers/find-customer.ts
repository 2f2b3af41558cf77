import type { Customer } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import type { Db } from "../connection/open-database.ts";

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
