import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import type { AuditEntry } from "./audit-entry.ts";

/** Writes down what somebody does; called in the transaction that does it, so that neither is without the other. */
export async function writeAudit(tx: Db, { actor, action, rejectionId, detail }: AuditEntry): Promise<void> {
  await sql`
    insert into audit (actor, action, rejection_id, detail)
    values (${actor}, ${action}, ${rejectionId ?? null}::bigint, ${JSON.stringify(detail)}::json)
  `.execute(tx);
}
