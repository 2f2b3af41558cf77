-- Closes the database of this system to everybody else, by the administrator of the cluster, once, before or after the
-- migration:
--   psql --dbname pedidos --file infra/database.sql
-- Run again it changes nothing. Whoever else uses this database (the replaced system, reports under roles of their own)
-- needs: grant connect on database pedidos to that_role.
do $$
declare
  routine regprocedure;
begin
  -- Whoever may connect to a cluster may otherwise connect to each database, and fill its disk with temporary tables.
  execute format('revoke all on database %I from public', current_database());
  execute format(
    'grant connect on database %I to pedidos_api, pedidos_consumer, pedidos_reader', current_database()
  );
  -- Where the database was made by PostgreSQL 14 or older everybody may create tables in it.
  revoke create on schema public from public;
  -- Large objects are files that any role may write. An advisory lock can be taken by any role, and a million of them
  -- leave no memory for the locks of others. Nothing of ours uses either.
  for routine in
    select oid from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', oid, 'execute')
      and (starts_with(proname, 'lo_') or proname in ('loread', 'lowrite') or proname like '%advisory%')
  loop
    -- Where the administrator is no superuser, as in a managed service, this is a warning and the right stays.
    execute format('revoke execute on routine %s from public', routine);
  end loop;
end
$$;
