import { sql } from "kysely";
import { countUpTo, type Db, firstRow } from "../connection/statements.ts";

/** Rows are counted up to 100000; ages are those of the oldest, in seconds, 0 if there is none. */
export type MeasuredBacklog = {
  readonly spoolRows: number;
  readonly spoolSeconds: number;
  /** Of the spool's rows, those that the database has refused to record, and that are tried again with back-off. */
  readonly deferredRows: number;
  readonly outboxRows: number;
  readonly outboxSeconds: number;
  /** Of the outbox's rows, those that are attempted again after growing pauses: refused or unreadable. */
  readonly outboxRetries: number;
};

/** → what is pending to be recorded, and to be announced. */
export async function measureBacklog(db: Db): Promise<MeasuredBacklog> {
  const count = (rows: string) => countUpTo(100_000, sql.raw(rows));
  const age = (time: string, table: string, key: string) => sql`coalesce((
    select extract(epoch from greatest(clock_timestamp() - ${sql.ref(time)}, interval '0')) from ${sql.table(table)}
    order by ${sql.ref(key)} limit 1
  ), 0)::double precision`;
  const { rows } = await sql<MeasuredBacklog>`
    select ${count("spool")} as "spoolRows", ${age("queued_at", "spool", "spool_id")} as "spoolSeconds",
      ${count("spool where retry_at is not null")} as "deferredRows",
      ${count("outbox")} as "outboxRows", ${age("created_at", "outbox", "outbox_id")} as "outboxSeconds",
      ${count("outbox where next_attempt_at is not null")} as "outboxRetries"
  `.execute(db);
  return firstRow(rows);
}
