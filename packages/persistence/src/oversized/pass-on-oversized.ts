import type { Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";

/** Keeps a body that is too large to be an order until the broker's dead letters can take it. */
export async function keepOversized(
  db: Kysely<Database>,
  row: { readonly source: Source; readonly body: Buffer },
): Promise<void> {
  await sql`insert into oversized (source, body) values (${row.source}, ${row.body})`.execute(db);
}

/** Longer than a body of any size may take on its way, so that no two processes send one at the same time. */
const LEASE = sql`interval '6 min'`;
const BACK_OFF = sql`least(interval '10 s' * (power(2, least(attempts - 1, 20)) - 1), interval '10 min')`;

/**
 * Claims the oldest kept body that is due, hands it to `publish`, and deletes it once that has confirmed; else it is due
 * again, at once after the first attempt, then after ever longer pauses. No transaction is open meanwhile: on a slow line it takes minutes.
 *
 * @returns whether one was handed on, so that more may wait
 */
export async function passOnOversized(
  db: Kysely<Database>,
  publish: (row: { readonly source: Source; readonly body: Buffer }) => Promise<boolean>,
): Promise<boolean> {
  const { rows } = await sql<{ oversized_id: number; source: Source; body: Buffer }>`
    update oversized set attempts = least(attempts + 1, 1000), next_attempt_at = now() + ${LEASE}
    where oversized_id = (
      select oversized_id from oversized where next_attempt_at is null or next_attempt_at <= now()
      order by oversized_id limit 1 for update skip locked
    )
    returning oversized_id, source, body
  `.execute(db);
  const row = rows[0];
  if (row === undefined) return false;
  const isTaken = await publish(row);
  if (isTaken) await sql`delete from oversized where oversized_id = ${row.oversized_id}`.execute(db);
  else
    await sql`
      update oversized set next_attempt_at = now() + ${BACK_OFF} where oversized_id = ${row.oversized_id}
    `.execute(db);
  return isTaken;
}
