import { type Kysely, sql } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/**
 * Gives claimed rows back.
 *
 * @param uncounted the try does not count, and the next one is made alone: what was in flight together when an outage
 *   began that the process outlived. What was tried alone is given back counted: it may be what ends the database.
 */
export async function releaseSpooled(
  db: Kysely<Database>,
  spoolIds: readonly number[],
  { uncounted }: { readonly uncounted: boolean },
): Promise<void> {
  await sql`
    update spool set leased_until = null, suspect = true, tries = tries - ${uncounted ? 1 : 0}
    where spool_id = any(${bigintArray(spoolIds)})
  `.execute(db);
}

/** Frees every claimed row; for a process that is the only one on its database, when it starts. */
export async function freeSpool(db: Kysely<Database>): Promise<void> {
  await sql`update spool set leased_until = null where leased_until is not null`.execute(db);
}
