import type { Source } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";

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
  const change = isTaken ? sql`delete from oversized` : sql`update oversized set next_attempt_at = now() + ${BACK_OFF}`;
  await sql`${change} where oversized_id = ${row.oversizedId}`.execute(db);
  return isTaken;
}

export type OversizedRow = { readonly source: Source; readonly body: Buffer };

/** Longer than the publish of a body of any size may take, so that no two processes publish one at the same time. */
const LEASE = sql`interval '6 min'`;
const BACK_OFF = sql`least(interval '10 s' * (power(2, least(attempts - 1, 20)) - 1), interval '10 min')`;

/** Keeps a body that is too large to be an order until the broker's dead letters can take it. */
export async function keepOversized(db: Db, { source, body }: OversizedRow): Promise<void> {
  await sql`insert into oversized (source, body) values (${source}, ${body})`.execute(db);
}

/** Claims the oldest body that is due; the attempt is counted before it is made. */
async function claimOversized(db: Db): Promise<(OversizedRow & { oversizedId: number }) | undefined> {
  const { rows } = await sql<OversizedRow & { oversizedId: number }>`
    update oversized set attempts = least(attempts + 1, 1000), next_attempt_at = now() + ${LEASE}
    where oversized_id = (
      select oversized_id from oversized where next_attempt_at is null or next_attempt_at <= now()
      order by oversized_id limit 1 for update skip locked
    )
    returning oversized_id as "oversizedId", source, body
  `.execute(db);
  return rows[0];
}
