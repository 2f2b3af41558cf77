import { formatDecimal, type OrderRecorded, type OrderRejected, type Reason, type Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

/** What a row of the outbox names. */
export type NamedEvents = {
  readonly outboxId: number;
  readonly recorded: readonly OrderRecorded[];
  readonly rejected: readonly OrderRejected[];
  /** How many of its ids name nothing that can be announced: a null, a row that is gone, a total that is no number. */
  readonly unreadable: number;
};

/** Reads rows of the outbox, one for each id, in the order of the ids. A row may hold whatever somebody wrote into it by hand. */
export async function readOutbox(db: Kysely<Database>, outboxIds: readonly number[]): Promise<NamedEvents[]> {
  const ids = bigintArray(outboxIds);
  const { rows: counts } = await sql<{ outbox_id: number; named: number }>`
    select outbox_id, cardinality(order_ids) + cardinality(rejection_ids) as named from outbox
    where outbox_id = any(${ids})
  `.execute(db);
  const named = new Map(counts.map((row) => [row.outbox_id, row.named]));
  const orders = groupBy(await recordedIn(db, outboxIds));
  const rejections = groupBy(await rejectedIn(db, outboxIds));
  return outboxIds.map((outboxId) => {
    const recorded = (orders.get(outboxId) ?? []).flatMap((row) => recordedOf(row) ?? []);
    const rejected = (rejections.get(outboxId) ?? []).map(rejectedOf);
    const unreadable = (named.get(outboxId) ?? 0) - recorded.length - rejected.length;
    return { outboxId, recorded, rejected, unreadable };
  });
}

type RecordedRow = {
  outbox_id: number;
  order_id: number;
  customer_id: number;
  total: string;
  item_count: number;
  recorded_at: string;
};

async function recordedIn(db: Kysely<Database>, outboxIds: readonly number[]): Promise<RecordedRow[]> {
  const { rows } = await sql<RecordedRow>`
    select outbox_id, o.order_id, o.customer_id, o.total, o.item_count, o.recorded_at
    from outbox cross join lateral unnest(order_ids) as named (id) join orders o on o.order_id = named.id
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
  return rows;
}

/** → undefined where the row's total is none. */
function recordedOf(row: RecordedRow): OrderRecorded | undefined {
  const total = totalOf(row.total);
  if (total === undefined) return undefined;
  return {
    orderId: row.order_id,
    customerId: row.customer_id,
    total,
    itemCount: row.item_count,
    recordedAt: row.recorded_at,
  };
}

function totalOf(text: string): string | undefined {
  try {
    return formatDecimal(text);
  } catch {
    return undefined;
  }
}

type RejectedRow = {
  outbox_id: number;
  rejection_id: number;
  order_id: number | null;
  reason: Reason;
  source: Source;
  first_seen_at: string;
};

async function rejectedIn(db: Kysely<Database>, outboxIds: readonly number[]): Promise<RejectedRow[]> {
  const { rows } = await sql<RejectedRow>`
    select outbox_id, r.rejection_id, r.order_id, r.reason, r.source, r.first_seen_at
    from outbox cross join lateral unnest(rejection_ids) as named (id) join rejections r on r.rejection_id = named.id
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
  return rows;
}

function rejectedOf(row: RejectedRow): OrderRejected {
  return {
    rejectionId: row.rejection_id,
    orderId: row.order_id,
    reason: row.reason,
    source: row.source,
    firstSeenAt: row.first_seen_at,
  };
}

function groupBy<Row extends { readonly outbox_id: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.outbox_id);
    if (group === undefined) groups.set(row.outbox_id, [row]);
    else group.push(row);
  }
  return groups;
}
