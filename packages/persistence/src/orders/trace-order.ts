import type { OrderTrace, TracedRejection } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../database.generated.ts";

type Waiting = NonNullable<OrderTrace["waiting"]>;

/** What is known of an id, whether an order is recorded under it or not. */
export type StoredTrace = Pick<OrderTrace, "recorded" | "rejections" | "hasMoreRejections"> & {
  /** What waits in the spool; null where the order is recorded, for which it does not matter. */
  readonly spool: Waiting["spool"] | null;
  /** What waits there of this id because the database refuses it while it records others; null where nothing does. */
  readonly deferred: Waiting["deferred"];
};

const MOST_REJECTIONS = 20;
const MOST_COUNTED = { batch: 1_000, announcements: 1_000, spooled: 10_000 };

/** → what is known of an id: a few look-ups by index, each bounded, however much is stored or waits. */
export async function traceOrder(db: Kysely<Database>, orderId: number): Promise<StoredTrace> {
  const recorded = await traceRecorded(db, orderId);
  const rejections = await traceRejections(db, orderId);
  return {
    recorded,
    rejections: rejections.slice(0, MOST_REJECTIONS),
    hasMoreRejections: rejections.length > MOST_REJECTIONS,
    spool: recorded === null ? await measureSpool(db) : null,
    deferred: recorded === null ? await findDeferred(db, orderId) : null,
  };
}

async function traceRecorded(db: Kysely<Database>, orderId: number): Promise<OrderTrace["recorded"]> {
  const { rows } = await sql<{
    customer_id: number;
    total: string;
    item_count: number;
    placed_at: string | null;
    recorded_at: string;
    taken_over: boolean;
    batch_size: number;
    unannounced: boolean;
    announcements: number;
  }>`
    select customer_id, total, item_count, placed_at, recorded_at, fingerprint is null as taken_over,
      (
        select count(*)
        from (select from orders b where b.recorded_at = o.recorded_at limit ${MOST_COUNTED.batch}) batch
      ) as batch_size,
      coalesce(waiting.unannounced, false) as unannounced, waiting.announcements
    from orders o
    cross join (
      select bool_or(order_ids @> array[${orderId}::bigint]) as unannounced, count(*) as announcements
      from (select order_ids from outbox order by outbox_id limit ${MOST_COUNTED.announcements}) oldest
    ) waiting
    where order_id = ${orderId}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return null;
  const isKnown = row.unannounced || row.announcements < MOST_COUNTED.announcements;
  return {
    customerId: row.customer_id,
    total: formatDecimal(row.total),
    itemCount: row.item_count,
    placedAt: row.placed_at,
    recordedAt: row.recorded_at,
    isTakenOver: row.taken_over,
    batchSize: row.batch_size,
    isAnnounced: isKnown || row.taken_over ? !row.unannounced && !row.taken_over : null,
  };
}

async function traceRejections(db: Kysely<Database>, orderId: number): Promise<TracedRejection[]> {
  const rows = await db
    .selectFrom("rejections")
    .select(["rejection_id", "reason", "source", "times", "first_seen_at", "last_seen_at", "status"])
    .where("order_id", "=", orderId)
    .orderBy("rejection_id", "desc")
    .limit(MOST_REJECTIONS + 1)
    .execute();
  return rows.map((row) => ({
    rejectionId: row.rejection_id,
    reason: row.reason,
    source: row.source,
    times: row.times,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    status: row.status,
  }));
}

async function findDeferred(db: Kysely<Database>, orderId: number): Promise<StoredTrace["deferred"]> {
  const row = await db
    .selectFrom("spool")
    .select(["refusals", "refused_for", "retry_at"])
    .where("order_id", "=", orderId)
    .orderBy("spool_id")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.retry_at === null) return null;
  return { refusals: row.refusals, code: row.refused_for ?? "", retryAt: row.retry_at };
}

async function measureSpool(db: Kysely<Database>): Promise<StoredTrace["spool"]> {
  const { rows } = await sql<{ orders: number; oldest_at: string | null }>`
    select count(*) as orders, min(queued_at) as oldest_at
    from (select queued_at from spool order by spool_id limit ${MOST_COUNTED.spooled}) waiting
  `.execute(db);
  return { orders: rows[0]?.orders ?? 0, oldestAt: rows[0]?.oldest_at ?? null };
}
