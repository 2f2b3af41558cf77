import { type RawBuilder, sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { bigintArray } from "../connection/sql-fragments.ts";

/**
 * A statement that deletes spool rows and returns the ids that were still there.
 *
 * Sorted ids make the scan of the key, and so the locks, run in their order. So two processes that hold the same rows (a
 * lease had run out) wait for each other but not in a circle. Locking the rows first would cost half as much again.
 */
export function deletionOfSpooled(spoolIds: readonly number[]): RawBuilder<{ spool_id: number }> {
  return sql`
    delete from spool where spool_id = any(${bigintArray(spoolIds.toSorted((a, b) => a - b))}) returning spool_id
  `;
}

/** {@link deletionOfSpooled}, executed. → the ids that were still there. */
export async function deleteSpooled(db: Db, spoolIds: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await deletionOfSpooled(spoolIds).execute(db);
  return new Set(rows.map((row) => row.spool_id));
}
