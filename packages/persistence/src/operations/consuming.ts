import type { Consuming } from "@pedidos/contract";
import { type Kysely, sql } from "kysely";
import type { Database } from "../database.generated.ts";
import { writeAudit } from "./write-audit.ts";

/** → whether consuming is paused; all that a consumer asks. */
export async function isConsumingPaused(db: Kysely<Database>): Promise<boolean> {
  const { paused } = await db.selectFrom("consuming").select("paused").executeTakeFirstOrThrow();
  return paused;
}

export async function readConsuming(db: Kysely<Database>): Promise<Consuming> {
  const row = await db.selectFrom("consuming").selectAll().executeTakeFirstOrThrow();
  return { paused: row.paused, since: row.changed_at, by: row.changed_by };
}

/**
 * Has every consumer stop, or go on. Where that is so already, nothing changes.
 *
 * @param actor who does it: the name of a key, or null
 */
export async function setConsuming(db: Kysely<Database>, paused: boolean, actor: string | null): Promise<Consuming> {
  return await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("consuming")
      .set({ paused, changed_at: sql<string>`clock_timestamp()`, changed_by: actor })
      .where("paused", "!=", paused)
      .executeTakeFirst();
    const action = paused ? "consuming.paused" : "consuming.resumed";
    if (numUpdatedRows > 0n) await writeAudit(tx, { actor, action, detail: {} });
    return await readConsuming(tx);
  });
}
