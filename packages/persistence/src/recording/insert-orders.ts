import { formatUnits, type Order } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Identity } from "../orders/identity.ts";
import { deletionOfAnnounced } from "../outbox/delete-announced.ts";
import type { Database } from "../schema/database.generated.ts";
import { deletionOfSpooled } from "../spool/delete-spooled.ts";
import { stamp } from "./stamp.ts";

export type NewOrder = { readonly order: Order; readonly identity: Identity };

/** What went in. */
export type Inserted = {
  /** The ids that were new; null: all of them. */
  readonly orderIds: ReadonlySet<number> | null;
  readonly recordedAt: string;
  /** The row that names them; null where nothing went in. */
  readonly outboxId: number | null;
};

export type InsertOptions = {
  /** Of an id that is there already: leave that row, or fail with a violation of the primary key. */
  readonly taken: "skip" | "fail";
  /** Outbox rows to delete along with it. */
  readonly announced: readonly number[];
  /** The spool rows that the orders come from, to delete along with it; where one of them is gone, it fails. */
  readonly spoolIds: readonly number[];
};

/**
 * Inserts the orders whose ids are new, adds them to their customers, and writes down what is to be announced: all in one
 * statement, which is a transaction where it stands alone.
 *
 * Rows go in sorted by id, then customers sorted, so that two batches which overlap wait for each other but never in a
 * circle; `seq` follows the order in which they were given. Parameters are ready-made literals: no field but `items`
 * can hold a delimiter, and JSON text never holds a raw line feed.
 *
 * @param orders ids all different
 */
export async function insertOrders(
  db: Kysely<Database>,
  orders: readonly NewOrder[],
  { taken, announced, spoolIds }: InsertOptions,
): Promise<Inserted> {
  const column = (value: (order: Order, identity: Identity) => string | number) =>
    `{${orders.map((o) => value(o.order, o.identity)).join(",")}}`;
  const { name, onConflict } = taken === "skip" ? SKIP : FAIL;
  const { suffix, unspooled, recordedAt } = spoolIds.length > 0 ? fromSpool(spoolIds) : NOT_FROM_SPOOL;
  // Prepared, as planning it costs as much as recording a hundred orders; one row comes back, as 500 cost Node dearly.
  const { rows } = await sql<{
    order_ids: number[] | null;
    recorded_at: string;
    outbox_id: number | null;
  }>`-- prepared: ${name}${suffix}
    with announced as (${deletionOfAnnounced(announced)}), ${unspooled} stamp as materialized (
      select ${recordedAt} as recorded_at
    ), input as materialized (
      select *, nextval('order_seq') as seq
      from unnest(
        ${column((o) => o.orderId)}::bigint[],
        ${column((o) => o.customerId)}::bigint[],
        ${column((_, i) => formatUnits(i.totalUnits))}::numeric[],
        ${column((o) => o.items.length)}::integer[],
        ${column((o) => o.placedAt ?? "NULL")}::timestamptz[],
        ${column((_, i) => i.fingerprint)}::text[],
        string_to_array(${orders.map((o) => itemsText(o.order)).join("\n")}, chr(10))
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
      case when count(*) < (select count(*) from input) then coalesce(array_agg(order_id), '{}') end as order_ids,
      (select recorded_at from stamp) as recorded_at,
      (select outbox_id from outboxed) as outbox_id
    from inserted
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not say what it recorded");
  return {
    orderIds: row.order_ids && new Set(row.order_ids),
    recordedAt: row.recorded_at,
    outboxId: row.outbox_id,
  };
}

const SKIP = { name: sql.raw("insert_orders"), onConflict: sql.raw("on conflict (order_id) do nothing") };
/** Without the writing twice that `on conflict` takes. */
const FAIL = { name: sql.raw("insert_new_orders"), onConflict: sql.raw("") };

const NOT_FROM_SPOOL = { suffix: sql.raw(""), unspooled: sql.raw(""), recordedAt: stamp };

/**
 * Where a spool row is gone, another process has settled it, and all of this must fail: by a division by zero, as
 * PostgreSQL writes a row that violates a constraint into its log, and rows hold orders.
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
function itemsText(order: Order): string {
  return JSON.stringify(order.items.map((item) => [item.product, item.quantity, item.priceUnits]));
}
