#!/bin/sh
# A dispatch system that fetches and answers, with curl and openssl 3.
#
#     sh dispatch.sh fetch PAGES NAME SECRET_FILE
#     sh dispatch.sh answer PAGES NAME SECRET_FILE ANSWER       ANSWER is JSON
set -eu
what=$1 pages=$2 name=$3 secret_file=$4 body=${5:-}

id=msg_$(openssl rand -hex 8) now=$(date +%s)
# The key of the HMAC is what stands behind whsec_, decoded.
# Others of this machine see it in its list of processes: for a try alone.
key=$(head -n 1 "$secret_file" | tr -d '\n' | sed 's/^whsec_//' | openssl base64 -d -A | xxd -p | tr -d '\n')
signature=$(printf '%s.%s.%s' "$id" "$now" "$body" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
set -- -sS --fail-with-body --max-time 5 -H "webhook-id: $id" -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signature"

case "$what" in
fetch) curl "$@" "$pages/dispatch/$name/messages" ;;
answer) curl "$@" -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' --data-binary "$body" \
  "$pages/dispatch/$name/answers" ;;
esac
