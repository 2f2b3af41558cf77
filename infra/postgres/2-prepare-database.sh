#!/bin/sh
# Run once by PostgreSQL's image, on an empty volume, after roles.sql: gives the roles their passwords and the database
# its owner. What is in it may be seen by roles that are granted it, and by nobody else.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --file /run/secrets/postgres-roles \
  --command "alter database \"$POSTGRES_DB\" owner to pedidos_owner" \
  --command "revoke all on database \"$POSTGRES_DB\" from public" \
  --command "grant connect on database \"$POSTGRES_DB\" to pedidos_api, pedidos_consumer, pedidos_reader"
