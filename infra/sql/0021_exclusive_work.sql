-- What one process at a time may do: it locks the row of that name until the work is done. Nobody without the right to
-- update a row can lock it, while anybody who may connect can take any advisory lock.
create table exclusive_work (
  name text primary key check (name in ('dead letters'))
);
insert into exclusive_work values ('dead letters');
