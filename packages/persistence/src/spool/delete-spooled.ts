import { type Kysely, type RawBuilder, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

/**
 * A statement that deletes spool rows and returns the ids that were still there.
 *
 * Sorted ids make the scan of the key, and so the locks, run in their order, so that two processes which hold the same
 * rows (a lease had run out) wait for each other but not in a circle. Locking them first would cost half as much again.
 */
export function deletionOfSpooled(spoolIds: readonly number[]): RawBuilder<{ spool_id: number }> {
  return sql`
    delete from spool where spool_id = any(${bigintArray(spoolIds.toSorted((a, b) => a - b))}) returning spool_id
  `;
}

/** {@link deletionOfSpooled}, executed. → the ids that were still there. */
export async function deleteSpooled(db: Kysely<Database>, spoolIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await deletionOfSpooled(spoolIds).execute(db);
  return new Set(rows.map((row) => row.spool_id));
}
