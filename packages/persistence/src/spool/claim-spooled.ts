import type { Source } from "@pedidos/domain";
import { type RawBuilder, sql } from "kysely";
import { type Db, firstRow } from "../connection/statements.ts";

/** How long a claimed row belongs to its claimer. A lease that runs out early does no harm: recording is idempotent. */
export const LEASE = sql`interval '20 s'`;
/** A row that has been tried this often is tried alone from then on. */
const TRIES_TOGETHER = 2;

const isFree = sql`(leased_until is null or leased_until < clock_timestamp())`;
const isDeferredAndDue = sql`retry_at <= clock_timestamp()`;
/** Tried alone. A suspect may have been deferred like any other row. */
const isSuspectAndDue = sql`suspect and (retry_at is null or ${isDeferredAndDue}) and ${isFree}`;

export type ClaimedRow = {
  readonly spoolId: number;
  readonly source: Source;
  readonly body: Buffer;
  /** Tries begun, this one included. */
  readonly tries: number;
  /** When it came into the spool, in milliseconds since 1970. */
  readonly queuedAt: number;
  /** The W3C context of its trace, if that is sampled. */
  readonly traceparent?: string | undefined;
};

type Row = Omit<ClaimedRow, "queuedAt" | "traceparent"> & { queuedAt: string; traceparent: string | null };

const claimedColumns = sql`spool_id as "spoolId", source, body, tries, queued_at as "queuedAt", traceparent`;

function toClaimed({ spoolId, source, body, tries, queuedAt, traceparent }: Row): ClaimedRow {
  return { spoolId, source, body, tries, queuedAt: Date.parse(queuedAt), traceparent: traceparent ?? undefined };
}

/** How much one claim may take. */
export type ClaimLimits = { readonly rows: number; readonly bytes: number };

/** Claims the oldest free rows that may be tried together; the try is counted and committed before it is made. */
export async function claimSpooled(db: Db, limits: ClaimLimits): Promise<ClaimedRow[]> {
  return await claimTogether(db, sql`retry_at is null`, limits);
}

/** Claims, as {@link claimSpooled} does, rows that were deferred and are due. */
export async function claimDeferred(db: Db, limits: ClaimLimits): Promise<ClaimedRow[]> {
  return await claimTogether(db, isDeferredAndDue, limits);
}

async function claimTogether(db: Db, which: RawBuilder<unknown>, limits: ClaimLimits): Promise<ClaimedRow[]> {
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
          where not suspect and ${which} and ${isFree}
          order by spool_id limit ${limits.rows} for update skip locked
        ) free
      ) sized
      where bytes_before < ${limits.bytes}
    ))
    returning ${claimedColumns}
  `.execute(db);
  return rows.map(toClaimed).sort((a, b) => a.spoolId - b.spoolId);
}

/** Claims the oldest free row that is to be tried alone. */
export async function claimSuspect(db: Db): Promise<ClaimedRow | undefined> {
  const { rows } = await sql<Row>`
    update spool set tries = tries + 1, leased_until = clock_timestamp() + ${LEASE}
    where spool_id = (
      select spool_id from spool where ${isSuspectAndDue} order by spool_id limit 1 for update skip locked
    )
    returning ${claimedColumns}
  `.execute(db);
  return rows.map(toClaimed)[0];
}

export type Due = {
  /** Whether a row is to be tried alone; asked first, as everything else waits for it. */
  readonly suspect: boolean;
  readonly deferred: boolean;
};

/** → which rows are due that {@link claimSpooled} does not claim. Two look-ups in partial indexes. */
export async function findDue(db: Db): Promise<Due> {
  const { rows } = await sql<Due>`
    select exists (select from spool where ${isSuspectAndDue}) as suspect,
      exists (select from spool where not suspect and ${isDeferredAndDue} and ${isFree}) as deferred
  `.execute(db);
  return firstRow(rows);
}
