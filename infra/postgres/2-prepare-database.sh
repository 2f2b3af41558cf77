#!/bin/sh
# Run once by PostgreSQL's image, on an empty volume, after roles.sql and before database.sql: gives the roles their
# passwords and the database its owner, and closes the server's other databases to everybody but the administrator.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --file /run/secrets/postgres-roles \
  --command "alter database \"$POSTGRES_DB\" owner to pedidos_owner" \
  --command "revoke all on database postgres, template1 from public"
