import { sql } from "kysely";
import type { Db } from "../connection/statements.ts";

/** A place in the list of all orders by customer and time of recording. */
export type CountedUpTo = { readonly customerId: number; readonly recordedAt: string; readonly seq: number };

/** What a customer's orders come to by their items; the total is exact, in 1/10000. */
export type CountedOrders = {
  readonly customerId: number;
  readonly orderCount: number;
  readonly totalUnits: bigint;
  readonly firstOrderAt: string;
  readonly lastOrderAt: string;
};

/** The value of an order `o` by its items; one that was taken over has none, and its total counts. */
export const valueByItems = sql`case
  when o.fingerprint is null then o.total
  else (
    select sum((i.item ->> 1)::numeric * (i.item ->> 2)::numeric) * 0.0001
    from json_array_elements(o.items) as i (item)
  )
end`;

type Row = Omit<CountedOrders, "totalUnits"> & { totalUnits: string; orders: number; seq: number };

/**
 * Counts the next orders after a place, by customer; the last of these customers may have more.
 *
 * @param before only what was recorded before this time
 * @param limit how many orders
 * @returns the customers in the order of their ids, and where to go on; null at the end
 */
export async function countOrders(
  db: Db,
  { after, before, limit }: { readonly after: CountedUpTo | null; readonly before: string; readonly limit: number },
): Promise<{ customers: CountedOrders[]; next: CountedUpTo | null }> {
  const place = after ?? { customerId: 0, recordedAt: "-infinity", seq: 0 };
  const { rows } = await sql<Row>`
    with slice as materialized (
      select customer_id, recorded_at, seq, total, fingerprint, items
      from orders
      where (customer_id, recorded_at, seq) > (${place.customerId}::bigint, ${place.recordedAt}::timestamptz, ${place.seq}::bigint)
        and recorded_at < ${before}::timestamptz
      order by customer_id, recorded_at, seq
      limit ${limit}
    )
    select customer_id as "customerId", count(*) as "orderCount", trunc(sum(${valueByItems}) * 10000) as "totalUnits",
      min(recorded_at) as "firstOrderAt", max(recorded_at) as "lastOrderAt",
      (array_agg(seq order by recorded_at desc, seq desc))[1] as seq, sum(count(*)) over ()::bigint as orders
    from slice o
    group by customer_id
    order by customer_id
  `.execute(db);
  const last = rows.at(-1);
  const isFull = last?.orders === limit;
  return {
    customers: rows.map(({ seq, orders, totalUnits, ...counted }) => ({ ...counted, totalUnits: BigInt(totalUnits) })),
    next: isFull ? { customerId: last.customerId, recordedAt: last.lastOrderAt, seq: last.seq } : null,
  };
}
