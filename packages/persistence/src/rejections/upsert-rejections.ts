import { hash } from "node:crypto";
import type { Fault, OrderRejected, Reason, Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import { stamp } from "../recording/stamp.ts";
import type { Database } from "../schema/database.generated.ts";

export type NewRejection = {
  readonly reason: Reason;
  readonly source: Source;
  readonly orderId: number | null;
  readonly errors: readonly Fault[];
  readonly body: Uint8Array;
};

type Upserted = {
  rejection_id: number;
  reason: Reason;
  source: Source;
  order_id: number | null;
  first_seen_at: string;
  body_digest: string;
  is_new: boolean;
  outbox_id: number | null;
};

/**
 * Keeps what can't become an order. The same bytes by the same source with the same reason add to the `times` of the
 * row that is still open. Keys go in sorted, so that overlapping batches can't deadlock.
 *
 * @returns a rejection id for each, in order, and what is to be announced: the rows that are new
 */
export async function upsertRejections(db: Kysely<Database>, rejections: readonly NewRejection[]) {
  const keys = rejections.map((r) => `${r.source} ${r.reason} ${hash("sha256", r.body, "hex")}`);
  const input = new Map<string, NewRejection & { digest: string; times: number }>();
  for (const [position, rejection] of rejections.entries()) {
    const key = keys[position] ?? "";
    const seen = input.get(key);
    if (seen === undefined) input.set(key, { ...rejection, digest: key.slice(key.lastIndexOf(" ") + 1), times: 1 });
    else seen.times++;
  }
  const column = <Value>(value: (row: NewRejection & { digest: string; times: number }) => Value) =>
    [...input.values()].map(value);
  const { rows } = await sql<Upserted>`
    with stamp as materialized (
      select ${stamp} as seen_at
    ), input as (
      select * from unnest(
        ${column((r) => r.source)}::text[], ${column((r) => r.reason)}::text[],
        ${column((r) => r.digest)}::text[], ${column((r) => r.orderId)}::bigint[],
        ${column((r) => r.times)}::bigint[], ${column((r) => JSON.stringify(r.errors))}::json[],
        ${column((r) => Buffer.from(r.body.buffer, r.body.byteOffset, r.body.byteLength))}::bytea[]
      ) as t (source, reason, digest, order_id, times, errors, body)
    ), upserted as (
      insert into rejections as r
        (source, reason, body_digest, order_id, times, errors, body, first_seen_at, last_seen_at)
      select source, reason, decode(digest, 'hex'), order_id, times, errors, body, seen_at, seen_at
      from input cross join stamp
      order by source, reason, digest
      on conflict (source, reason, body_digest) where status = 'open' do update set
        times = r.times + excluded.times,
        last_seen_at = excluded.last_seen_at
      returning rejection_id, reason, source, order_id, first_seen_at, body_digest, xmax = 0 as is_new
    ), outboxed as (
      insert into outbox (rejection_ids)
      select array_agg(rejection_id) from upserted where is_new having count(*) > 0
      returning outbox_id
    )
    select rejection_id, reason, source, order_id, first_seen_at, is_new,
      encode(body_digest, 'hex') as body_digest, (select outbox_id from outboxed) as outbox_id
    from upserted
  `.execute(db);
  const byKey = new Map(rows.map((row) => [`${row.source} ${row.reason} ${row.body_digest}`, row]));
  const announced: OrderRejected[] = rows
    .filter((row) => row.is_new)
    .map((row) => ({
      rejectionId: row.rejection_id,
      orderId: row.order_id,
      reason: row.reason,
      source: row.source,
      firstSeenAt: row.first_seen_at,
    }));
  const ids = keys.map((key) => {
    const row = byKey.get(key);
    if (row === undefined) throw new Error("a rejection was not kept");
    return row.rejection_id;
  });
  return { ids, announced, outboxId: rows[0]?.outbox_id ?? null };
}
