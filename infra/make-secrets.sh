#!/bin/sh
# Makes every password of infra/compose.yaml, once: random files in infra/secrets, which git ignores. It needs nothing
# but a POSIX shell. Run again it changes nothing; to have new passwords see docs/deploying.md.
set -eu
umask 077
cd "$(dirname "$0")"
folder=${SECRETS_DIR:-secrets}

if [ -e "$folder/complete" ]; then
  echo "The passwords are there already, in $folder. Nothing was changed."
  exit 0
fi
mkdir -p "$folder"

# 32 random bytes as hexadecimal digits: nothing to be quoted or escaped in a URL, SQL or JSON.
password() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { printf '%s\n' "$2" > "$folder/$1"; }

owner=$(password) api=$(password) consumer=$(password) reader=$(password)
keep postgres-password "$(password)"
keep postgres-roles.sql "alter role pedidos_owner password '$owner';
alter role pedidos_api password '$api';
alter role pedidos_consumer password '$consumer';
alter role pedidos_reader password '$reader';"
keep database-url-migrate "postgres://pedidos_owner:$owner@postgres:5432/pedidos"
keep database-url-api "postgres://pedidos_api:$api@postgres:5432/pedidos"
keep database-url-consumer "postgres://pedidos_consumer:$consumer@postgres:5432/pedidos"
keep database-url-reader "postgres://pedidos_reader:$reader@postgres:5432/pedidos"

api=$(password) dead_letters=$(password) consumer=$(password) admin=$(password)
sed -e "s/@pedidos_api@/$api/" -e "s/@pedidos_dead_letters@/$dead_letters/" \
  -e "s/@pedidos_consumer@/$consumer/" -e "s/@pedidos_admin@/$admin/" \
  rabbitmq/definitions.json > "$folder/rabbitmq-definitions.json"
keep amqp-url-api "amqp://pedidos_api:$api@rabbitmq:5672/%2F"
keep amqp-url-dead-letters "amqp://pedidos_dead_letters:$dead_letters@rabbitmq:5672/%2F"
keep amqp-url-consumer "amqp://pedidos_consumer:$consumer@rabbitmq:5672/%2F"
keep rabbitmq-admin-password "$admin"

keep api-keys.json "[]"
keep session-secret "$(password)"

# A container reads its secrets as a user of its own, so the files are readable; the folder's mode limits access.
chmod 644 "$folder"/*
chmod 700 "$folder"
: > "$folder/complete"
case $folder in
  /*) path=$folder ;;
  *) path=./$folder ;;
esac
env=${ENV_FILE:-.env}
touch "$env"
grep -q '^SECRETS_DIR=' "$env" || printf 'SECRETS_DIR=%s\n' "$path" >> "$env"
echo "Made the passwords: infra/.env says where they are. The management page is for pedidos_admin; rabbitmq-admin-password has its password."
