import { sql } from "kysely";
import { type Db, firstRow } from "../connection/statements.ts";

export type OpenRejections = {
  readonly open: number;
  /** Of them, those first seen within the last 24 hours, as far as they are among the newest of that time. */
  readonly fresh: number;
  /** Of the fresh ones, those that are conflicts. */
  readonly conflicts: number;
};

const MOST = 10_000;

/**
 * → how many rejections nobody has dealt with yet, each counted up to 10000. In the order of its index the first are found
 * without reading bodies, however many are closed.
 */
export async function countOpenRejections(db: Db): Promise<OpenRejections> {
  const { rows } = await sql<OpenRejections>`
    select (
      select count(*) from (
        select from rejections where status = 'open' order by source, reason, body_digest limit ${MOST}
      ) counted
    ) as open, count(*) as fresh, count(*) filter (where reason = 'order_conflict') as conflicts
    from (
      select status, reason from rejections where first_seen_at > clock_timestamp() - interval '24 hours'
      order by first_seen_at desc, rejection_id desc limit ${MOST}
    ) newest
    where status = 'open'
  `.execute(db);
  return firstRow(rows);
}
