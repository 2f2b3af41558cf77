-- Each role may do what its process does and nothing else. Roles that are not there (infra/roles.sql makes them) are
-- passed over, as where one user does everything. This file may be run again by the owner, after roles were made late.
do $$
begin
  -- Takes orders into the spool, reads them back, closes rejections.
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant select on orders, customers, rejections, pedidos to pedidos_api;
    grant insert (source, body, tries, suspect), select (spool_id) on spool to pedidos_api;
    grant update (status) on rejections to pedidos_api;
  end if;

  -- Records. What is recorded it never changes, but for a customer's sums and a rejection's count.
  if exists (select from pg_roles where rolname = 'pedidos_consumer') then
    grant usage on sequence order_seq to pedidos_consumer;
    grant select, insert on orders, customers, rejections to pedidos_consumer;
    grant update (order_count, total_value, first_order_at, last_order_at) on customers to pedidos_consumer;
    grant update (times, last_seen_at) on rejections to pedidos_consumer;
    grant select, insert, update, delete on spool to pedidos_consumer;
    grant select, insert, delete on outbox, oversized to pedidos_consumer;
    -- No value can be written to these; to lock a row takes the right to update some column of it.
    grant update (outbox_id) on outbox to pedidos_consumer;
    grant update (oversized_id) on oversized to pedidos_consumer;
  end if;

  -- The documented tables and views, and not what is only on its way.
  if exists (select from pg_roles where rolname = 'pedidos_reader') then
    grant select on orders, order_items, customers, rejections, pedidos to pedidos_reader;
  end if;
end
$$;
