import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "../schema/database.generated.ts";

/** A pool of connections, or a transaction on one of them. */
export type Db = Kysely<Database>;

/** Functions whose first argument is the database, without it. */
export type Bound<Functions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (db: Db, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** → the first row of a statement that answers with one in any case. */
export function firstRow<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error("a statement that answers in any case answered with no row");
  return row;
}

/** Ids as one `bigint[]` parameter. */
export function bigintArray(ids: readonly number[]): RawBuilder<number[]> {
  return sql`${`{${ids.join(",")}}`}::bigint[]`;
}

/** A list of columns as Kysely's `select` takes it, such as `order_id as orderId`, for a statement in SQL. */
export function selectionOf(columns: readonly string[]): RawBuilder<unknown> {
  return sql.raw(columns.map((column) => column.replace(/ as (\w+)$/, ' as "$1"')).join(", "));
}

/** An expression: how many rows a from clause has, counted up to a limit, so that it never takes long. */
export function countUpTo(limit: number, rows: RawBuilder<unknown>): RawBuilder<number> {
  return sql`(select count(*) from (select from ${rows} limit ${limit}) counted)`;
}

/** In milliseconds: how long a statement may take, and how long it may wait for each lock. */
export type StatementLimits = { readonly statementMs: number; readonly lockMs: number };

/** Sets shorter limits than the session's, up to the end of a transaction. */
export async function limitStatements(tx: Db, { statementMs, lockMs }: StatementLimits): Promise<void> {
  await sql`
    select set_config('statement_timeout', ${String(statementMs)}, true), set_config('lock_timeout', ${String(lockMs)}, true)
  `.execute(tx);
}
