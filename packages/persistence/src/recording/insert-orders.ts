import { formatUnits, type Order } from "@pedidos/domain";
import { sql } from "kysely";
import { DatabaseError } from "pg";
import { type Db, firstRow } from "../connection/statements.ts";
import { type Identity, identityOf } from "../orders/identity.ts";
import { deletionOfAnnounced } from "../outbox/outbox-rows.ts";
import { deletionOfSpooled } from "../spool/spool-rows.ts";
import { stamp } from "./stamp.ts";

/** An order with what is derived from it, each once. `total` is a decimal text. */
export type NewOrder = Identity & { readonly order: Order; readonly total: string };

export function toNewOrder(order: Order): NewOrder {
  const identity = identityOf(order);
  return { ...identity, order, total: formatUnits(identity.totalUnits) };
}

export type Inserted = {
  /** The ids that were new; null: all of them. */
  readonly orderIds: ReadonlySet<number> | null;
  readonly recordedAt: string;
  /** The outbox row that names them; null if none was new. */
  readonly outboxId: number | null;
};

export type InsertOptions = {
  /** Of an id that is there already: leave that row, or fail with a violation of the primary key. */
  readonly taken: "skip" | "fail";
  /** Outbox rows to delete in the same statement. */
  readonly announced?: readonly number[];
  /** The spool rows that the orders come from, to delete in the same statement; it fails if one of them is gone. */
  readonly spoolIds?: readonly number[];
};

/**
 * Inserts the orders whose ids are new, adds them to their customers, and adds an outbox row that names them: all in one
 * statement, which is a transaction of its own outside of one.
 *
 * Orders go in sorted by id, then customers sorted, so that two batches which overlap wait for each other but never in a
 * circle; `seq` follows the order in which they were given. Parameters are ready-made literals: no field but `items`
 * can hold a delimiter, and JSON text never holds a raw line feed.
 *
 * @param orders ids all different
 */
export async function insertOrders(
  db: Db,
  orders: readonly NewOrder[],
  { taken, announced = [], spoolIds = [] }: InsertOptions,
): Promise<Inserted> {
  const column = (value: (one: NewOrder) => string | number) => `{${orders.map(value).join(",")}}`;
  const { name, onConflict } = taken === "skip" ? SKIP : FAIL;
  const { suffix, unspooled, recordedAt } = spoolIds.length > 0 ? fromSpool(spoolIds) : NOT_FROM_SPOOL;
  // Prepared, as planning it costs as much as recording a hundred orders; one row comes back, as 500 cost Node dearly.
  type Row = Omit<Inserted, "orderIds"> & { orderIds: number[] | null };
  const { rows } = await sql<Row>`-- prepared: ${name}${suffix}
    with announced as (${deletionOfAnnounced(announced)}), ${unspooled} stamp as materialized (
      select ${recordedAt} as recorded_at
    ), input as materialized (
      select *, nextval('order_seq') as seq
      from unnest(
        ${column(({ orderId }) => orderId)}::bigint[],
        ${column(({ customerId }) => customerId)}::bigint[],
        ${column(({ total }) => total)}::numeric[],
        ${column(({ order }) => order.items.length)}::integer[],
        ${column(({ order }) => order.placedAt ?? "NULL")}::timestamptz[],
        ${column(({ fingerprint }) => fingerprint)}::text[],
        string_to_array(${orders.map(itemsText).join("\n")}, chr(10))
      ) as t (order_id, customer_id, total, item_count, placed_at, fingerprint, items)
    ), inserted as (
      insert into orders (order_id, customer_id, seq, recorded_at, placed_at, item_count, total, fingerprint, items)
      select order_id, customer_id, seq, stamp.recorded_at, placed_at, item_count, total,
        decode(fingerprint, 'hex'), items::json
      from input cross join stamp
      order by order_id
      ${onConflict}
      returning order_id, customer_id, total, recorded_at
    ), summed as (
      insert into customers as c (customer_id, order_count, total_value, first_order_at, last_order_at)
      select customer_id, count(*), sum(total), min(recorded_at), max(recorded_at)
      from inserted
      group by customer_id
      order by customer_id
      on conflict (customer_id) do update set
        order_count = c.order_count + excluded.order_count,
        total_value = c.total_value + excluded.total_value,
        first_order_at = least(c.first_order_at, excluded.first_order_at),
        last_order_at = greatest(c.last_order_at, excluded.last_order_at)
    ), outboxed as (
      insert into outbox (order_ids)
      select array_agg(order_id) from inserted having count(*) > 0
      returning outbox_id
    )
    select
      case when count(*) < (select count(*) from input) then coalesce(array_agg(order_id), '{}') end as "orderIds",
      (select recorded_at from stamp) as "recordedAt",
      (select outbox_id from outboxed) as "outboxId"
    from inserted
  `.execute(db);
  const { orderIds, ...inserted } = firstRow(rows);
  return { orderIds: orderIds && new Set(orderIds), ...inserted };
}

const SKIP = { name: sql.raw("insert_orders"), onConflict: sql.raw("on conflict (order_id) do nothing") };
/** Spares the second write that `on conflict` takes. */
const FAIL = { name: sql.raw("insert_new_orders"), onConflict: sql.raw("") };

const NOT_FROM_SPOOL = { suffix: sql.raw(""), unspooled: sql.raw(""), recordedAt: stamp };

/**
 * A spool row that is gone was settled by another process, and then the whole statement must fail. It does so by a division
 * by zero, as PostgreSQL writes a row that violates a constraint into its log, and rows hold orders.
 */
function fromSpool(spoolIds: readonly number[]) {
  const areAllThere = sql`(select count(*) = ${spoolIds.length}::integer from unspooled)`;
  return {
    suffix: sql.raw("_spooled"),
    unspooled: sql`unspooled as (${deletionOfSpooled(spoolIds)}),`,
    recordedAt: sql`case when 1 / ${areAllThere}::integer = 1 then ${stamp} end`,
  };
}

/** The items as the column `items` keeps them: [[product, quantity, price in 1/10000], ...]. */
function itemsText({ order }: NewOrder): string {
  return JSON.stringify(order.items.map((item) => [item.product, item.quantity, item.priceUnits]));
}

const KEY_TAKEN = "23505";
const SPOOL_ROW_GONE = "22012";

/**
 * Whether {@link insertOrders} failed as an id is taken or a spool row is gone. The constraint's name decides nothing: each
 * partition of a table has one of its own.
 */
export function isTakenOrGone(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === KEY_TAKEN || error.code === SPOOL_ROW_GONE);
}
