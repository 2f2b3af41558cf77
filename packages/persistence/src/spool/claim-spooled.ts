import type { Source } from "@pedidos/domain";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";

/** How long a claimed row belongs to its claimer. A lease that runs out early does no harm: recording is idempotent. */
export const LEASE = sql`interval '20 s'`;
/** A row that has been tried this often is tried alone from then on. */
const TRIES_TOGETHER = 2;
/** A suspect may have been deferred like any other row. */
const isDue = sql`(retry_at is null or retry_at <= clock_timestamp())`;

export type ClaimedRow = {
  readonly spoolId: number;
  readonly source: Source;
  readonly body: Buffer;
  /** Tries begun, this one included. */
  readonly tries: number;
  /** When it came into the spool, in milliseconds since 1970. */
  readonly queuedAt: number;
  /** The W3C context of its trace, where that is sampled. */
  readonly traceparent?: string | undefined;
};

type Row = {
  spool_id: number;
  source: Source;
  body: Buffer;
  tries: number;
  queued_at: string;
  traceparent: string | null;
};

/** How much one claim may take. */
export type ClaimLimits = { readonly rows: number; readonly bytes: number };

/** Claims the oldest free rows that may be tried together; the try is counted and committed before it is made. */
export async function claimSpooled(db: Kysely<Database>, limits: ClaimLimits): Promise<ClaimedRow[]> {
  return await claim(db, sql`retry_at is null`, limits);
}

/** Claims, as {@link claimSpooled} does, rows that were deferred and are due. */
export async function claimDeferred(db: Kysely<Database>, limits: ClaimLimits): Promise<ClaimedRow[]> {
  return await claim(db, sql`retry_at <= clock_timestamp()`, limits);
}

async function claim(db: Kysely<Database>, which: RawBuilder<unknown>, limits: ClaimLimits): Promise<ClaimedRow[]> {
  const { rows } = await sql<Row>`
    update spool set
      tries = tries + 1,
      suspect = tries + 1 >= ${TRIES_TOGETHER},
      leased_until = clock_timestamp() + ${LEASE}
    where spool_id = any(array(
      select spool_id
      from (
        select spool_id, sum(octet_length(body)) over (order by spool_id) - octet_length(body) as bytes_before
        from (
          select spool_id, body from spool
          where not suspect and ${which} and (leased_until is null or leased_until < clock_timestamp())
          order by spool_id limit ${limits.rows} for update skip locked
        ) free
      ) sized
      where bytes_before < ${limits.bytes}
    ))
    returning spool_id, source, body, tries, queued_at, traceparent
  `.execute(db);
  return rows.map(toClaimed).sort((a, b) => a.spoolId - b.spoolId);
}

export type Due = {
  /** Whether a free row is to be tried alone; to be asked before everything else waits for it. */
  readonly suspect: boolean;
  readonly deferred: boolean;
};

/** → what is to be claimed by other means than {@link claimSpooled}. Two look-ups in partial indexes. */
export async function findDue(db: Kysely<Database>): Promise<Due> {
  const isFree = sql`(leased_until is null or leased_until < clock_timestamp())`;
  const { rows } = await sql<Due>`
    select exists (select from spool where suspect and ${isDue} and ${isFree}) as suspect,
      exists (select from spool where not suspect and retry_at <= clock_timestamp() and ${isFree}) as deferred
  `.execute(db);
  return rows[0] ?? { suspect: false, deferred: false };
}

/** Claims the oldest free row that is to be tried alone. */
export async function claimSuspect(db: Kysely<Database>): Promise<ClaimedRow | undefined> {
  const { rows } = await sql<Row>`
    update spool set tries = tries + 1, leased_until = clock_timestamp() + ${LEASE}
    where spool_id = (
      select spool_id from spool
      where suspect and ${isDue} and (leased_until is null or leased_until < clock_timestamp())
      order by spool_id limit 1 for update skip locked
    )
    returning spool_id, source, body, tries, queued_at, traceparent
  `.execute(db);
  return rows.map(toClaimed)[0];
}

function toClaimed({ spool_id, source, body, tries, queued_at, traceparent }: Row): ClaimedRow {
  const row = { spoolId: spool_id, source, body, tries, queuedAt: Date.parse(queued_at) };
  return traceparent === null ? row : { ...row, traceparent };
}
