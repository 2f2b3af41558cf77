import { sql } from "kysely";
import { firstRow } from "../connection/first-row.ts";
import type { Db } from "../connection/open-database.ts";

export type ChangeCounts = { readonly recorded: number; readonly rejected: number };

/** A period is counted up to this, so that counting never takes long. */
const MOST = 200_000;

/**
 * → how much was recorded and newly rejected in a period, each up to 200000, read from the end of two indexes.
 *
 * @param from inclusive
 * @param before exclusive; a {@link Horizon}, so that nothing is missed
 */
export async function countChanges(
  db: Db,
  { from, before }: { readonly from: string; readonly before: string },
): Promise<ChangeCounts> {
  const count = (table: "orders" | "rejections", time: string) => sql`(
    select count(*) from (
      select from ${sql.table(table)}
      where ${sql.ref(time)} >= ${from}::timestamptz and ${sql.ref(time)} < ${before}::timestamptz
      limit ${MOST}
    ) t
  )`;
  const { rows } = await sql<ChangeCounts>`
    select ${count("orders", "recorded_at")} as recorded, ${count("rejections", "first_seen_at")} as rejected
  `.execute(db);
  return firstRow(rows);
}
