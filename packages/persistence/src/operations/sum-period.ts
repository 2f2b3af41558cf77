import type { Volumes } from "@pedidos/contract";
import { formatDecimal } from "@pedidos/domain";
import { sql } from "kysely";
import { type Db, firstRow, limitStatements } from "../connection/statements.ts";

export type PeriodSums = NonNullable<Volumes["buckets"][number]["counts"]>;

/** A sum of millions of orders is not worth more of the database's time. */
const LIMITS = { statementMs: 1_000, lockMs: 500 };

/**
 * → what was recorded and newly rejected in a period, by two ranges of the indexes of the lists.
 *
 * @param from inclusive
 * @param before exclusive
 * @throws if it takes over a second
 */
export async function sumPeriod(db: Db, { from, before }: { from: string; before: string }): Promise<PeriodSums> {
  const within = (time: string) =>
    sql`${sql.ref(time)} >= ${from}::timestamptz and ${sql.ref(time)} < ${before}::timestamptz`;
  return await db.transaction().execute(async (tx) => {
    await limitStatements(tx, LIMITS);
    const { rows } = await sql<PeriodSums>`
      select count(*) as recorded, coalesce(sum(total), 0) as "totalValue",
        (select count(*) from rejections where ${within("first_seen_at")}) as rejected
      from orders where ${within("recorded_at")}
    `.execute(tx);
    const { totalValue, ...counts } = firstRow(rows);
    return { ...counts, totalValue: formatDecimal(totalValue) };
  });
}
