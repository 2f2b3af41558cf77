import { type Kysely, sql } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/** Deletes spool rows, locking them in the order of their ids. → the ids that were still there. */
export async function deleteSpooled(db: Kysely<Database>, spoolIds: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ spool_id: number }>`
    delete from spool where spool_id in (
      select spool_id from spool where spool_id = any(${bigintArray(spoolIds)})
      order by spool_id for update
    )
    returning spool_id
  `.execute(db);
  return new Set(rows.map((row) => row.spool_id));
}
