import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

/**
 * What became of a claim when an outage of the database came, which the process outlived:
 * - `untried`: the rows only waited; as if they had not been claimed;
 * - `interrupted`: they were tried together; that does not count as a try, and the next one is made alone;
 * - `tried_alone`: that counts, for one of them may be what ends the database.
 */
export type Interrupted = "untried" | "interrupted" | "tried_alone";

/** Gives claimed rows back, once: a row without a lease was given back by an earlier call that was not told so. */
export async function releaseSpooled(
  db: Kysely<Database>,
  spoolIds: readonly number[],
  interrupted: Interrupted,
): Promise<void> {
  await sql`
    update spool set
      leased_until = null,
      suspect = ${interrupted !== "untried"}::boolean,
      tries = tries - ${interrupted === "tried_alone" ? 0 : 1}
    where spool_id = any(${bigintArray(spoolIds)}) and leased_until is not null
  `.execute(db);
}

/** Frees every claimed row; for a process that is the only one on its database, when it starts. */
export async function freeSpool(db: Kysely<Database>): Promise<void> {
  await sql`update spool set leased_until = null where leased_until is not null`.execute(db);
}
