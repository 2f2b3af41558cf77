import { type RawBuilder, sql } from "kysely";

/** Ids as one `bigint[]` parameter. */
export function bigintArray(ids: readonly number[]): RawBuilder<number[]> {
  return sql`${`{${ids.join(",")}}`}::bigint[]`;
}
