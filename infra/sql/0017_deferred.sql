-- What the database refused to record while it recorded others waits in the spool until it is tried again, apart from them.
alter table spool
  -- Null for what was never refused.
  add column retry_at timestamptz,
  add column refusals integer not null default 0,
  -- The SQLSTATE of the last one.
  add column refused_for text,
  -- Known of what was refused alone.
  add column order_id bigint;
create index spool_deferred on spool (retry_at) where retry_at is not null;
create index spool_deferred_orders on spool (order_id) where order_id is not null;
