import type { CustomerDifference, Sums } from "@pedidos/contract";
import { formatDecimal, formatUnits } from "@pedidos/domain";
import { sql } from "kysely";
import { type Db, firstRow } from "../connection/statements.ts";
import { type CountedOrders, valueByItems } from "../orders/count-orders.ts";

/** The sums in a customer's row, null if it has none, and those of its orders. */
export type ComparedCustomer = Omit<CustomerDifference, "repaired">;

/** A range of customers whose orders were counted. */
export type CountedCustomers = {
  /** All of the range that have orders recorded before `before`. */
  readonly counted: readonly CountedOrders[];
  /** Ids greater than this one, up to that one. */
  readonly after: number;
  readonly upTo: number;
  readonly before: string;
};

/** How many customers and orders there are in a range, and whose row differs from the sums of its orders. */
export type ComparedRange = {
  readonly customers: number;
  readonly orders: number;
  readonly differing: readonly ComparedCustomer[];
};

/**
 * Compares the customers of a range with their orders. What was counted before a horizon stays as it is; what was
 * recorded since is counted here, in the same snapshot as the rows, so orders that come in meanwhile make no difference.
 */
export async function compareCustomers(
  db: Db,
  { counted, after, upTo, before }: CountedCustomers,
): Promise<ComparedRange> {
  const { rows } = await sql<ComparedRange>`
    with counted as (
      select * from unnest(
        ${counted.map((c) => c.customerId)}::bigint[], ${counted.map((c) => c.orderCount)}::bigint[],
        ${counted.map((c) => formatUnits(c.totalUnits))}::numeric[]
      ) as t (customer_id, order_count, total_value)
    ), known as (
      select customer_id, order_count, total_value from customers
      where customer_id > ${after}::bigint and customer_id <= ${upTo}::bigint
    ), compared as (
      select customer_id, k.order_count as known_count, k.total_value as known_total,
        coalesce(c.order_count, 0) + later.order_count as order_count,
        coalesce(c.total_value, 0) + later.total_value as total_value
      from known k full join counted c using (customer_id)
      cross join lateral (
        select count(*) as order_count, coalesce(sum(${valueByItems}), 0) as total_value
        from orders o
        where o.customer_id = coalesce(k.customer_id, c.customer_id) and o.recorded_at >= ${before}::timestamptz
      ) later
    )
    select count(*) as customers, coalesce(sum(order_count), 0)::bigint as orders,
      coalesce(json_agg(
        json_build_object(
          'customerId', customer_id,
          'recorded', case when known_total is not null
            then json_build_object('orderCount', known_count, 'totalValue', known_total::text) end,
          'counted', json_build_object('orderCount', order_count, 'totalValue', total_value::text)
        ) order by customer_id
      ) filter (where (known_count, known_total) is distinct from (order_count, total_value)), '[]') as differing
    from compared
  `.execute(db);
  const compared = firstRow(rows);
  const differing = compared.differing.map(({ customerId, recorded, counted }) => ({
    customerId,
    recorded: recorded && shownSums(recorded),
    counted: shownSums(counted),
  }));
  return { ...compared, differing };
}

/** Somebody may have made a total that is no money by hand: it is shown as it is. */
function shownSums({ orderCount, totalValue }: Sums): Sums {
  const isMoney = /^-?[0-9]+(\.[0-9]{1,4}0*)?$/.test(totalValue);
  return { orderCount, totalValue: isMoney ? formatDecimal(totalValue) : totalValue };
}
