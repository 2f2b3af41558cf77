import { formatDecimal, type OrderRecorded, type OrderRejected, type Reason, type Source } from "@pedidos/domain";
import { type Kysely, sql, type Transaction } from "kysely";
import { bigintArray } from "./bigint-array.ts";
import type { Database } from "./database.generated.ts";

/** What has been committed and is to be announced, and the outbox rows that say so. */
export type Announcement = {
  readonly outboxIds: readonly number[];
  readonly recorded: readonly OrderRecorded[];
  readonly rejected: readonly OrderRejected[];
};

/**
 * Announces an outbox row that has stayed, for whatever reason, and deletes it. The row is held meanwhile, so that of
 * several processes one sweeps it.
 *
 * @param announce → whether the broker has confirmed it all
 * @returns whether a row was swept, so that more may wait
 */
export async function sweepOutbox(
  db: Kysely<Database>,
  { olderThanMs }: { readonly olderThanMs: number },
  announce: (announcement: Announcement) => Promise<boolean>,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ outbox_id: number; order_ids: number[]; rejection_ids: number[] }>`
      select outbox_id, order_ids, rejection_ids from outbox
      where created_at < now() - ${olderThanMs} * interval '1 ms'
      order by outbox_id limit 1 for update skip locked
    `.execute(tx);
    const row = rows[0];
    if (row === undefined) return false;
    const announcement: Announcement = {
      outboxIds: [row.outbox_id],
      recorded: row.order_ids.length > 0 ? await recordedOf(tx, row.order_ids) : [],
      rejected: row.rejection_ids.length > 0 ? await rejectedOf(tx, row.rejection_ids) : [],
    };
    if (!(await announce(announcement))) return false;
    await sql`delete from outbox where outbox_id = ${row.outbox_id}`.execute(tx);
    return true;
  });
}

async function recordedOf(tx: Transaction<Database>, ids: readonly number[]): Promise<OrderRecorded[]> {
  const rows = await tx
    .selectFrom("orders")
    .select(["order_id", "customer_id", "total", "item_count", "recorded_at"])
    .where("order_id", "=", sql<number>`any(${bigintArray(ids)})`)
    .execute();
  return rows.map((row) => ({
    orderId: row.order_id,
    customerId: row.customer_id,
    total: formatDecimal(row.total),
    itemCount: row.item_count,
    recordedAt: row.recorded_at,
  }));
}

async function rejectedOf(tx: Transaction<Database>, ids: readonly number[]): Promise<OrderRejected[]> {
  const { rows } = await sql<{
    rejection_id: number;
    order_id: number | null;
    reason: Reason;
    source: Source;
    first_seen_at: string;
  }>`
    select rejection_id, order_id, reason, source, first_seen_at from rejections
    where rejection_id = any(${bigintArray(ids)})
  `.execute(tx);
  return rows.map((row) => ({
    rejectionId: row.rejection_id,
    orderId: row.order_id,
    reason: row.reason,
    source: row.source,
    firstSeenAt: row.first_seen_at,
  }));
}
