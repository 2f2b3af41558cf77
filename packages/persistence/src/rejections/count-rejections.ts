import { MOST_COUNTED, type RejectionCounts } from "@pedidos/contract";
import type { Reason, Source } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";
import { conditionsOf, type RejectionFilter } from "./list-rejections.ts";

type Row = {
  readonly reason: Reason | null;
  readonly source: Source | null;
  readonly day: string | null;
  readonly rejections: number;
  readonly newestId: number | null;
};

/**
 * → how many rejections a filter finds, in all and by reason, source and day; the newest are counted, so that it takes no
 * longer the more there are. Of open ones it reads an index alone.
 *
 * @param utcOffset in minutes: when the reader's days begin
 */
export async function countRejections(
  db: Db,
  { utcOffset, ...filter }: RejectionFilter & { readonly utcOffset: number },
): Promise<RejectionCounts> {
  const { rows } = await sql<Row>`
    with newest as materialized (
      select rejection_id, reason, source,
        to_char((first_seen_at at time zone 'UTC') + make_interval(mins => ${utcOffset}::integer), 'YYYY-MM-DD') as day
      from rejections
      where ${sql.join([sql`true`, ...conditionsOf(filter)], sql` and `)}
      order by first_seen_at desc, rejection_id desc
      limit ${MOST_COUNTED + 1}
    ), counted as (select * from newest limit ${MOST_COUNTED})
    select reason, source, day, count(*) as rejections, max(rejection_id) as "newestId"
    from counted
    group by grouping sets ((), (reason), (source), (day))
    union all
    select null, null, null, count(*), null from newest having count(*) > ${MOST_COUNTED}
    order by rejections desc
  `.execute(db);
  const all = rows.find((row) => isOfAll(row) && row.newestId !== null);
  return {
    rejections: all?.rejections ?? 0,
    isCapped: rows.some((row) => isOfAll(row) && row.rejections > MOST_COUNTED),
    newestId: all?.newestId ?? null,
    byReason: rows.flatMap(({ reason, rejections }) => (reason === null ? [] : [{ reason, rejections }])),
    bySource: rows.flatMap(({ source, rejections }) => (source === null ? [] : [{ source, rejections }])),
    byDay: rows
      .flatMap(({ day, rejections }) => (day === null ? [] : [{ day, rejections }]))
      .sort((a, b) => (a.day < b.day ? 1 : -1)),
  };
}

function isOfAll({ reason, source, day }: Row): boolean {
  return reason === null && source === null && day === null;
}
