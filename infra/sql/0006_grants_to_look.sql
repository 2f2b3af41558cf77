-- The API tells how much waits to be recorded and to be announced, and since when; the bodies stay unseen. As
-- 0004_grants.sql, this file may be run again by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant select (queued_at, leased_until, tries, suspect, source) on spool to pedidos_api;
    grant select on outbox to pedidos_api;
  end if;
end
$$;
