import type { Rejection, RejectionStatus } from "@pedidos/contract";
import type { Fault, Reason, Source } from "@pedidos/domain";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "../database.generated.ts";

/** `body`: the original bytes. */
export type StoredRejection = Omit<Rejection, "body" | "bodyEncoding"> & { readonly body: Buffer };

export type RejectionFilter = {
  readonly reason?: Reason;
  readonly status?: RejectionStatus;
  readonly orderId?: number;
};

export type RejectionPosition = { readonly firstSeenAt: string; readonly rejectionId: number };

/** A page ends early when its bodies reach this; its first row is always on it. */
const PAGE_BYTES = 8 * 1024 * 1024;

type Row = {
  rejection_id: number;
  reason: Reason;
  errors: Fault[];
  order_id: number | null;
  source: Source;
  body: Buffer;
  times: number;
  first_seen_at: string;
  last_seen_at: string;
  status: RejectionStatus;
};

const columns = sql`r.rejection_id, r.reason, r.errors, r.order_id, r.source, r.body, r.times,
  r.first_seen_at, r.last_seen_at, r.status`;

/** → a page of rejections, newest first, and where the next one starts; null on the last. */
export async function listRejections(
  db: Kysely<Database>,
  { after, limit, ...filter }: RejectionFilter & { readonly after?: RejectionPosition; readonly limit: number },
): Promise<{ rejections: StoredRejection[]; next: RejectionPosition | null }> {
  const { rows } = await sql<Row & { more: boolean }>`
    with candidates as (
      select rejection_id, first_seen_at, octet_length(body) as size
      from rejections
      where ${sql.join(conditions(filter, after), sql` and `)}
      order by first_seen_at desc, rejection_id desc
      limit ${limit + 1}
    ), numbered as (
      select *,
        row_number() over newest_first as position,
        sum(size) over newest_first as bytes
      from candidates
      window newest_first as (order by first_seen_at desc, rejection_id desc)
    ), page as (
      select * from numbered where position <= ${limit} and (position = 1 or bytes <= ${PAGE_BYTES})
    )
    select ${columns}, (select count(*) from numbered) > (select count(*) from page) as more
    from page join rejections r using (rejection_id)
    order by page.position
  `.execute(db);
  const last = rows.at(-1);
  return {
    rejections: rows.map(toRejection),
    next: last?.more ? { firstSeenAt: last.first_seen_at, rejectionId: last.rejection_id } : null,
  };
}

function conditions(filter: RejectionFilter, after: RejectionPosition | undefined): RawBuilder<unknown>[] {
  const list = [sql`true`];
  if (filter.reason !== undefined) list.push(sql`reason = ${filter.reason}`);
  if (filter.status !== undefined) list.push(sql`status = ${filter.status}`);
  if (filter.orderId !== undefined) list.push(sql`order_id = ${filter.orderId}`);
  if (after !== undefined)
    list.push(sql`(first_seen_at, rejection_id) < (${after.firstSeenAt}::timestamptz, ${after.rejectionId}::bigint)`);
  return list;
}

export async function findRejection(db: Kysely<Database>, rejectionId: number): Promise<StoredRejection | undefined> {
  const { rows } = await sql<Row>`select ${columns} from rejections r where r.rejection_id = ${rejectionId}`.execute(
    db,
  );
  return rows.map(toRejection)[0];
}

function toRejection(row: Row): StoredRejection {
  return {
    rejectionId: row.rejection_id,
    reason: row.reason,
    errors: row.errors,
    orderId: row.order_id,
    source: row.source,
    body: row.body,
    times: row.times,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    status: row.status,
  };
}
