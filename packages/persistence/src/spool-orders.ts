import type { Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "./database.generated.ts";

export type SpooledBody = {
  readonly source: Source;
  readonly body: Uint8Array;
  /** Tries that count already: 1 for a message that was being tried when it came back. */
  readonly tries?: number;
  /** To be tried alone next. */
  readonly suspect?: boolean;
};

/** Takes bodies into the spool, all in one commit: when this resolves they are durable and will be recorded. */
export async function spoolOrders(db: Kysely<Database>, rows: readonly SpooledBody[]): Promise<void> {
  const column = (value: (row: SpooledBody) => string | number | boolean) => `{${rows.map(value).join(",")}}`;
  let next = 1;
  const starts = rows.map((row) => {
    const start = next;
    next += row.body.length;
    return start;
  });
  // The bodies travel as one parameter, which pg sends as it is; an array of them it would write out as hexadecimal.
  await sql`-- prepared: spool_orders
    insert into spool (source, body, tries, suspect)
    select source, substring(${Buffer.concat(rows.map((row) => row.body))}::bytea from start for size), tries, suspect
    from unnest(
      ${`{${starts.join(",")}}`}::integer[],
      ${column((row) => row.body.length)}::integer[],
      ${column((row) => row.source)}::text[],
      ${column((row) => row.tries ?? 0)}::smallint[],
      ${column((row) => row.suspect ?? false)}::boolean[]
    ) as t (start, size, source, tries, suspect)
  `.execute(db);
}
