-- Whether the consumers record, or were told to stop by hand. One row; every consumer reads it again and again.
create table consuming (
  is_only boolean primary key default true check (is_only),
  paused boolean not null default false,
  -- The database's clock, and the name of the key; null where nobody has ever told it, or no key was needed.
  changed_at timestamptz,
  changed_by text
);
insert into consuming default values;

-- What else is done by hand.
alter table audit
  drop constraint audit_action_check,
  add constraint audit_action_check check (action in (
    'rejection.replayed', 'rejection.discarded', 'dead_letter.requeued', 'consuming.paused', 'consuming.resumed',
    'customer.repaired'
  ));
