import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { bigintArray } from "../connection/sql-fragments.ts";

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
