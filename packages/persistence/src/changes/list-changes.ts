import { type CloudEvent, type EventKind, type ListedOrder, rejectedEvent } from "@pedidos/contract";
import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { selectionOf } from "../connection/sql-fragments.ts";
import { orderColumns, toRecordedEvent } from "../orders/order-row.ts";
import { type RejectedRow, rejectedColumns } from "../rejections/rejection-row.ts";
import { type ChangePosition, comparePositions } from "./change-position.ts";

/** What happened, and its place in the feed. */
export type Change = { readonly position: ChangePosition; readonly event: CloudEvent };

export type ChangeFilter = {
  /** Null: from the first. */
  readonly after: ChangePosition | null;
  /** A {@link Horizon}, beyond which something earlier may yet appear. */
  readonly before: string;
  readonly limit: number;
};

const BEYOND_ALL = Number.MAX_SAFE_INTEGER;

/** → a page of what was recorded and rejected, oldest first. Two walks on indexes that lists have anyway. */
export async function listChanges(db: Db, filter: ChangeFilter): Promise<Change[]> {
  const [recorded, rejected] = await Promise.all([listRecorded(db, filter), listRejected(db, filter)]);
  if (rejected.length === 0) return recorded;
  const changes = [...recorded, ...rejected].sort((a, b) => comparePositions(a.position, b.position));
  return changes.slice(0, filter.limit);
}

async function listRecorded(db: Db, { after, before, limit }: ChangeFilter): Promise<Change[]> {
  const seq = numberAfter(after, "recorded");
  const { rows } = await sql<ListedOrder & { seq: number }>`
    select ${selectionOf(orderColumns)}, seq from orders
    where (recorded_at, seq) > (${after?.time ?? "-infinity"}::timestamptz, ${seq}::bigint) and recorded_at < ${before}
    order by recorded_at, seq limit ${limit}
  `.execute(db);
  return rows.map((row) => ({
    position: { time: row.recordedAt, kind: "recorded", number: row.seq },
    event: toRecordedEvent(row),
  }));
}

async function listRejected(db: Db, { after, before, limit }: ChangeFilter): Promise<Change[]> {
  const id = numberAfter(after, "rejected");
  const { rows } = await sql<RejectedRow>`
    select ${selectionOf(rejectedColumns)} from rejections
    where (first_seen_at, rejection_id) > (${after?.time ?? "-infinity"}::timestamptz, ${id}::bigint)
      and first_seen_at < ${before}
    order by first_seen_at, rejection_id limit ${limit}
  `.execute(db);
  return rows.map((row) => ({
    position: { time: row.firstSeenAt, kind: "rejected", number: row.rejectionId },
    event: rejectedEvent(row),
  }));
}

/** → the number beyond which those of a kind come that have the time of a place. */
function numberAfter(after: ChangePosition | null, kind: EventKind): number {
  if (after === null) return 0;
  if (after.kind === kind) return after.number;
  return comparePositions({ ...after, kind }, after) < 0 ? BEYOND_ALL : 0;
}
