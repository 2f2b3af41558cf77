import type { Consuming } from "@pedidos/contract";
import { sql } from "kysely";
import { writeAudit } from "../audit/write-audit.ts";
import type { Db } from "../connection/open-database.ts";

/** → whether consuming is paused; a consumer may read no more. */
export async function isConsumingPaused(db: Db): Promise<boolean> {
  const { paused } = await db.selectFrom("consuming").select("paused").executeTakeFirstOrThrow();
  return paused;
}

export async function readConsuming(db: Db): Promise<Consuming> {
  return await db
    .selectFrom("consuming")
    .select(["paused", "changed_at as since", "changed_by as by"])
    .executeTakeFirstOrThrow();
}

/**
 * Pauses or resumes every consumer. Where that is so already, nothing changes.
 *
 * @param actor who does it: the name of a key, or null
 */
export async function setConsuming(db: Db, paused: boolean, actor: string | null): Promise<Consuming> {
  return await db.transaction().execute(async (tx) => {
    const action = paused ? "consuming.paused" : "consuming.resumed";
    if (await updateConsuming(tx, paused, actor)) await writeAudit(tx, { actor, action, detail: {} });
    return await readConsuming(tx);
  });
}

async function updateConsuming(tx: Db, paused: boolean, actor: string | null): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update consuming set paused = ${paused}, changed_at = clock_timestamp(), changed_by = ${actor}
    where paused <> ${paused}
  `.execute(tx);
  return numAffectedRows > 0n;
}
