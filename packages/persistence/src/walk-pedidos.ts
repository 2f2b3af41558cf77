import { formatDecimal } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/** A row as the replaced system lists it. `valor_total` is a decimal string here. */
export type PedidoRow = {
  readonly id: number;
  readonly codigo_pedido: number;
  readonly codigo_cliente: number;
  readonly valor_total: string;
  readonly created_at: string;
};

const PAGE = 1_000;

/**
 * A customer's orders as the replaced system lists them: oldest first, by an id that grows in the order of recording.
 * Transactions that overlap may take their ids and their times in different orders, so the ids are sorted first (8
 * bytes an order) and the rows are then fetched page by page.
 */
export async function* walkPedidos(db: Kysely<Database>, customerId: number): AsyncGenerator<PedidoRow[], void> {
  const { rows } = await sql<{ seqs: number[] }>`
    select coalesce(array_agg(order_id order by seq), '{}') as seqs from orders where customer_id = ${customerId}
  `.execute(db);
  const orderIds = rows[0]?.seqs ?? [];
  for (let start = 0; start < orderIds.length; start += PAGE) {
    const page = await db
      .selectFrom("orders")
      .select(["seq", "order_id", "customer_id", "total", "recorded_at"])
      .where("order_id", "=", sql<number>`any(${bigintArray(orderIds.slice(start, start + PAGE))})`)
      .orderBy("seq")
      .execute();
    yield page.map((row) => ({
      id: row.seq,
      codigo_pedido: row.order_id,
      codigo_cliente: row.customer_id,
      valor_total: formatDecimal(row.total),
      created_at: row.recorded_at,
    }));
  }
}
