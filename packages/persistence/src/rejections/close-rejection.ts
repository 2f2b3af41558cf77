import { sql } from "kysely";
import { type PerformedBy, writeAudit } from "../audit/audit.ts";
import { type Db, firstRow } from "../connection/statements.ts";
import { spoolOrders } from "../spool/spool-orders.ts";

/**
 * Submits a rejection again: closes it and takes the order into the spool, source "replay", in one transaction.
 *
 * @param body the order in the English form; `corrected`: it is not what was rejected
 */
export async function replayRejection(
  db: Db,
  rejectionId: number,
  { body, corrected }: { body: Uint8Array; corrected: boolean },
  by: PerformedBy,
) {
  return await closeOpen(db, rejectionId, "replayed", async (tx) => {
    await spoolOrders(tx, [{ source: "replay", body }]);
    await writeAudit(tx, { ...by, action: "rejection.replayed", rejectionId, detail: { corrected } });
  });
}

/** Closes a rejection for good. */
export async function discardRejection(db: Db, rejectionId: number, by: PerformedBy) {
  return await closeOpen(db, rejectionId, "discarded", async (tx) => {
    await writeAudit(tx, { ...by, action: "rejection.discarded", rejectionId, detail: {} });
  });
}

async function closeOpen<const Status extends "replayed" | "discarded">(
  db: Db,
  rejectionId: number,
  status: Status,
  complete: (tx: Db) => Promise<void>,
): Promise<Status | "not_open" | "not_found"> {
  return await db.transaction().execute(async (tx) => {
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
    const { outcome } = firstRow(rows);
    if (outcome === status) await complete(tx);
    return outcome;
  });
}
