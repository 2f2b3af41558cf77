import { sql } from "kysely";
import { bigintArray, type Db, firstRow } from "../connection/statements.ts";

export type RecordingTimes = {
  /** The database's clock. */
  readonly at: string;
  readonly settled: readonly {
    readonly orderId: number;
    /** Null if nothing of this id is recorded, and something is rejected. */
    readonly recordedAt: string | null;
  }[];
};

/** → when each of these orders was recorded; pending ones are left out. A few reads by key. */
export async function findRecordingTimes(db: Db, orderIds: readonly number[]): Promise<RecordingTimes> {
  const { rows } = await sql<{ at: string; orderId: number | null; recordedAt: string | null }>`
    select clock_timestamp() as at, settled.order_id as "orderId", settled.recorded_at as "recordedAt"
    from (values (1)) one
    left join (
      select asked.order_id, o.recorded_at
      from unnest(${bigintArray(orderIds)}) as asked (order_id)
      left join orders o on o.order_id = asked.order_id
      where o.order_id is not null
        or exists (select from rejections r where r.order_id = asked.order_id and r.status = 'open')
    ) settled on true
  `.execute(db);
  const settled = rows.flatMap(({ orderId, recordedAt }) => (orderId === null ? [] : [{ orderId, recordedAt }]));
  return { at: firstRow(rows).at, settled };
}
