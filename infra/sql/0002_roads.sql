-- The second road in: orders that are durable here until they are recorded.
create table spool (
  spool_id bigint generated always as identity primary key,
  queued_at timestamptz not null default now(),
  -- Until then it belongs to who claimed it.
  leased_until timestamptz,
  -- Tries begun, counted before they are made.
  tries smallint not null default 0,
  -- To be tried alone.
  suspect boolean not null default false,
  source text not null,
  body bytea not null
) with (
  fillfactor = 60,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.2
);
create index spool_suspects on spool (spool_id) where suspect;

-- Bodies too large to be an order, on their way to the broker's dead letters while it takes no publishes.
create table oversized (
  oversized_id bigint generated always as identity primary key,
  queued_at timestamptz not null default now(),
  source text not null,
  body bytea not null
);

-- What is recorded and not yet announced: one row a commit and kind.
create table outbox (
  outbox_id bigint generated always as identity primary key,
  created_at timestamptz not null default now(),
  order_ids bigint[] not null default '{}',
  rejection_ids bigint[] not null default '{}'
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
