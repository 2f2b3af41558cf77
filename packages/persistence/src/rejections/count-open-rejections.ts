import { sql } from "kysely";
import { countUpTo, type Db, firstRow } from "../connection/statements.ts";

export type OpenRejections = {
  readonly open: number;
  /** Of them, those first seen within the last 24 hours, as far as they are among the newest of that time. */
  readonly fresh: number;
  /** Of the fresh ones, those that are conflicts. */
  readonly conflicts: number;
};

const MOST = 10_000;

/**
 * → how many rejections nobody has dealt with yet, each counted up to 10000: the open ones have an index of their own, and
 * those of a day are at the end of another.
 */
export async function countOpenRejections(db: Db): Promise<OpenRejections> {
  const { rows } = await sql<OpenRejections>`
    select ${countUpTo(MOST, sql`rejections where status = 'open'`)} as open, count(*) as fresh,
      count(*) filter (where reason = 'order_conflict') as conflicts
    from (
      select status, reason from rejections where first_seen_at > clock_timestamp() - interval '24 hours'
      order by first_seen_at desc, rejection_id desc limit ${MOST}
    ) newest
    where status = 'open'
  `.execute(db);
  return firstRow(rows);
}
