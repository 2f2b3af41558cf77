import type { AuditEntry } from "@pedidos/contract";
import type { Kysely } from "kysely";
import type { Database } from "../database.generated.ts";

/** → a page of what was done by hand, newest first; it goes on before the last one's id. */
export async function listAudit(
  db: Kysely<Database>,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<AuditEntry[]> {
  let query = db.selectFrom("audit").selectAll().orderBy("audit_id", "desc").limit(limit);
  if (before !== undefined) query = query.where("audit_id", "<", before);
  const rows = await query.execute();
  return rows.map((row) => ({
    auditId: row.audit_id,
    doneAt: row.done_at,
    actor: row.actor,
    action: row.action,
    rejectionId: row.rejection_id,
    detail: row.detail,
  }));
}
