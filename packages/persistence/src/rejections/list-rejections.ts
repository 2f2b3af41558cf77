import type { RejectionStatus } from "@pedidos/contract";
import type { Reason, Source } from "@pedidos/domain";
import { type RawBuilder, sql } from "kysely";
import { type Db, selectionOf } from "../connection/statements.ts";
import { type StoredRejection, storedColumns } from "./rejection-row.ts";

export type RejectionFilter = {
  readonly reason?: Reason;
  readonly status?: RejectionStatus;
  readonly source?: Source;
  readonly orderId?: number;
  /** First seen at this time or later. */
  readonly from?: string;
  /** First seen before this time. */
  readonly to?: string;
};

export type RejectionPosition = { readonly firstSeenAt: string; readonly rejectionId: number };

/** A page ends early when its bodies reach this; its first row is always on it. */
const PAGE_BYTES = 8 * 1024 * 1024;

/** → a page of rejections, newest first, and where the next one starts; null on the last. */
export async function listRejections(
  db: Db,
  { after, limit, ...filter }: RejectionFilter & { readonly after?: RejectionPosition; readonly limit: number },
): Promise<{ rejections: StoredRejection[]; next: RejectionPosition | null }> {
  const { rows } = await sql<StoredRejection & { hasMore: boolean }>`
    with candidates as (
      select rejection_id, row_number() over newest_first as position, sum(size) over newest_first as bytes
      from (
        select rejection_id, first_seen_at, octet_length(body) as size from rejections
        where ${sql.join([...conditionsOf(filter), isAfter(after)], sql` and `)}
        order by first_seen_at desc, rejection_id desc
        limit ${limit + 1}
      ) newest
      window newest_first as (order by first_seen_at desc, rejection_id desc)
    ), page as (
      select rejection_id, position from candidates where position <= ${limit} and (position = 1 or bytes <= ${PAGE_BYTES})
    )
    select ${selectionOf(storedColumns)}, (select count(*) from candidates) > (select count(*) from page) as "hasMore"
    from page join rejections using (rejection_id)
    order by page.position
  `.execute(db);
  const last = rows.at(-1);
  return {
    rejections: rows.map(({ hasMore, ...rejection }) => rejection),
    next: last?.hasMore ? { firstSeenAt: last.firstSeenAt, rejectionId: last.rejectionId } : null,
  };
}

/** → what rows of a filter fulfil; nothing for an empty filter. */
export function conditionsOf({ reason, status, source, orderId, from, to }: RejectionFilter): RawBuilder<boolean>[] {
  const equal = Object.entries({ reason, status, source, order_id: orderId }).flatMap(([column, value]) =>
    value === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${value}`],
  );
  return [
    ...equal,
    ...(from === undefined ? [] : [sql<boolean>`first_seen_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql<boolean>`first_seen_at < ${to}::timestamptz`]),
  ];
}

function isAfter(after: RejectionPosition | undefined): RawBuilder<boolean> {
  const { firstSeenAt, rejectionId } = after ?? { firstSeenAt: "infinity", rejectionId: 0 };
  return sql`(first_seen_at, rejection_id) < (${firstSeenAt}::timestamptz, ${rejectionId}::bigint)`;
}

export async function findRejection(db: Db, rejectionId: number): Promise<StoredRejection | undefined> {
  return await db
    .selectFrom("rejections")
    .select(storedColumns)
    .where("rejection_id", "=", rejectionId)
    .executeTakeFirst();
}
