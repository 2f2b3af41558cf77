import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";
import type { RecordedIdentity } from "./identity.ts";

/** → what is recorded under these ids, by id; ids without a row are left out. */
export async function findIdentities(
  db: Kysely<Database>,
  orderIds: readonly number[],
): Promise<Map<number, RecordedIdentity>> {
  const { rows } = await sql<{ order_id: number; customer_id: number; total: string; fingerprint: string | null }>`
    select order_id, customer_id, total, encode(fingerprint, 'hex') as fingerprint
    from orders
    where order_id = any(${bigintArray(orderIds)})
  `.execute(db);
  return new Map(
    rows.map((row) => [row.order_id, { customerId: row.customer_id, total: row.total, fingerprint: row.fingerprint }]),
  );
}
