import { type RawBuilder, sql } from "kysely";
import { bigintArray, type Db } from "../connection/statements.ts";

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

/**
 * What became of a claim when the process outlived an outage of the database:
 * - `untried`: the rows were pending only; as if they had not been claimed;
 * - `interrupted`: they were tried together; that does not count as a try, and the next one is made alone;
 * - `tried_alone`: that counts, for one of them may be what ends the database.
 */
export type Interrupted = "untried" | "interrupted" | "tried_alone";

/** Releases claimed rows, once: a row without a lease was released by an earlier call whose answer was lost. */
export async function releaseSpooled(db: Db, spoolIds: readonly number[], interrupted: Interrupted): Promise<void> {
  await sql`
    update spool set
      leased_until = null,
      suspect = ${interrupted !== "untried"}::boolean,
      tries = tries - ${interrupted === "tried_alone" ? 0 : 1}
    where spool_id = any(${bigintArray(spoolIds)}) and leased_until is not null
  `.execute(db);
}

/** Releases every claimed row; for a process that is the only one on its database, when it starts. */
export async function freeSpool(db: Db): Promise<void> {
  await sql`update spool set leased_until = null where leased_until is not null`.execute(db);
}
