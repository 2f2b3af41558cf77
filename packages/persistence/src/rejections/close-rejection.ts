import type { Kysely } from "kysely";
import { writeAudit } from "../audit/write-audit.ts";
import type { Database } from "../schema/database.generated.ts";
import { spoolOrders } from "../spool/spool-orders.ts";

/**
 * Submits a rejection again: closes it and takes the order into the spool, source "replay", in one transaction.
 *
 * @param body the order in the English form; `corrected`: it is not what was rejected
 * @param actor who does it: the name of a key, or null
 */
export async function replayRejection(
  db: Kysely<Database>,
  rejectionId: number,
  { body, corrected }: { readonly body: Uint8Array; readonly corrected: boolean },
  actor: string | null,
): Promise<"replayed" | "not_open" | "not_found"> {
  return await db.transaction().execute(async (tx) => {
    const closed = await close(tx, rejectionId, "replayed");
    if (closed !== "replayed") return closed;
    await spoolOrders(tx, [{ source: "replay", body }]);
    await writeAudit(tx, { actor, action: "rejection.replayed", rejectionId, detail: { corrected } });
    return closed;
  });
}

/**
 * Closes a rejection for good.
 *
 * @param actor who does it: the name of a key, or null
 */
export async function discardRejection(
  db: Kysely<Database>,
  rejectionId: number,
  actor: string | null,
): Promise<"discarded" | "not_open" | "not_found"> {
  return await db.transaction().execute(async (tx) => {
    const closed = await close(tx, rejectionId, "discarded");
    if (closed === "discarded") await writeAudit(tx, { actor, action: "rejection.discarded", rejectionId, detail: {} });
    return closed;
  });
}

async function close<const Status extends "replayed" | "discarded">(
  db: Kysely<Database>,
  rejectionId: number,
  status: Status,
): Promise<Status | "not_open" | "not_found"> {
  const { numUpdatedRows } = await db
    .updateTable("rejections")
    .set({ status })
    .where("rejection_id", "=", rejectionId)
    .where("status", "=", "open")
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return status;
  const found = await db
    .selectFrom("rejections")
    .select("status")
    .where("rejection_id", "=", rejectionId)
    .executeTakeFirst();
  return found === undefined ? "not_found" : "not_open";
}
