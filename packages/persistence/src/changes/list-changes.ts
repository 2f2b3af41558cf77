import type { OrderRecorded, OrderRejected } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/open-database.ts";
import { orderColumns, toRecorded } from "../orders/order-row.ts";
import { rejectedColumns } from "../rejections/rejection-row.ts";
import { type ChangePosition, comparePositions } from "./change-position.ts";

/** An order that was recorded, or a submission that was rejected, and its place in the feed. */
export type Change = { readonly position: ChangePosition } & (
  | { readonly recorded: OrderRecorded }
  | { readonly rejected: OrderRejected }
);

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
  const changes = rejected.length === 0 ? recorded : [...recorded, ...rejected];
  if (rejected.length > 0) changes.sort((a, b) => comparePositions(a.position, b.position));
  return changes.slice(0, filter.limit);
}

async function listRecorded(db: Db, { after, before, limit }: ChangeFilter): Promise<Change[]> {
  const seq = after?.kind === "rejected" ? BEYOND_ALL : (after?.number ?? 0);
  const rows = await db
    .selectFrom("orders")
    .select([...orderColumns, "seq"])
    .where(sql<boolean>`(recorded_at, seq) > (${after?.time ?? "-infinity"}::timestamptz, ${seq}::bigint)`)
    .where("recorded_at", "<", before)
    .orderBy("recorded_at")
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    position: { time: row.recordedAt, kind: "recorded", number: row.seq },
    recorded: toRecorded(row),
  }));
}

async function listRejected(db: Db, { after, before, limit }: ChangeFilter): Promise<Change[]> {
  const id = after?.kind === "rejected" ? after.number : 0;
  const rows = await db
    .selectFrom("rejections")
    .select(rejectedColumns)
    .where(sql<boolean>`(first_seen_at, rejection_id) > (${after?.time ?? "-infinity"}::timestamptz, ${id}::bigint)`)
    .where("first_seen_at", "<", before)
    .orderBy("first_seen_at")
    .orderBy("rejection_id")
    .limit(limit)
    .execute();
  return rows.map((rejected) => ({
    position: { time: rejected.firstSeenAt, kind: "rejected", number: rejected.rejectionId },
    rejected,
  }));
}
