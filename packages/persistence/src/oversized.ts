import type { Source } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "./database.generated.ts";

/** Keeps a body that is too large to be an order until the broker's dead letters can take it. */
export async function keepOversized(
  db: Kysely<Database>,
  row: { readonly source: Source; readonly body: Buffer },
): Promise<void> {
  await sql`insert into oversized (source, body) values (${row.source}, ${row.body})`.execute(db);
}

/**
 * Hands the oldest kept body to `publish` and deletes it once that has confirmed.
 *
 * @returns whether one was handed on, so that more may wait
 */
export async function passOnOversized(
  db: Kysely<Database>,
  publish: (row: { readonly source: Source; readonly body: Buffer }) => Promise<boolean>,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ oversized_id: number; source: Source; body: Buffer }>`
      select oversized_id, source, body from oversized order by oversized_id limit 1 for update skip locked
    `.execute(tx);
    const row = rows[0];
    if (row === undefined || !(await publish(row))) return false;
    await sql`delete from oversized where oversized_id = ${row.oversized_id}`.execute(tx);
    return true;
  });
}
