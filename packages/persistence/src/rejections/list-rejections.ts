import type { RejectionStatus } from "@pedidos/contract";
import type { Reason } from "@pedidos/domain";
import { sql } from "kysely";
import { type Db, selectionOf } from "../connection/statements.ts";
import { type StoredRejection, storedColumns } from "./rejection-row.ts";

export type RejectionFilter = {
  readonly reason?: Reason;
  readonly status?: RejectionStatus;
  readonly orderId?: number;
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
        where ${sql.join(conditions(filter, after), sql` and `)}
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

function conditions({ reason, status, orderId }: RejectionFilter, after: RejectionPosition | undefined) {
  const equal = Object.entries({ reason, status, order_id: orderId }).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`],
  );
  const { firstSeenAt, rejectionId } = after ?? { firstSeenAt: "infinity", rejectionId: 0 };
  return [...equal, sql`(first_seen_at, rejection_id) < (${firstSeenAt}::timestamptz, ${rejectionId}::bigint)`];
}

export async function findRejection(db: Db, rejectionId: number): Promise<StoredRejection | undefined> {
  return await db
    .selectFrom("rejections")
    .select(storedColumns)
    .where("rejection_id", "=", rejectionId)
    .executeTakeFirst();
}
