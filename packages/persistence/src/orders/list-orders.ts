import type { ListedOrder } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../database.generated.ts";

/** Whose orders, and of which time of recording (RFC 3339): `from` inclusive, `to` exclusive. */
export type OrderFilter = { readonly customerId?: number; readonly from?: string; readonly to?: string };

/** Where in the list, which runs by time of recording (to the microsecond) and then by `seq`, a page ended. */
export type Position = { readonly recordedAt: string; readonly seq: number };

/** → a page of orders, newest recorded first, and where the next one starts; null on the last. A walk on an index. */
export async function listOrders(
  db: Kysely<Database>,
  { customerId, from, to, after, limit }: OrderFilter & { readonly after?: Position; readonly limit: number },
): Promise<{ orders: ListedOrder[]; next: Position | null }> {
  let query = db
    .selectFrom("orders")
    .select(["order_id", "customer_id", "total", "item_count", "placed_at", "recorded_at", "seq"])
    .orderBy("recorded_at", "desc")
    .orderBy("seq", "desc")
    .limit(limit + 1);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (from !== undefined) query = query.where("recorded_at", ">=", from);
  if (to !== undefined) query = query.where("recorded_at", "<", to);
  if (after !== undefined)
    query = query.where(sql<boolean>`(recorded_at, seq) < (${after.recordedAt}::timestamptz, ${after.seq}::bigint)`);
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    orders: page.map((row) => ({
      orderId: row.order_id,
      customerId: row.customer_id,
      total: formatDecimal(row.total),
      itemCount: row.item_count,
      placedAt: row.placed_at,
      recordedAt: row.recorded_at,
    })),
    next: rows.length > limit && last !== undefined ? { recordedAt: last.recorded_at, seq: last.seq } : null,
  };
}
