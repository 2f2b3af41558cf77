import { sql } from "kysely";
import { writeAudit } from "../audit/write-audit.ts";
import { firstRow } from "../connection/first-row.ts";
import type { Db } from "../connection/open-database.ts";
import { spoolOrders } from "../spool/spool-orders.ts";

/**
 * Submits a rejection again: closes it and takes the order into the spool, source "replay", in one transaction.
 *
 * @param body the order in the English form; `corrected`: it is not what was rejected
 * @param actor who does it: the name of a key, or null
 */
export async function replayRejection(
  db: Db,
  rejectionId: number,
  { body, corrected }: { readonly body: Uint8Array; readonly corrected: boolean },
  actor: string | null,
): Promise<"replayed" | "not_open" | "not_found"> {
  return await db.transaction().execute(async (tx) => {
    const closed = await closeOpen(tx, rejectionId, "replayed");
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
  db: Db,
  rejectionId: number,
  actor: string | null,
): Promise<"discarded" | "not_open" | "not_found"> {
  return await db.transaction().execute(async (tx) => {
    const closed = await closeOpen(tx, rejectionId, "discarded");
    if (closed === "discarded") await writeAudit(tx, { actor, action: "rejection.discarded", rejectionId, detail: {} });
    return closed;
  });
}

async function closeOpen<const Status extends "replayed" | "discarded">(
  tx: Db,
  rejectionId: number,
  status: Status,
): Promise<Status | "not_open" | "not_found"> {
  const { rows } = await sql<{ outcome: Status | "not_open" | "not_found" }>`
    with closed as (
      update rejections set status = ${status} where rejection_id = ${rejectionId} and status = 'open' returning status
    )
    select coalesce(
      (select status from closed),
      (select 'not_open' from rejections where rejection_id = ${rejectionId}),
      'not_found'
    ) as outcome
  `.execute(tx);
  return firstRow(rows).outcome;
}
