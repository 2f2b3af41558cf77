-- Who did what by hand, and when: a row for each, written in the transaction that does it. Nothing of ours changes or
-- deletes one; the owner may delete old ones, by audit_id.
create table audit (
  audit_id bigint generated always as identity primary key,
  -- The database's clock.
  done_at timestamptz not null default clock_timestamp(),
  -- The name of the key; null where no key was needed.
  actor text,
  action text not null check (action in ('rejection.replayed', 'rejection.discarded')),
  rejection_id bigint,
  -- What else is to be said of it, such as {"corrected": true}.
  detail json not null default '{}'
);
