import type { Source } from "@pedidos/domain";
import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";
import { type ClaimedRow, LEASE } from "./claim-spooled.ts";

export type SpooledBody = {
  readonly source: Source;
  readonly body: Uint8Array;
  /** Tries that count already: 1 for a message that was being tried when it came back. */
  readonly tries?: number;
  /** To be tried alone next. */
  readonly suspect?: boolean;
  /** The W3C context of its trace, if that is sampled. */
  readonly traceparent?: string | undefined;
};

/** Takes bodies into the spool, all in one commit: when this resolves they are durable and will be recorded. */
export async function spoolOrders(db: Db, rows: readonly SpooledBody[]): Promise<void> {
  const { bodies, input, suffix, traceparent } = parametersOf(rows);
  await sql`-- prepared: spool_orders${suffix}
    insert into spool (source, body, tries, suspect${traceparent})
    select source, substring(${bodies}::bytea from start for size), tries, suspect${traceparent} from ${input}
  `.execute(db);
}

/**
 * As {@link spoolOrders}, and claims the rows for the caller in the same commit: a try begins, and is counted. Saves the
 * claim if the caller records them at once.
 *
 * @param rows none of them suspect
 * @returns the rows in their order
 */
export async function spoolClaimed(db: Db, rows: readonly SpooledBody[]): Promise<ClaimedRow[]> {
  const { bodies, input, suffix, traceparent } = parametersOf(rows);
  const inserted = await sql<{ spool_id: number }>`-- prepared: spool_claimed${suffix}
    insert into spool (source, body, tries, suspect, leased_until${traceparent})
    select source, substring(${bodies}::bytea from start for size), tries + 1, suspect,
      clock_timestamp() + ${LEASE}${traceparent}
    from ${input}
    returning spool_id
  `.execute(db);
  // Ids were drawn in the order of the input, but may be returned in another.
  const ids = inserted.rows.map((row) => row.spool_id).sort((a, b) => a - b);
  const queuedAt = Date.now();
  return rows.map((row, index) => {
    const spoolId = ids[index];
    if (spoolId === undefined) throw new Error("a body was not spooled");
    const body = Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength);
    return { spoolId, source: row.source, body, tries: (row.tries ?? 0) + 1, queuedAt, traceparent: row.traceparent };
  });
}

/** A batch without a traced row has a statement of its own, with one column less. */
const TRACED = { suffix: sql.raw("_traced"), traceparent: sql.raw(", traceparent") };
const UNTRACED = { suffix: sql.raw(""), traceparent: sql.raw("") };

/** The bodies are one parameter, which pg sends as it is; an array of them it would write out as hexadecimal. */
function parametersOf(rows: readonly SpooledBody[]) {
  const column = (value: (row: SpooledBody) => string | number | boolean) => `{${rows.map(value).join(",")}}`;
  let next = 1;
  const starts = column(({ body }) => {
    const start = next;
    next += body.length;
    return start;
  });
  const isTraced = rows.some((row) => row.traceparent !== undefined);
  const { suffix, traceparent } = isTraced ? TRACED : UNTRACED;
  const traces = isTraced ? sql`, ${column((row) => row.traceparent ?? "NULL")}::text[]` : sql.raw("");
  const input = sql`unnest(
    ${starts}::integer[],
    ${column((row) => row.body.length)}::integer[],
    ${column((row) => row.source)}::text[],
    ${column((row) => row.tries ?? 0)}::smallint[],
    ${column((row) => row.suspect ?? false)}::boolean[]${traces}
  ) as t (start, size, source, tries, suspect${traceparent})`;
  return { bodies: Buffer.concat(rows.map((row) => row.body)), input, suffix, traceparent };
}
