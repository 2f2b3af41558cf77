import { type CloudEvent, type ListedOrder, rejectedEvent } from "@pedidos/contract";
import { type RawBuilder, sql } from "kysely";
import { bigintArray, type Db, selectionOf } from "../connection/statements.ts";
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

const byIds = (outboxIds: readonly number[]) => sql`outbox_id = any(${bigintArray(outboxIds)})`;
/** The rows that a where clause names and that no other session has locked at this moment. */
const unlocked = (where: RawBuilder<unknown>) =>
  sql`outbox_id = any(array(select outbox_id from outbox where ${where} for update skip locked))`;

/** Counts an attempt of rows that no other process claims at this moment. → the rows, oldest first, and how many ids each names. */
export async function claimOutboxRows(db: Db, { of, most }: Sweep) {
  const chosen =
    of === "due"
      ? sql`next_attempt_at <= now() order by next_attempt_at`
      : sql`next_attempt_at is null and created_at < now() - ${of.olderThanMs} * interval '1 ms' order by outbox_id`;
  const { rows } = await sql<{ outboxId: number; named: number }>`
    update outbox set ${NEXT_ATTEMPT} where ${unlocked(sql`${chosen} limit ${most}`)}
    returning outbox_id as "outboxId", cardinality(order_ids) + cardinality(rejection_ids) as named
  `.execute(db);
  return rows.sort((a, b) => a.outboxId - b.outboxId);
}

/** Uncounts attempts that were not made. */
export async function releaseOutboxRows(db: Db, outboxIds: readonly number[]): Promise<void> {
  await sql`
    update outbox set attempts = greatest(attempts - 1, 0), next_attempt_at = case when attempts > 1 then now() end
    where ${byIds(outboxIds)}
  `.execute(db);
}

/** Counts an attempt of rows that were announced from memory and refused. */
export async function postponeRefused(db: Db, outboxIds: readonly number[]): Promise<void> {
  const refused = unlocked(sql`${byIds(outboxIds)} and next_attempt_at is null`);
  await sql`update outbox set ${NEXT_ATTEMPT} where ${refused}`.execute(db);
}

/** → by the outbox row's id, the events of what it names, without what can't be announced: a total that is no number. */
export async function findEvents(db: Db, outboxIds: readonly number[]): Promise<Map<number, CloudEvent[]>> {
  const orders = await findNamed<ListedOrder>(db, outboxIds, "order", orderColumns);
  const rejections = await findNamed<RejectedRow>(db, outboxIds, "rejection", rejectedColumns);
  const eventsOf = (outboxId: number) => [
    ...(orders.get(outboxId) ?? []).flatMap((row) => toReadable(row) ?? []),
    ...(rejections.get(outboxId) ?? []).map(rejectedEvent),
  ];
  return new Map(outboxIds.map((outboxId) => [outboxId, eventsOf(outboxId)]));
}

function toReadable(row: ListedOrder): CloudEvent | undefined {
  try {
    return toRecordedEvent(row);
  } catch {
    return undefined;
  }
}

/** → the rows of orders or rejections that rows name, by the outbox row's id. */
async function findNamed<Row>(
  db: Db,
  outboxIds: readonly number[],
  kind: "order" | "rejection",
  columns: readonly string[],
): Promise<Map<number, Row[]>> {
  const { rows } = await sql<Row & { readonly outboxId: number }>`
    select outbox_id as "outboxId", ${selectionOf(columns)}
    from outbox cross join lateral unnest(${sql.ref(`${kind}_ids`)}) as named (id)
    join ${sql.table(`${kind}s`)} on ${sql.ref(`${kind}_id`)} = named.id
    where ${byIds(outboxIds)}
  `.execute(db);
  return Map.groupBy(rows, ({ outboxId }) => outboxId);
}

/**
 * Replaces a row by one that names only what was not announced: the role that records may change the ids of no row.
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
  return sql`delete from outbox where ${unlocked(byIds(outboxIds))}`;
}

/** {@link deletionOfAnnounced}, executed. */
export async function deleteAnnounced(db: Db, outboxIds: readonly number[]): Promise<void> {
  await deletionOfAnnounced(outboxIds).execute(db);
}
