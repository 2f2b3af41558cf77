-- The API inspects the dead letters one process at a time. To lock a row takes the right to update some column of it; the
-- check leaves no other value. And what 0016_outbox_back_off.sql grants, which has no "grants" in its name. As
-- 0004_grants.sql, this file may be run again by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_api') then
    grant select, update (name) on exclusive_work to pedidos_api;
  end if;
  if exists (select from pg_roles where rolname = 'pedidos_consumer') then
    grant update (attempts, next_attempt_at) on outbox, oversized to pedidos_consumer;
  end if;
end
$$;
