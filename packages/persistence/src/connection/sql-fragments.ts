import { type RawBuilder, sql } from "kysely";

/** Ids as one `bigint[]` parameter. */
export function bigintArray(ids: readonly number[]): RawBuilder<number[]> {
  return sql`${`{${ids.join(",")}}`}::bigint[]`;
}

/** A list of columns as Kysely's `select` takes it, such as `order_id as orderId`, for a statement in SQL. */
export function selectionOf(columns: readonly string[]): RawBuilder<unknown> {
  return sql.raw(columns.map((column) => column.replace(/ as (\w+)$/, ' as "$1"')).join(", "));
}
