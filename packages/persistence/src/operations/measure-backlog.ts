import { type Kysely, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";

/** Rows are counted up to 100000; ages are those of the oldest, in seconds, 0 where there is none. */
export type MeasuredBacklog = {
  readonly spoolRows: number;
  readonly spoolSeconds: number;
  /** Of them, those that the database has refused to record, and that are tried again with back-off. */
  readonly deferredRows: number;
  readonly outboxRows: number;
  readonly outboxSeconds: number;
  /** Of its rows those that are attempted again after growing pauses: refused, or not to be read. */
  readonly outboxRetries: number;
};

/** → what waits to be recorded, and to be announced. */
export async function measureBacklog(db: Kysely<Database>): Promise<MeasuredBacklog> {
  const count = (table: "spool" | "outbox") =>
    sql`(select count(*) from (select from ${sql.table(table)} limit 100000) t)`;
  const age = (time: string, table: string, key: string) => sql`coalesce((
    select extract(epoch from greatest(clock_timestamp() - ${sql.ref(time)}, interval '0')) from ${sql.table(table)}
    order by ${sql.ref(key)} limit 1
  ), 0)::double precision`;
  const { rows } = await sql<MeasuredBacklog>`
    select ${count("spool")} as "spoolRows", ${age("queued_at", "spool", "spool_id")} as "spoolSeconds",
      (select count(*) from (select from spool where retry_at is not null limit 100000) t) as "deferredRows",
      ${count("outbox")} as "outboxRows", ${age("created_at", "outbox", "outbox_id")} as "outboxSeconds",
      (select count(*) from (select from outbox where next_attempt_at is not null limit 100000) t) as "outboxRetries"
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not count what waits");
  return row;
}
