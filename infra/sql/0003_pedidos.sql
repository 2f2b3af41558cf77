-- The replaced system's table, if it is here, is kept as pedidos_legacy and its orders are taken over: totals rounded
-- to the cent, no items, created_at read in the database's time zone. Rows that can't become an order stay behind.

-- A float's text is then the shortest that reads as the same float, all digits that were given; a cast to numeric keeps 15.
set local extra_float_digits = 1;

do $$
declare
  time_zone text;
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
  perform set_config('pedidos.taken_over', 'pedidos_legacy'::regclass::oid::text, true);

  -- The database's time zone, not one that this role or this connection has for itself.
  select substr(setting, length('TimeZone=') + 1) into time_zone
  from pg_db_role_setting cross join unnest(setconfig) as setting
  where setrole = 0 and setting ilike 'TimeZone=%'
    and setdatabase in (0, (select oid from pg_database where datname = current_database()))
  order by setdatabase desc limit 1;
  if time_zone is null then
    select setting into time_zone from pg_settings
    where name = 'TimeZone' and source in ('default', 'environment variable', 'configuration file', 'command line');
  end if;
  if time_zone is null and has_table_privilege('pg_file_settings', 'select')
    and has_function_privilege('pg_show_all_file_settings()', 'execute') then
    select setting into time_zone from pg_file_settings
    where name ilike 'TimeZone' and error is null order by seqno desc limit 1;
  end if;
  if time_zone is null and exists (select from pedidos_legacy where created_at is not null) then
    raise exception 'the time zone to read created_at in is not known: this user or its connection sets another one than the database has, and may not see that one. Say which it is: alter database % set timezone = ''...''',
      quote_ident(current_database());
  end if;

  insert into orders (order_id, customer_id, seq, recorded_at, item_count, total, items)
  select codigo_pedido, codigo_cliente, id, created_at at time zone coalesce(time_zone, 'UTC'), 0,
    round(valor_total::text::numeric, 2), '[]'
  from (
    select distinct on (codigo_pedido) id, codigo_pedido, codigo_cliente, valor_total,
      -- What RFC 3339 can say, in whatever time zone.
      case when created_at >= '0001-01-02' and created_at < '9999-12-31' then created_at else 'epoch' end as created_at
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
    where oid = nullif(current_setting('pedidos.taken_over', true), '')::oid and privilege_type = 'SELECT'
  loop
    execute 'grant select on pedidos to ' || reader;
  end loop;
end
$$;
