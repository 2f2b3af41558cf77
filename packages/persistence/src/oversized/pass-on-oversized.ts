import type { Db } from "../connection/open-database.ts";
import { claimOversized, deleteOversized, type OversizedRow, postponeOversized } from "./oversized-rows.ts";

/**
 * Claims the oldest kept body that is due, hands it to `publish`, and deletes it once that has confirmed. Otherwise it is
 * due again: at once after the first attempt, then after ever longer pauses. No transaction is open meanwhile, as a slow
 * line takes minutes.
 *
 * @returns whether one was published, so that more may be pending
 */
export async function passOnOversized(db: Db, publish: (row: OversizedRow) => Promise<boolean>): Promise<boolean> {
  const row = await claimOversized(db);
  if (row === undefined) return false;
  const isTaken = await publish(row);
  await (isTaken ? deleteOversized : postponeOversized)(db, row.oversizedId);
  return isTaken;
}
