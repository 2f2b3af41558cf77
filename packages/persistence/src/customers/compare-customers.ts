import type { CustomerDifference, Sums } from "@pedidos/contract";
import { formatDecimal, formatUnits } from "@pedidos/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../database.generated.ts";
import { type CountedOrders, valueByItems } from "../orders/count-orders.ts";

/** What a customer's row says, null where it has none, and what its orders come to. */
export type ComparedCustomer = Omit<CustomerDifference, "repaired">;

/** A stretch of customers whose orders were counted. */
export type CountedCustomers = {
  /** All of the stretch that have orders recorded before `before`. */
  readonly counted: readonly CountedOrders[];
  /** Ids greater than this one, up to that one. */
  readonly after: number;
  readonly upTo: number;
  readonly before: string;
};

/** How many customers and orders there are in a stretch, and whose row is another than what its orders come to. */
export type ComparedStretch = {
  readonly customers: number;
  readonly orders: number;
  readonly differing: readonly ComparedCustomer[];
};

/**
 * Compares the customers of a stretch with their orders. What was counted before a horizon stays as it is; what was
 * recorded since is counted here, in the same snapshot as the rows, so orders that come in meanwhile make no difference.
 */
export async function compareCustomers(
  db: Kysely<Database>,
  { counted, after, upTo, before }: CountedCustomers,
): Promise<ComparedStretch> {
  const { rows } = await sql<{ customers: number; orders: number; differing: Differing[] }>`
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
          'customerId', customer_id, 'knownCount', known_count, 'knownTotal', known_total::text,
          'orderCount', order_count, 'totalValue', total_value::text
        ) order by customer_id
      ) filter (where (known_count, known_total) is distinct from (order_count, total_value)), '[]') as differing
    from compared
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not compare");
  return { customers: row.customers, orders: row.orders, differing: row.differing.map(toCompared) };
}

type Differing = {
  customerId: number;
  knownCount: number;
  knownTotal: string | null;
  orderCount: number;
  totalValue: string;
};

function toCompared({ customerId, knownCount, knownTotal, orderCount, totalValue }: Differing): ComparedCustomer {
  const recorded = knownTotal === null ? null : sums(knownCount, knownTotal);
  return { customerId, recorded, counted: sums(orderCount, totalValue) };
}

/** What somebody has made of a total by hand need not be money: it is shown as it is. */
export function sums(orderCount: number, totalValue: string): Sums {
  return {
    orderCount,
    totalValue: /^-?[0-9]+(\.[0-9]{1,4}0*)?$/.test(totalValue) ? formatDecimal(totalValue) : totalValue,
  };
}
