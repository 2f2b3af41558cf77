import { type Kysely, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";
import type { AuditEntry } from "./audit-entry.ts";

/** Writes down what somebody does; to be called in the transaction that does it, so that neither is without the other. */
export async function writeAudit(
  tx: Kysely<Database>,
  { actor, action, rejectionId, detail }: AuditEntry,
): Promise<void> {
  await sql`
    insert into audit (actor, action, rejection_id, detail)
    values (${actor}, ${action}, ${rejectionId ?? null}::bigint, ${JSON.stringify(detail)}::json)
  `.execute(tx);
}
