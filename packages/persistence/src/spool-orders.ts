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
  await sql`
    insert into spool (source, body, tries, suspect)
    select * from unnest(
      ${`{${rows.map((row) => row.source).join(",")}}`}::text[],
      ${rows.map((row) => Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength))}::bytea[],
      ${`{${rows.map((row) => row.tries ?? 0).join(",")}}`}::smallint[],
      ${`{${rows.map((row) => row.suspect ?? false).join(",")}}`}::boolean[]
    )
  `.execute(db);
}
