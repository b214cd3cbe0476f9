#!/bin/sh
# A dispatch system that fetches and answers, with curl and openssl 3.
#
#     sh dispatch.sh fetch PAGES NAME SECRET_FILE               what is due now; it comes again until it is taken
#     sh dispatch.sh read PAGES NAME SECRET_FILE FOLDER         keep what was fetched under the id of each new message, then take it
#     sh dispatch.sh answer PAGES NAME SECRET_FILE ANSWER       ANSWER is JSON
set -eu
what=$1 pages=$2 name=$3 secret_file=$4 body=${5:-}

if [ "$what" = read ]; then
  found=$(sh "$0" fetch "$pages" "$name" "$secret_file") folder=$5
  # Each message has one id and one alarm; what stands in its CAP has its quotation marks escaped.
  all() { printf %s "$found" | grep -oE "\"$1\": ?\"[0-9a-f]{32}\"" | grep -oE '[0-9a-f]{32}' || true; }
  all id > "$folder/ids"
  all alarm | paste -d ' ' "$folder/ids" - | while read -r message alarm; do
    [ -e "$folder/$message" ] || printf '%s\n' "$found" > "$folder/$message"
    sh "$0" answer "$pages" "$name" "$secret_file" \
      "{\"type\": \"message.taken\", \"alarm\": \"$alarm\", \"message\": \"$message\"}"
  done
  exit
fi

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
