import type { ListedOrder, RecordedOrder } from "@pedidos/contract";
import { formatDecimal, formatUnits } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";
import { orderColumns } from "./order-row.ts";

export async function findOrder(db: Db, orderId: number): Promise<Omit<RecordedOrder, "status"> | undefined> {
  const row = await db
    .selectFrom("orders")
    .select([...orderColumns, "items"])
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { customerId, total, items, placedAt, recordedAt } = row;
  return {
    orderId,
    customerId,
    total: formatDecimal(total),
    items: items.map(([product, quantity, priceUnits]) => ({ product, quantity, unitPrice: formatUnits(priceUnits) })),
    placedAt,
    recordedAt,
  };
}

/** Whose orders, and of which time of recording (RFC 3339): `from` inclusive, `to` exclusive. */
export type OrderFilter = { readonly customerId?: number; readonly from?: string; readonly to?: string };

/** Where in the list, which runs by time of recording (to the microsecond) and then by `seq`, a page ended. */
export type Position = { readonly recordedAt: string; readonly seq: number };

/** → a page of orders, newest recorded first, and where the next one starts; null on the last. A walk on an index. */
export async function listOrders(
  db: Db,
  { customerId, from, to, after, limit }: OrderFilter & { readonly after?: Position; readonly limit: number },
): Promise<{ orders: ListedOrder[]; next: Position | null }> {
  let query = db
    .selectFrom("orders")
    .select([...orderColumns, "seq"])
    .orderBy("recorded_at", "desc")
    .orderBy("seq", "desc")
    .limit(limit + 1);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (from !== undefined) query = query.where("recorded_at", ">=", from);
  if (to !== undefined) query = query.where("recorded_at", "<", to);
  if (after !== undefined)
    query = query.where(sql<boolean>`(recorded_at, seq) < (${after.recordedAt}::timestamptz, ${after.seq}::bigint)`);
  const rows = await query.execute();
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    orders: rows.slice(0, limit).map(({ seq, ...order }) => ({ ...order, total: formatDecimal(order.total) })),
    next: last === undefined ? null : { recordedAt: last.recordedAt, seq: last.seq },
  };
}

const WALKED_PAGE = 1_000;

/** The whole list, newest first, page by page: no snapshot is held, however long the reader takes. */
export async function* walkOrders(db: Db, filter: OrderFilter): AsyncGenerator<ListedOrder[], void> {
  let after: Position | null | undefined;
  do {
    const page = await listOrders(db, { ...filter, ...(after ? { after } : {}), limit: WALKED_PAGE });
    if (page.orders.length > 0) yield page.orders;
    after = page.next;
  } while (after !== null);
}
