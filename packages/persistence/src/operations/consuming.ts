import type { Consuming } from "@pedidos/contract";
import { sql } from "kysely";
import { type PerformedBy, writeAudit } from "../audit/audit.ts";
import type { Db } from "../connection/statements.ts";

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

/** Pauses or resumes every consumer. If that is so already, nothing changes. */
export async function setConsuming(db: Db, paused: boolean, by: PerformedBy): Promise<Consuming> {
  return await db.transaction().execute(async (tx) => {
    const { numAffectedRows } = await sql`
      update consuming set paused = ${paused}, changed_at = clock_timestamp(), changed_by = ${by.actor}
      where paused <> ${paused}
    `.execute(tx);
    const action = paused ? "consuming.paused" : "consuming.resumed";
    if (numAffectedRows) await writeAudit(tx, { ...by, action, detail: {} });
    return await readConsuming(tx);
  });
}
