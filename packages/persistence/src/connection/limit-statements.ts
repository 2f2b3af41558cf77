import { sql } from "kysely";
import type { Db } from "./open-database.ts";

/** In milliseconds: how long a statement may take, and how long it may wait for each lock. */
export type StatementLimits = { readonly statementMs: number; readonly lockMs: number };

/** Sets shorter limits than the session's, up to the end of a transaction. */
export async function limitStatements(tx: Db, { statementMs, lockMs }: StatementLimits): Promise<void> {
  await sql`
    select set_config('statement_timeout', ${String(statementMs)}, true), set_config('lock_timeout', ${String(lockMs)}, true)
  `.execute(tx);
}
