-- A row that a subscriber's queue refuses, or that can't be read, is attempted again after ever longer pauses, and holds up
-- none behind it. Until its first sweep a row has no next attempt.
alter table outbox
  add column attempts smallint not null default 0,
  add column next_attempt_at timestamptz;
create index outbox_untried on outbox (outbox_id) where next_attempt_at is null;
create index outbox_retries on outbox (next_attempt_at) where next_attempt_at is not null;

-- Likewise a body that the dead letters do not take. While it is being passed on, its next attempt is that one's lease.
alter table oversized
  add column attempts smallint not null default 0,
  add column next_attempt_at timestamptz;

-- As 0004_grants.sql, this block may be run again by the owner, after roles were made late.
do $$
begin
  if exists (select from pg_roles where rolname = 'pedidos_consumer') then
    grant update (attempts, next_attempt_at) on outbox, oversized to pedidos_consumer;
  end if;
end
$$;
