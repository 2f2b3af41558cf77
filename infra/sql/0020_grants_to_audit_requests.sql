-- As 0004_grants.sql, this file may be run again by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant insert (request_id, address) on audit to pedidos_api;
  end if;
end
$$;
