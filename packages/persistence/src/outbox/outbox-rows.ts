import { type CloudEvent, type ListedOrder, rejectedEvent } from "@pedidos/contract";
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { bigintArray, selectionOf } from "../connection/sql-fragments.ts";
import { orderColumns, toRecordedEvent } from "../orders/order-row.ts";
import { type RejectedRow, rejectedColumns } from "../rejections/rejection-row.ts";

export type Sweep = {
  /** Rows that have waited this long for their first attempt; or those whose next attempt is due, the most overdue first. */
  readonly of: { readonly olderThanMs: number } | "due";
  readonly most: number;
};

/** A claim is the count of an attempt that is about to be made, so it lasts until the next one would be due. */
const BACK_OFF = sql`least(interval '10 s' * power(2, least(attempts, 20)), interval '1 hour')`;
const NEXT_ATTEMPT = sql`attempts = least(attempts + 1, 1000), next_attempt_at = now() + ${BACK_OFF}`;

/** A row that is claimed, and how many ids it names. */
export type ClaimedOutboxRow = { readonly outboxId: number; readonly named: number };

/** Counts an attempt of rows that no other process claims at this moment. → the rows, oldest first. */
export async function claimOutboxRows(db: Db, { of, most }: Sweep): Promise<ClaimedOutboxRow[]> {
  const chosen: RawBuilder<unknown> =
    of === "due"
      ? sql`next_attempt_at <= now() order by next_attempt_at`
      : sql`next_attempt_at is null and created_at < now() - ${of.olderThanMs} * interval '1 ms' order by outbox_id`;
  const { rows } = await sql<ClaimedOutboxRow>`
    update outbox set ${NEXT_ATTEMPT} where outbox_id = any(array(
      select outbox_id from outbox where ${chosen} limit ${most} for update skip locked
    ))
    returning outbox_id as "outboxId", cardinality(order_ids) + cardinality(rejection_ids) as named
  `.execute(db);
  return rows.sort((a, b) => a.outboxId - b.outboxId);
}

/** Uncounts attempts that were not made. */
export async function releaseOutboxRows(db: Db, outboxIds: readonly number[]): Promise<void> {
  await sql`
    update outbox set attempts = greatest(attempts - 1, 0), next_attempt_at = case when attempts > 1 then now() end
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
}

/** Counts an attempt of rows that were announced from memory and refused. */
export async function postponeRefused(db: Db, outboxIds: readonly number[]): Promise<void> {
  await sql`
    update outbox set ${NEXT_ATTEMPT} where outbox_id = any(array(
      select outbox_id from outbox where outbox_id = any(${bigintArray(outboxIds)}) and next_attempt_at is null
      for update skip locked
    ))
  `.execute(db);
}

/** What a row names, as its event. */
export type NamedEvent = { readonly outboxId: number; readonly event: CloudEvent };

/** → what rows name, without what can't be announced: a total that is no number. */
export async function findNamed(db: Db, outboxIds: readonly number[]): Promise<NamedEvent[]> {
  const { rows: orders } = await sql<ListedOrder & { outboxId: number }>`
    select outbox_id as "outboxId", ${selectionOf(orderColumns)}
    from outbox cross join lateral unnest(order_ids) as named (id) join orders o on o.order_id = named.id
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
  const { rows: rejections } = await sql<RejectedRow & { outboxId: number }>`
    select outbox_id as "outboxId", ${selectionOf(rejectedColumns)}
    from outbox cross join lateral unnest(rejection_ids) as named (id) join rejections r on r.rejection_id = named.id
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
  const readable = orders.flatMap((row) => {
    try {
      return [{ outboxId: row.outboxId, event: toRecordedEvent(row) }];
    } catch {
      return [];
    }
  });
  return [...readable, ...rejections.map((row) => ({ outboxId: row.outboxId, event: rejectedEvent(row) }))];
}

/**
 * Replaces a row by one that names only what was not announced: the role that records may change the ids of no
 * row.
 */
export async function keepUnannounced(db: Db, outboxId: number, announced: readonly CloudEvent[]): Promise<void> {
  const orderIds = announced.flatMap(({ type, data }) => (type === "order.recorded" ? [data.orderId] : []));
  const rejectionIds = announced.flatMap(({ type, data }) => (type === "order.rejected" ? [data.rejectionId] : []));
  const without = (column: string, ids: readonly number[]) =>
    sql`array(select id from unnest(${sql.ref(column)}) id where id is null or id <> all(${bigintArray(ids)}))`;
  await sql`
    with taken as (delete from outbox where outbox_id = ${outboxId} returning *)
    insert into outbox (created_at, order_ids, rejection_ids, attempts, next_attempt_at)
    select created_at, ${without("order_ids", orderIds)}, ${without("rejection_ids", rejectionIds)},
      attempts, next_attempt_at
    from taken
  `.execute(db);
}

/**
 * A statement that deletes rows whose announcement is confirmed. It skips rows that a sweep is claiming at this moment, and
 * leaves them to the sweep: recording waits for no sweep.
 */
export function deletionOfAnnounced(outboxIds: readonly number[]): RawBuilder<unknown> {
  return sql`
    delete from outbox where outbox_id = any(array(
      select outbox_id from outbox where outbox_id = any(${bigintArray(outboxIds)})
      for update skip locked
    ))
  `;
}

/** {@link deletionOfAnnounced}, executed. */
export async function deleteAnnounced(db: Db, outboxIds: readonly number[]): Promise<void> {
  await deletionOfAnnounced(outboxIds).execute(db);
}
