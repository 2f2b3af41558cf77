-- The replaced system's table, if it is here, is kept as pedidos_legacy and its orders are taken over: totals rounded
-- to the cent, no items, created_at read in the database's time zone. Rows that can't become an order stay behind.
do $$
declare
  taken bigint;
  left_behind bigint;
  account text;
begin
  if not exists (
    select from pg_class where oid = to_regclass('pedidos') and relkind in ('r', 'p')
  ) then
    return;
  end if;
  lock table pedidos in access exclusive mode;
  alter table pedidos rename to pedidos_legacy;
  insert into orders (order_id, customer_id, seq, recorded_at, item_count, total, items)
  select codigo_pedido, codigo_cliente, id, created_at at time zone current_setting('TimeZone'), 0,
    round(valor_total::numeric, 2), '[]'
  from (
    select distinct on (codigo_pedido) id, codigo_pedido, codigo_cliente, valor_total,
      coalesce(nullif(nullif(created_at, 'infinity'), '-infinity'), 'epoch') as created_at
    from pedidos_legacy
    where codigo_pedido >= 1 and codigo_cliente >= 1
      and valor_total is not null and valor_total not in ('NaN', 'Infinity', '-Infinity')
    order by codigo_pedido, id
  ) first_of_each_code;
  get diagnostics taken = row_count;
  select coalesce(sum(times), 0), coalesce(': ' || string_agg(format('%s with %s', times, why), ', ' order by why), '')
  into left_behind, account
  from (
    select
      case
        when codigo_pedido is null or codigo_pedido < 1 then 'no code'
        when codigo_cliente is null or codigo_cliente < 1 then 'no customer'
        when valor_total is null or valor_total in ('NaN', 'Infinity', '-Infinity') then 'no total'
        else 'the code of an earlier row'
      end as why,
      count(*) as times
    from pedidos_legacy
    where not exists (select from orders where seq = id)
    group by why
  ) those_that_stay;
  perform setval('order_seq', greatest((select max(id) from pedidos_legacy), 1));
  insert into customers (customer_id, order_count, total_value, first_order_at, last_order_at)
  select customer_id, count(*), sum(total), min(recorded_at), max(recorded_at) from orders group by customer_id;
  raise notice 'pedidos: % orders taken over, % rows could not become an order and stay in pedidos_legacy%',
    taken, left_behind, account;
end
$$;

create view pedidos as
select
  seq as id,
  order_id as codigo_pedido,
  customer_id as codigo_cliente,
  total::double precision as valor_total,
  recorded_at::timestamp as created_at
from orders;

-- Who could read the table can read the view.
do $$
declare
  reader text;
begin
  for reader in
    select case grantee when 0 then 'public' else grantee::regrole::text end
    from pg_class, aclexplode(relacl)
    where oid = to_regclass('pedidos_legacy') and privilege_type = 'SELECT'
  loop
    execute 'grant select on pedidos to ' || reader;
  end loop;
end
$$;
