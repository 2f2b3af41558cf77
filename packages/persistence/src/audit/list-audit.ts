import type { AuditEntry } from "@pedidos/contract";
import type { Db } from "../connection/open-database.ts";

/** → a page of what was done by hand, newest first; the next page begins before the last one's id. */
export async function listAudit(
  db: Db,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<AuditEntry[]> {
  const query = db
    .selectFrom("audit")
    .select(["audit_id as auditId", "done_at as doneAt", "actor", "action", "rejection_id as rejectionId", "detail"])
    .orderBy("audit_id", "desc")
    .limit(limit);
  return await (before === undefined ? query : query.where("audit_id", "<", before)).execute();
}
