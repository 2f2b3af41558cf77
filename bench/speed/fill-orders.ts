import { query, withClient } from "../harness/query.ts";

/** A filled database: order ids 1 … `orders`; the customer 1 has a fifth of them, 2 has ten, the others have equal parts of what is left. */
export type Filling = { readonly orders: number; readonly customers: number };
export const [BIG_CUSTOMER, SMALL_CUSTOMER] = [1, 2];

const A_STATEMENT = 250_000;

/** Fills the tables as recording would have, a commit each half second. */
export async function fillOrders(
  url: string,
  { orders, customers }: Filling,
  onProgress: (orders: number) => void,
): Promise<void> {
  await withClient(url, async (client) => {
    for (let from = 1; from <= orders; from += A_STATEMENT) {
      onProgress(from - 1);
      await client.query(
        `insert into orders (order_id, customer_id, recorded_at, item_count, total, fingerprint, items)
         select id,
           case when id % 5 = 0 then ${BIG_CUSTOMER} when id <= 12 then ${SMALL_CUSTOMER} else 3 + id % ($3 - 2) end,
           timestamptz '2026-01-01' + id / 500 * interval '0.5 s', 2, 1352.995,
           decode('01' || md5(id::text), 'hex'),
           '[["lápis 2B sextavado, caixa com 12",100,11000],["caderno universitário, 96 folhas",99,125050]]'
         from generate_series($1::bigint, $2::bigint) as id`,
        [from, Math.min(orders, from + A_STATEMENT - 1), customers],
      );
    }
  });
  await query(
    url,
    `insert into customers (customer_id, order_count, total_value, first_order_at, last_order_at)
     select customer_id, count(*), sum(total), min(recorded_at), max(recorded_at) from orders group by customer_id`,
  );
  await query(url, "vacuum analyze orders");
  await query(url, "vacuum analyze customers");
}
