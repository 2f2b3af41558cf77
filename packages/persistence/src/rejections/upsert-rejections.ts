import { hash } from "node:crypto";
import { type CloudEvent, rejectedEvent } from "@pedidos/contract";
import type { Fault, Reason, Source } from "@pedidos/domain";
import { sql } from "kysely";
import { type Db, selectionOf } from "../connection/statements.ts";
import { stamp } from "../recording/stamp.ts";
import { type RejectedRow, rejectedColumns } from "./rejection-row.ts";

export type NewRejection = {
  readonly reason: Reason;
  readonly source: Source;
  readonly orderId: number | null;
  readonly faults: readonly Fault[];
  readonly body: Uint8Array;
};

/**
 * Keeps what can't become an order. The same bytes by the same source with the same reason add to the `times` of the
 * row that is still open. Keys go in sorted, so that overlapping batches can't deadlock.
 *
 * @returns the events of the rows that are new, and the outbox row that names them
 */
export async function upsertRejections(
  db: Db,
  rejections: readonly NewRejection[],
): Promise<{ events: CloudEvent[]; outboxId: number | null }> {
  const different = new Map<string, NewRejection & { digest: string; times: number }>();
  for (const rejection of rejections) {
    const digest = hash("sha256", rejection.body, "hex");
    const key = `${rejection.source} ${rejection.reason} ${digest}`;
    const seen = different.get(key);
    if (seen === undefined) different.set(key, { ...rejection, digest, times: 1 });
    else seen.times++;
  }
  const input = [...different.values()];
  const { rows } = await sql<RejectedRow & { outboxId: number }>`
    with stamp as materialized (
      select ${stamp} as seen_at
    ), input as (
      select * from unnest(
        ${input.map((r) => r.source)}::text[], ${input.map((r) => r.reason)}::text[],
        ${input.map((r) => r.digest)}::text[], ${input.map((r) => r.orderId)}::bigint[],
        ${input.map((r) => r.times)}::bigint[], ${input.map((r) => JSON.stringify(r.faults))}::json[],
        ${input.map((r) => Buffer.from(r.body.buffer, r.body.byteOffset, r.body.byteLength))}::bytea[]
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
      returning rejection_id, reason, source, order_id, first_seen_at, xmax = 0 as is_new
    ), outboxed as (
      insert into outbox (rejection_ids)
      select array_agg(rejection_id) from upserted where is_new having count(*) > 0
      returning outbox_id
    )
    select ${selectionOf(rejectedColumns)}, (select outbox_id from outboxed) as "outboxId" from upserted where is_new
  `.execute(db);
  return { events: rows.map(rejectedEvent), outboxId: rows[0]?.outboxId ?? null };
}
