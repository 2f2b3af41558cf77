import { type CloudEvent, type EventKind, eventKinds, type ListedOrder, rejectedEvent } from "@pedidos/contract";
import { sql } from "kysely";
import { countUpTo, type Db, firstRow, selectionOf } from "../connection/statements.ts";
import { orderColumns, toRecordedEvent } from "../orders/order-row.ts";
import { type RejectedRow, rejectedColumns } from "../rejections/rejection-row.ts";
import { microsOf } from "./open-horizon.ts";

const kinds: readonly EventKind[] = eventKinds.map(({ kind }) => kind);

/**
 * A place in the feed of changes, which runs by time (RFC 3339, to the microsecond), orders before rejections of the same
 * time (the order of `eventKinds`), and then by the order's `seq` or the rejection's id.
 */
export type ChangePosition = { readonly time: string; readonly kind: EventKind; readonly number: number };

/** → the place before everything of this time. */
export function startOf(time: string): ChangePosition {
  return { time, kind: "recorded", number: 0 };
}

/** → below 0 if `a` comes before `b`, above 0 if after. */
export function comparePositions(a: ChangePosition, b: ChangePosition): number {
  const byTime = microsOf(a.time) - microsOf(b.time);
  if (byTime !== 0) return byTime;
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.number - b.number;
}

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

export type ChangeCounts = { readonly recorded: number; readonly rejected: number };

/** A period is counted up to this, so that counting never takes long. */
const MOST = 200_000;

/**
 * → how much was recorded and newly rejected in a period, each up to 200000, read from the end of two indexes.
 *
 * @param from inclusive
 * @param before exclusive; a {@link Horizon}, so that nothing is missed
 */
export async function countChanges(db: Db, { from, before }: { from: string; before: string }): Promise<ChangeCounts> {
  const within = (time: string) =>
    sql`${sql.ref(time)} >= ${from}::timestamptz and ${sql.ref(time)} < ${before}::timestamptz`;
  const recorded = countUpTo(MOST, sql`orders where ${within("recorded_at")}`);
  const rejected = countUpTo(MOST, sql`rejections where ${within("first_seen_at")}`);
  const { rows } = await sql<ChangeCounts>`select ${recorded} as recorded, ${rejected} as rejected`.execute(db);
  return firstRow(rows);
}
