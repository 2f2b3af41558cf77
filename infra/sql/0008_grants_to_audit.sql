-- The API adds to the audit and shows it; it can't change what is in it. As 0004_grants.sql, this file may be run again
-- by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant select, insert (actor, action, rejection_id, detail) on audit to pedidos_api;
  end if;
end
$$;
