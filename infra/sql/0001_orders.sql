-- What is recorded. Ids stay below 2^53, so that every JSON reader keeps them exact.
create sequence order_seq;

create table orders (
  order_id bigint primary key check (order_id between 1 and 9007199254740991),
  customer_id bigint not null check (customer_id between 1 and 9007199254740991),
  -- Grows in the order of recording; the id of the view pedidos.
  seq bigint not null default nextval('order_seq'),
  -- The database's clock.
  recorded_at timestamptz not null,
  -- The producer's clock.
  placed_at timestamptz,
  item_count integer not null,
  total numeric not null,
  -- A version byte and a hash of the content; null where the replaced system left no items to compare.
  fingerprint bytea,
  -- [[product, quantity, price in 1/10000], ...]: read it through order_items.
  items json not null
);
alter sequence order_seq owned by orders.seq;
create index orders_by_recording on orders (recorded_at, seq);
create index orders_by_customer on orders (customer_id, recorded_at, seq);

create table customers (
  customer_id bigint primary key,
  order_count bigint not null,
  total_value numeric not null,
  first_order_at timestamptz not null,
  last_order_at timestamptz not null
) with (fillfactor = 70);

create view order_items as
select
  o.order_id,
  i.line::integer as line,
  i.item ->> 0 as product,
  (i.item ->> 1)::bigint as quantity,
  (i.item ->> 2)::bigint * 0.0001 as unit_price
from orders o
cross join lateral json_array_elements(o.items) with ordinality as i (item, line);

create table rejections (
  rejection_id bigint generated always as identity primary key,
  order_id bigint,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  times bigint not null,
  status text not null default 'open' check (status in ('open', 'replayed', 'discarded')),
  reason text not null check (reason in ('invalid_json', 'invalid_order', 'order_conflict', 'poison')),
  source text not null check (source in ('http', 'replay', 'orders.intake', 'pedidos')),
  -- [{"pointer", "detail"}, ...]
  errors json not null,
  body_digest bytea not null,
  body bytea not null
);
-- The same bytes by the same source with the same reason are one open row.
create unique index rejections_open on rejections (source, reason, body_digest) where status = 'open';
create index rejections_by_time on rejections (first_seen_at, rejection_id);
create index rejections_by_reason on rejections (reason, first_seen_at, rejection_id);
create index rejections_by_order on rejections (order_id);
