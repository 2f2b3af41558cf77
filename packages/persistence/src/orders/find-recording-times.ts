import { type Kysely, sql } from "kysely";
import { bigintArray } from "../connection/bigint-array.ts";
import type { Database } from "../schema/database.generated.ts";

export type RecordingTimes = {
  /** The database's clock. */
  readonly at: string;
  readonly settled: readonly {
    readonly orderId: number;
    /** Null where nothing of this id is recorded, and something is rejected. */
    readonly recordedAt: string | null;
  }[];
};

/** → when each of these orders was recorded; those that still wait are left out. A few reads by key. */
export async function findRecordingTimes(db: Kysely<Database>, orderIds: readonly number[]): Promise<RecordingTimes> {
  const { rows } = await sql<{ at: string; order_id: number | null; recorded_at: string | null }>`
    select clock_timestamp() as at, settled.order_id, settled.recorded_at
    from (values (1)) one
    left join (
      select asked.order_id, o.recorded_at
      from unnest(${bigintArray(orderIds)}) as asked (order_id)
      left join orders o on o.order_id = asked.order_id
      where o.order_id is not null
        or exists (select from rejections r where r.order_id = asked.order_id and r.status = 'open')
    ) settled on true
  `.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error("the database did not say what time it is");
  return {
    at: first.at,
    settled: rows.flatMap(({ order_id: orderId, recorded_at: recordedAt }) =>
      orderId === null ? [] : [{ orderId, recordedAt }],
    ),
  };
}
