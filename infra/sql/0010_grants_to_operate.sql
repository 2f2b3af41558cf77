-- The API pauses and resumes consuming, and puts right a customer's sums that are not those of its orders; the consumer
-- looks whether it may record. As 0004_grants.sql, this file may be run again by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant select, update (paused, changed_at, changed_by) on consuming to pedidos_api;
    grant insert, update (order_count, total_value, first_order_at, last_order_at) on customers to pedidos_api;
  end if;
  if exists (select from pg_roles where rolname = 'pedidos_consumer') then
    grant select (paused) on consuming to pedidos_consumer;
  end if;
end
$$;
