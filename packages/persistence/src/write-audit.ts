import { type Kysely, sql } from "kysely";
import type { Database } from "./database.generated.ts";

/** What somebody does by hand. */
export type AuditAction = "rejection.replayed" | "rejection.discarded";

export type AuditEntry = {
  /** The name of the key; null where no key was needed. */
  readonly actor: string | null;
  readonly action: AuditAction;
  readonly rejectionId: number;
  /** `corrected`: what was replayed is not what was rejected. */
  readonly detail: { readonly corrected?: boolean };
};

/** Writes down what somebody does; to be called in the transaction that does it, so that neither is without the other. */
export async function writeAudit(
  tx: Kysely<Database>,
  { actor, action, rejectionId, detail }: AuditEntry,
): Promise<void> {
  await sql`
    insert into audit (actor, action, rejection_id, detail)
    values (${actor}, ${action}, ${rejectionId}, ${JSON.stringify(detail)}::json)
  `.execute(tx);
}
