import type { OrderRecorded, OrderRejected } from "@pedidos/domain";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";
import { deleteAnnounced } from "./delete-announced.ts";
import { type NamedEvents, readOutbox } from "./outbox-rows.ts";

/** What has been committed and is to be announced, and the outbox rows that say so. */
export type Announcement = {
  readonly outboxIds: readonly number[];
  readonly recorded: readonly OrderRecorded[];
  readonly rejected: readonly OrderRejected[];
};

/**
 * "announced": every subscriber's queue has it. "refused": a queue has refused it, others may have it. "unavailable": it is
 * not known to be anywhere.
 */
export type AnnouncementOutcome = "announced" | "refused" | "unavailable";

/** What became of a row. "unreadable": what can be announced of it is; the row stays and names the rest. */
export type SweptRow = {
  readonly outboxId: number;
  readonly outcome: AnnouncementOutcome | "unreadable";
};

export type Sweep = {
  /** Rows that have waited this long for their first attempt; or those whose next attempt is due, the most overdue first. */
  readonly of: { readonly olderThanMs: number } | "due";
  readonly most: number;
};

/** A claim is the count of an attempt that is about to be made, so it lasts until the next one would be due. */
const BACK_OFF = sql`least(interval '10 s' * power(2, least(attempts, 20)), interval '1 hour')`;
const NEXT_ATTEMPT = sql`attempts = least(attempts + 1, 1000), next_attempt_at = now() + ${BACK_OFF}`;

/**
 * Announces rows of the outbox that have stayed, for whatever reason, and deletes those that are announced. Each attempt is
 * counted before it is made; so no transaction is open while the broker is waited for, of several processes one attempts a
 * row, and a row that can't be announced waits its time while others go on.
 *
 * @returns what became of each row that was claimed, the oldest first; as many as were asked for where more may wait
 */
export async function sweepOutbox(
  db: Kysely<Database>,
  sweep: Sweep,
  announce: (announcement: Announcement) => Promise<AnnouncementOutcome>,
): Promise<SweptRow[]> {
  const claimed = await claim(db, sweep);
  if (claimed.length === 0) return [];
  const named = await readOutbox(db, claimed).catch(async (error: unknown) => {
    await release(db, claimed);
    throw error;
  });
  const swept: SweptRow[] = [];
  for (const row of named) {
    const { outboxId, recorded, rejected } = row;
    const isEmpty = recorded.length + rejected.length === 0;
    const outcome = isEmpty ? "announced" : await announce({ outboxIds: [outboxId], recorded, rejected });
    if (outcome === "unavailable") break;
    const isUnreadable = outcome === "announced" && row.unreadable > 0;
    if (isUnreadable && !isEmpty) await keepUnreadable(db, row);
    swept.push({ outboxId, outcome: isUnreadable ? "unreadable" : outcome });
  }
  const announced = swept.filter(({ outcome }) => outcome === "announced").map(({ outboxId }) => outboxId);
  if (announced.length > 0) await deleteAnnounced(db, announced);
  const unattempted = claimed.slice(swept.length);
  await release(db, unattempted);
  return [...swept, ...unattempted.map((outboxId) => ({ outboxId, outcome: "unavailable" as const }))];
}

/** Counts an attempt of rows that were announced from memory and refused. */
export async function postponeRefused(db: Kysely<Database>, outboxIds: readonly number[]): Promise<void> {
  await sql`
    update outbox set ${NEXT_ATTEMPT} where outbox_id = any(array(
      select outbox_id from outbox where outbox_id = any(${bigintArray(outboxIds)}) and next_attempt_at is null
      for update skip locked
    ))
  `.execute(db);
}

async function claim(db: Kysely<Database>, { of, most }: Sweep): Promise<number[]> {
  const chosen: RawBuilder<unknown> =
    of === "due"
      ? sql`next_attempt_at <= now() order by next_attempt_at`
      : sql`next_attempt_at is null and created_at < now() - ${of.olderThanMs} * interval '1 ms' order by outbox_id`;
  const { rows } = await sql<{ outbox_id: number }>`
    update outbox set ${NEXT_ATTEMPT} where outbox_id = any(array(
      select outbox_id from outbox where ${chosen} limit ${most} for update skip locked
    ))
    returning outbox_id
  `.execute(db);
  return rows.map((row) => row.outbox_id).sort((a, b) => a - b);
}

/** Takes back the count of attempts that were not made. */
async function release(db: Kysely<Database>, outboxIds: readonly number[]): Promise<void> {
  if (outboxIds.length === 0) return;
  await sql`
    update outbox set attempts = greatest(attempts - 1, 0), next_attempt_at = case when attempts > 1 then now() end
    where outbox_id = any(${bigintArray(outboxIds)})
  `.execute(db);
}

/** Has a row name only what could not be announced; as the role that records may change no row's ids, in another row. */
async function keepUnreadable(db: Kysely<Database>, { outboxId, recorded, rejected }: NamedEvents): Promise<void> {
  const without = (column: "order_ids" | "rejection_ids", announced: readonly number[]) => sql`
    array(select id from unnest(${sql.ref(column)}) id where id is null or id <> all(${bigintArray(announced)}))
  `;
  await sql`
    with taken as (delete from outbox where outbox_id = ${outboxId} returning *)
    insert into outbox (created_at, order_ids, rejection_ids, attempts, next_attempt_at)
    select
      created_at,
      ${without(
        "order_ids",
        recorded.map(({ orderId }) => orderId),
      )},
      ${without(
        "rejection_ids",
        rejected.map(({ rejectionId }) => rejectionId),
      )},
      attempts,
      next_attempt_at
    from taken
  `.execute(db);
}
