import { type Kysely, sql } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/**
 * Deletes spool rows. → the ids that were still there.
 *
 * Sorted ids make the scan of the key, and so the locks, run in their order, so that two processes which hold the same
 * rows (a lease had run out) wait for each other but not in a circle. Locking them first would cost half as much again.
 */
export async function deleteSpooled(db: Kysely<Database>, spoolIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ spool_id: number }>`
    delete from spool where spool_id = any(${bigintArray(spoolIds.toSorted((a, b) => a - b))}) returning spool_id
  `.execute(db);
  return new Set(rows.map((row) => row.spool_id));
}
