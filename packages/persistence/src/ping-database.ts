import { type Kysely, sql } from "kysely";
import type { Database } from "./database.generated.ts";

/** @throws where an order could not be taken: the database is away, read-only, or holds no schema of ours */
export async function pingDatabase(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ read_only: boolean }>`
    select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as read_only
    from (select count(*) from (select from spool limit 1) s) t
  `.execute(db);
  if (rows[0]?.read_only !== false) throw new Error("the database is read-only");
}
