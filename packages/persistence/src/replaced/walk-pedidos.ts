import { formatDecimal } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";

/** A row as the replaced system lists it. `valor_total` is a decimal string here. */
export type PedidoRow = {
  readonly id: number;
  readonly codigo_pedido: number;
  readonly codigo_cliente: number;
  readonly valor_total: string;
  readonly created_at: string;
};

/** So many are read by one query, and so many of them are given at once. */
export const MOST_READ = 4_000;
const PAGE = 1_000;

/** What one query reads: where it begins and ends by `seq`, and by time, which the index on a customer's orders goes by. */
type Range = { readonly firstSeq: number; readonly lastSeq: number; readonly from: string; readonly to: string };

/**
 * A customer's orders as the replaced system lists them: oldest first, by an id that grows in the order of recording.
 *
 * Transactions that overlap may take their ids and their times in different orders, and no index goes by id. So the
 * database sorts all ids once and says only where each range of them begins and ends; the ranges are then read one by one,
 * each by a short walk on the index, since ids and times nearly agree. (Where they do not, as in a table that was taken
 * over, the walk is longer.) What is recorded meanwhile may be listed or not; what was there is listed once.
 */
export async function* walkPedidos(db: Kysely<Database>, customerId: number): AsyncGenerator<PedidoRow[], void> {
  for (const range of await findRanges(db, customerId)) {
    const rows = await readRange(db, customerId, range);
    for (let start = 0; start < rows.length; start += PAGE) yield rows.slice(start, start + PAGE).map(toPedido);
  }
}

async function findRanges(db: Kysely<Database>, customerId: number): Promise<Range[]> {
  const { rows } = await sql<{ first_seq: number; last_seq: number; from: string; to: string }>`
    select min(seq) as first_seq, max(seq) as last_seq, min(recorded_at) as "from", max(recorded_at) as "to"
    from (
      select seq, recorded_at, (row_number() over (order by seq) - 1) / ${sql.lit(MOST_READ)} as range
      from orders where customer_id = ${customerId}
    ) numbered
    group by range order by range
  `.execute(db);
  return rows.map(({ first_seq: firstSeq, last_seq: lastSeq, from, to }) => ({ firstSeq, lastSeq, from, to }));
}

async function readRange(db: Kysely<Database>, customerId: number, { firstSeq, lastSeq, from, to }: Range) {
  const query = db
    .selectFrom("orders")
    .select(["seq", "order_id", "customer_id", "total", "recorded_at"])
    .where("customer_id", "=", customerId)
    .where("seq", ">=", firstSeq)
    .where("seq", "<=", lastSeq)
    .orderBy("seq");
  // Of many with the same time the index finds those by their ids, if it is given as one.
  const timed =
    from === to
      ? query.where("recorded_at", "=", from)
      : query.where("recorded_at", ">=", from).where("recorded_at", "<=", to);
  return await timed.execute();
}

type Row = Awaited<ReturnType<typeof readRange>>[number];

function toPedido({ seq, order_id, customer_id, total, recorded_at }: Row): PedidoRow {
  return {
    id: seq,
    codigo_pedido: order_id,
    codigo_cliente: customer_id,
    valor_total: formatDecimal(total),
    created_at: recorded_at,
  };
}
