/** Tables as bare as they can be for the same facts: a primary key each, no other index. */
export function bareTables(prefix: string): string {
  return `
    create table ${prefix}_orders (order_id bigint primary key, customer_id bigint not null, total numeric not null,
      recorded_at timestamptz not null);
    create table ${prefix}_order_items (order_id bigint, line integer, product text not null, quantity bigint not null,
      unit_price numeric not null, primary key (order_id, line));
    create table ${prefix}_customers (customer_id bigint primary key, order_count bigint not null,
      total_value numeric not null);`;
}
