-- The roles of this system, made once per cluster by its administrator, before the first migration:
--   psql --file infra/roles.sql
--   psql --command 'create database pedidos owner pedidos_owner'
--   psql --dbname pedidos --file infra/database.sql
-- then a password for each that logs in (\password pedidos_api), or certificates. Run again it changes nothing but the
-- settings below. What each may do in a database the numbered files say, and they say it to the roles that exist: where
-- roles are made after the migration, run the files of infra/sql/ with "grants" in their name again, as the owner. Roles belong to the cluster
-- while a migrator's lock belongs to one database, which is why no numbered file makes them.
do $$
declare
  name text;
begin
  foreach name in array array['pedidos_owner', 'pedidos_api', 'pedidos_consumer', 'pedidos_reader'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login', name);
    end if;
    -- Nobody's objects but ours are found, in any other schema.
    execute format('alter role %I set search_path = public', name);
  end loop;
end
$$;

-- Owns the schema; the migrator alone is it. Its statements take what they take, but while it waits for a lock everybody
-- waits behind it.
alter role pedidos_owner set lock_timeout = '30s';
alter role pedidos_owner set idle_in_transaction_session_timeout = '60s';

-- How many connections each may have, so that none takes those of another: together 96 of the 97 that a server of 100
-- (max_connections) leaves to roles that are not superusers. An API has at most 16 and a consumer 8, and one more for the
-- check of durability; so these are three APIs and four consumers, those that are being replaced among them. Whoever runs
-- more raises max_connections and these, here or by hand: alter role pedidos_api connection limit 102.
alter role pedidos_owner connection limit 3;
alter role pedidos_api connection limit 51;
alter role pedidos_consumer connection limit 36;
alter role pedidos_reader connection limit 6;

-- The processes set shorter limits themselves; these hold for any other client with their name.
alter role pedidos_api set statement_timeout = '10s';
alter role pedidos_api set lock_timeout = '5s';
alter role pedidos_api set idle_in_transaction_session_timeout = '10s';
alter role pedidos_consumer set statement_timeout = '10s';
alter role pedidos_consumer set lock_timeout = '5s';
alter role pedidos_consumer set idle_in_transaction_session_timeout = '10s';

-- For analysts. A long report holds back the cleaning of the busiest tables, so its length is bounded.
alter role pedidos_reader set default_transaction_read_only = on;
alter role pedidos_reader set statement_timeout = '60s';
alter role pedidos_reader set lock_timeout = '5s';
alter role pedidos_reader set idle_in_transaction_session_timeout = '60s';

-- A report's sorts fill the disk only so far. A role can't lift this limit for itself, as it can the others.
do $$
begin
  alter role pedidos_reader set temp_file_limit = '1GB';
exception when insufficient_privilege then
  raise notice 'temp_file_limit is not set for pedidos_reader: only a superuser can';
end
$$;
