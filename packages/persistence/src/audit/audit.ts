import type { AuditEntry as AnsweredEntry } from "@pedidos/contract";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";

/** The person who does something by hand: the name of a key, or null. */
export type Actor = AnsweredEntry["actor"];

/** What somebody does by hand. */
export type AuditEntry = Pick<AnsweredEntry, "actor" | "action" | "detail"> & { readonly rejectionId?: number };

/** Writes down what somebody does; called in the transaction that does it, so that neither is without the other. */
export async function writeAudit(tx: Db, { actor, action, rejectionId, detail }: AuditEntry): Promise<void> {
  await sql`
    insert into audit (actor, action, rejection_id, detail)
    values (${actor}, ${action}, ${rejectionId ?? null}::bigint, ${JSON.stringify(detail)}::json)
  `.execute(tx);
}

/** → a page of what was done by hand, newest first; the next page begins before the last one's id. */
export async function listAudit(db: Db, { before, limit }: { before?: number; limit: number }) {
  const query = db
    .selectFrom("audit")
    .select(["audit_id as auditId", "done_at as doneAt", "actor", "action", "rejection_id as rejectionId", "detail"])
    .orderBy("audit_id", "desc")
    .limit(limit);
  return await (before === undefined ? query : query.where("audit_id", "<", before)).execute();
}
