import { formatDecimal } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";

/** A row as the replaced system lists it. `valor_total` is a decimal string here. */
export type PedidoRow = Awaited<ReturnType<typeof readRange>>[number];

/** The rows of one query; they are yielded in smaller pages. */
export const MOST_READ = 4_000;
const PAGE = 1_000;

/** What one query reads: its first and last `seq`, and its first and last time, by which the customer's index is sorted. */
type Range = { readonly firstSeq: number; readonly lastSeq: number; readonly from: string; readonly to: string };

/**
 * A customer's orders as the replaced system lists them: oldest first, by an id that grows in the order of recording.
 *
 * Transactions that overlap may take their ids and their times in different orders, and no index goes by id. So the
 * database sorts all ids once and answers only with the ends of each range of them; the ranges are then read one by one,
 * each by a short walk on the index, since ids and times nearly agree. (Where they do not, as in a table that was taken
 * over, the walk is longer.) An order that is recorded meanwhile may be listed or not; every earlier one is listed once.
 */
export async function* walkPedidos(db: Db, customerId: number): AsyncGenerator<PedidoRow[], void> {
  for (const range of await findRanges(db, customerId)) {
    const rows = await readRange(db, customerId, range);
    for (let start = 0; start < rows.length; start += PAGE)
      yield rows.slice(start, start + PAGE).map((row) => ({ ...row, valor_total: formatDecimal(row.valor_total) }));
  }
}

async function findRanges(db: Db, customerId: number): Promise<Range[]> {
  const { rows } = await sql<Range>`
    select min(seq) as "firstSeq", max(seq) as "lastSeq", min(recorded_at) as "from", max(recorded_at) as "to"
    from (
      select seq, recorded_at, (row_number() over (order by seq) - 1) / ${sql.lit(MOST_READ)} as range
      from orders where customer_id = ${customerId}
    ) numbered
    group by range order by range
  `.execute(db);
  return rows;
}

async function readRange(db: Db, customerId: number, { firstSeq, lastSeq, from, to }: Range) {
  // Of many rows with the same time the index finds those by their ids, if the query names that time alone.
  const timed = from === to ? sql<boolean>`recorded_at = ${from}` : sql<boolean>`recorded_at between ${from} and ${to}`;
  return await db
    .selectFrom("orders")
    .select(["seq as id", "order_id as codigo_pedido", "customer_id as codigo_cliente"])
    .select(["total as valor_total", "recorded_at as created_at"])
    .where("customer_id", "=", customerId)
    .where(sql<boolean>`seq between ${firstSeq} and ${lastSeq}`)
    .where(timed)
    .orderBy("seq")
    .execute();
}
