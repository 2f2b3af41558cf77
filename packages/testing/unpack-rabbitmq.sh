#!/bin/sh
# Unpacks RabbitMQ and all that it needs from a release of Debian into a folder of this clone, and prints that folder:
#   TEST_RABBITMQ_ROOT=$(sh packages/testing/unpack-rabbitmq.sh trixie) npx -y pnpm@12 test
# Nothing is installed on the machine but mmdebstrap, which fetches and verifies the packages. Takes root; what was
# unpacked before is used again.
set -eu
suite=$1
folder=$(cd "$(dirname "$0")/../.." && pwd)/node_modules/.cache/rabbitmq-$suite
if [ ! -d "$folder" ]; then
  command -v mmdebstrap > /dev/null || {
    apt-get update -qq
    apt-get install -qq --no-install-recommends mmdebstrap debian-archive-keyring
  } >&2
  mkdir -p "$(dirname "$folder")"
  partial=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$partial"' EXIT
  chmod 755 "$partial"
  # Extracted only: no package's script runs. RabbitMQ takes for granted what is named beside it.
  mmdebstrap --variant=extract --aptopt='APT::Install-Recommends "false"' \
    --include=base-files,dash,coreutils,sed,grep,rabbitmq-server \
    --extract-hook='echo 127.0.0.1 localhost > "$1/etc/hosts"' "$suite" "$partial" >&2
  mv "$partial" "$folder"
fi
echo "$folder"
