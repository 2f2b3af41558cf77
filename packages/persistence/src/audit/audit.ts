import type { AuditEntry as AnsweredEntry } from "@pedidos/contract";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";

/** Who does something by hand, by which request, from where: the name of a key, the request's id, an address. */
export type PerformedBy = Pick<AnsweredEntry, "actor" | "requestId" | "address">;

/** What somebody does by hand. */
export type AuditEntry = PerformedBy &
  Pick<AnsweredEntry, "action" | "detail"> & { readonly rejectionId?: number | null };

/** Writes down what somebody does; called in the transaction that does it, so that neither is without the other. */
export async function writeAudit(tx: Db, { rejectionId = null, ...entry }: AuditEntry): Promise<void> {
  const { actor, requestId, address, action, detail } = entry;
  await sql`
    insert into audit (actor, request_id, address, action, rejection_id, detail)
    values (${actor}, ${requestId}, ${address}, ${action}, ${rejectionId}::bigint, ${JSON.stringify(detail)}::json)
  `.execute(tx);
}

/** → a page of what was done by hand, newest first; the next page begins before the last one's id. */
export async function listAudit(db: Db, { before, limit }: { before?: number; limit: number }) {
  const query = db
    .selectFrom("audit")
    .select(["audit_id as auditId", "done_at as doneAt", "actor", "action", "rejection_id as rejectionId"])
    .select(["request_id as requestId", "address", "detail"])
    .orderBy("audit_id", "desc")
    .limit(limit);
  return await (before === undefined ? query : query.where("audit_id", "<", before)).execute();
}
