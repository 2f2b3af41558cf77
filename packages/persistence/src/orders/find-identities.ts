import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { bigintArray } from "../connection/sql-fragments.ts";
import type { RecordedIdentity } from "./identity.ts";

/** → what is recorded under these ids, by id; ids without a row are left out. */
export async function findIdentities(db: Db, orderIds: Iterable<number>): Promise<Map<number, RecordedIdentity>> {
  const ids = [...new Set(orderIds)];
  if (ids.length === 0) return new Map();
  const { rows } = await sql<RecordedIdentity & { orderId: number }>`
    select order_id as "orderId", customer_id as "customerId", total, encode(fingerprint, 'hex') as fingerprint
    from orders
    where order_id = any(${bigintArray(ids)})
  `.execute(db);
  return new Map(rows.map((row) => [row.orderId, row]));
}
