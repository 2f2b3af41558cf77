import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

/** → which of these customers' rows somebody else holds a lock on at this moment. Waits for none of them. */
export async function findLockedCustomers(
  db: Kysely<Database>,
  customerIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const asked = bigintArray(customerIds);
  const { rows } = await sql<{ customer_id: number }>`
    with free as materialized (
      select customer_id from customers where customer_id = any(${asked}) for no key update skip locked
    )
    select customer_id from customers where customer_id = any(${asked}) except select customer_id from free
  `.execute(db);
  return new Set(rows.map((row) => row.customer_id));
}
