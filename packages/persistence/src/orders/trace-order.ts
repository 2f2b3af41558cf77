import type { ListedOrder, OrderTrace } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import { sql } from "kysely";
import { countUpTo, type Db, firstRow, selectionOf } from "../connection/statements.ts";
import { tracedColumns } from "../rejections/rejection-row.ts";
import { orderColumns } from "./order-row.ts";

type Recorded = NonNullable<OrderTrace["recorded"]>;
type Waiting = NonNullable<OrderTrace["waiting"]>;

/** What is known of an id, whether an order is recorded under it or not. */
export type StoredTrace = Pick<OrderTrace, "recorded" | "rejections" | "hasMoreRejections"> & {
  /** The backlog of the spool; null if the order is recorded, for which it does not matter. */
  readonly spool: Waiting["spool"] | null;
  /** A row of this id in the spool that the database refuses while it records others; null if there is none. */
  readonly deferred: Waiting["deferred"];
};

const MOST_REJECTIONS = 20;
const MOST_COUNTED = { batch: 1_000, announcements: 1_000, spooled: 10_000 };

/** → what is known of an id: a few look-ups by index, each bounded, however much is stored or pending. */
export async function traceOrder(db: Db, orderId: number): Promise<StoredTrace> {
  const recorded = await traceRecorded(db, orderId);
  const rejections = await db
    .selectFrom("rejections")
    .select(tracedColumns)
    .where("order_id", "=", orderId)
    .orderBy("rejection_id", "desc")
    .limit(MOST_REJECTIONS + 1)
    .execute();
  return {
    recorded,
    rejections: rejections.slice(0, MOST_REJECTIONS),
    hasMoreRejections: rejections.length > MOST_REJECTIONS,
    spool: recorded === null ? await measureSpool(db) : null,
    deferred: recorded === null ? await findDeferred(db, orderId) : null,
  };
}

async function traceRecorded(db: Db, orderId: number): Promise<Recorded | null> {
  const { rows } = await sql<
    ListedOrder & Omit<Recorded, "isAnnounced"> & { isPending: boolean; announcements: number }
  >`
    select ${selectionOf(orderColumns)}, fingerprint is null as "isTakenOver",
      ${countUpTo(MOST_COUNTED.batch, sql`orders b where b.recorded_at = o.recorded_at`)} as "batchSize",
      coalesce(pending.has_order, false) as "isPending", pending.announcements
    from orders o
    cross join (
      select bool_or(order_ids @> array[${orderId}::bigint]) as has_order, count(*) as announcements
      from (select order_ids from outbox order by outbox_id limit ${MOST_COUNTED.announcements}) oldest
    ) pending
    where order_id = ${orderId}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return null;
  const { orderId: _, isPending, announcements, ...recorded } = row;
  const isKnown = isPending || recorded.isTakenOver || announcements < MOST_COUNTED.announcements;
  const isAnnounced = isKnown ? !isPending && !recorded.isTakenOver : null;
  return { ...recorded, total: formatDecimal(recorded.total), isAnnounced };
}

async function findDeferred(db: Db, orderId: number): Promise<StoredTrace["deferred"]> {
  const { rows } = await sql<NonNullable<StoredTrace["deferred"]>>`
    select refusals, coalesce(refused_for, '') as code, retry_at as "retryAt" from spool
    where order_id = ${orderId} and retry_at is not null order by spool_id limit 1
  `.execute(db);
  return rows[0] ?? null;
}

async function measureSpool(db: Db): Promise<Waiting["spool"]> {
  const { rows } = await sql<Waiting["spool"]>`
    select count(*) as orders, min(queued_at) as "oldestAt"
    from (select queued_at from spool order by spool_id limit ${MOST_COUNTED.spooled}) oldest
  `.execute(db);
  return firstRow(rows);
}
