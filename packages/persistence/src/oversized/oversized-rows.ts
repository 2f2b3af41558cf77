import type { Source } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";

export type OversizedRow = { readonly source: Source; readonly body: Buffer };

/** Longer than the publish of a body of any size may take, so that no two processes publish one at the same time. */
const LEASE = sql`interval '6 min'`;
const BACK_OFF = sql`least(interval '10 s' * (power(2, least(attempts - 1, 20)) - 1), interval '10 min')`;

/** Keeps a body that is too large to be an order until the broker's dead letters can take it. */
export async function keepOversized(db: Db, { source, body }: OversizedRow): Promise<void> {
  await sql`insert into oversized (source, body) values (${source}, ${body})`.execute(db);
}

/** Claims the oldest body that is due; the attempt is counted before it is made. */
export async function claimOversized(db: Db): Promise<(OversizedRow & { oversizedId: number }) | undefined> {
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

export async function deleteOversized(db: Db, oversizedId: number): Promise<void> {
  await sql`delete from oversized where oversized_id = ${oversizedId}`.execute(db);
}

export async function postponeOversized(db: Db, oversizedId: number): Promise<void> {
  await sql`
    update oversized set next_attempt_at = now() + ${BACK_OFF} where oversized_id = ${oversizedId}
  `.execute(db);
}
