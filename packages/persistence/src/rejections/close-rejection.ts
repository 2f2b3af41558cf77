import { sql } from "kysely";
import { type PerformedBy, writeAudit } from "../audit/audit.ts";
import { type Db, firstRow } from "../connection/statements.ts";
import { spoolOrders } from "../spool/spool-orders.ts";
import { conditionsOf, type RejectionFilter } from "./list-rejections.ts";

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

/** How many are discarded in one transaction. */
const DISCARDED_AT_ONCE = 200;

/**
 * Closes open rejections for good, the oldest first, each with an entry of its own in the audit.
 *
 * @param upTo the highest id: what has come since somebody counted them stays open
 * @returns how many, and whether there are more
 */
export async function discardRejections(
  db: Db,
  { upTo, ...filter }: Omit<RejectionFilter, "status"> & { readonly upTo: number },
  by: PerformedBy,
): Promise<{ discarded: number; hasMore: boolean }> {
  const conditions = [...conditionsOf({ ...filter, status: "open" }), sql`rejection_id <= ${upTo}`];
  return await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ rejectionId: number }>`
      update rejections set status = 'discarded'
      where status = 'open' and rejection_id in (
        select rejection_id from rejections where ${sql.join(conditions, sql` and `)}
        order by first_seen_at, rejection_id limit ${DISCARDED_AT_ONCE} for update
      )
      returning rejection_id as "rejectionId"
    `.execute(tx);
    for (const { rejectionId } of rows)
      await writeAudit(tx, { ...by, action: "rejection.discarded", rejectionId, detail: {} });
    return { discarded: rows.length, hasMore: rows.length === DISCARDED_AT_ONCE };
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
