import pg from "pg";
import { orderOf, totalOf } from "../write-order.ts";
import { bareTables } from "./bare-tables.ts";

const ORDERS_A_STATEMENT = 500;

const INSERT = `
  with new_orders as (
    insert into floor_orders
    select order_id, customer_id, total, now()
    from unnest($1::bigint[], $2::bigint[], $3::numeric[]) as t (order_id, customer_id, total)
  ), new_items as (
    insert into floor_order_items
    select * from unnest($4::bigint[], $5::integer[], $6::text[], $7::bigint[], $8::numeric[])
  )
  insert into floor_customers as c
  select customer_id, count(*), sum(total) from unnest($2::bigint[], $3::numeric[]) as t (customer_id, total)
  group by customer_id order by customer_id
  on conflict (customer_id) do update
    set order_count = c.order_count + excluded.order_count, total_value = c.total_value + excluded.total_value`;

/**
 * The SQL floor: how many of the same orders bare inserts bring in a second, one commit for each 500, all parameters
 * ready beforehand.
 */
export async function measureSqlFloor(url: string, firstId: number, count: number, connections: number) {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    await clients[0]?.query(
      `drop table if exists floor_orders, floor_order_items, floor_customers; ${bareTables("floor")}`,
    );
    const warmUp = ORDERS_A_STATEMENT * 2;
    const batches: string[][] = [];
    for (let from = 0; from < count + warmUp; from += ORDERS_A_STATEMENT)
      batches.push(parametersOf(firstId + from, Math.min(ORDERS_A_STATEMENT, count + warmUp - from)));
    for (const values of batches.splice(0, 2)) await clients[0]?.query({ name: "floor", text: INSERT, values });
    const began = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        for (let values = batches.shift(); values !== undefined; values = batches.shift())
          await client.query({ name: "floor", text: INSERT, values });
      }),
    );
    return (count * 1_000) / (performance.now() - began);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** Ready-made array literals: they cost Node least. */
function parametersOf(firstId: number, count: number): string[] {
  const orders = Array.from({ length: count }, (_, index) => orderOf(firstId + index));
  const items = orders.flatMap((order) => order.items.map((item, index) => ({ ...item, order, line: index + 1 })));
  const column = <Row>(rows: readonly Row[], value: (row: Row) => string | number) => `{${rows.map(value).join(",")}}`;
  return [
    column(orders, (order) => order.orderId),
    column(orders, (order) => order.customerId),
    column(orders, totalOf),
    column(items, (item) => item.order.orderId),
    column(items, (item) => item.line),
    column(items, (item) => JSON.stringify(item.product)),
    column(items, (item) => item.quantity),
    column(items, (item) => item.unitPrice),
  ];
}
