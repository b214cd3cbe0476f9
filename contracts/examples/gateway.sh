#!/bin/sh
# A gateway for text messages that hands on what came to its number, with curl and openssl 3.
#
#     sh gateway.sh text SERVER SECRET_FILE TEXT [FROM]           a text
#     sh gateway.sh binary SERVER SECRET_FILE UDH DATA [FROM]     a binary message, both parts in hexadecimal
#     sh gateway.sh kannel SERVER LOGIN_FILE TEXT [FROM]          a text in kannel's form; LOGIN_FILE holds name:password
#
# SERVER is the address of the road for short messages.
set -eu
what=$1 server=$2 file=$3
# No number in it: it stands in Egide's log when half of a press stays alone.
id=in_$(openssl rand -hex 8)

# As it stands between the quotation marks of JSON.
escaped() { printf %s "$1" | tr '[:cntrl:]' ' ' | sed 's/[\\"]/\\&/g'; }

# One try, signed anew. What openssl and curl are given here, others of this machine see in its list of processes: for a try alone.
signed() {
  now=$(date +%s)
  # The key of the HMAC is what stands behind whsec_, decoded.
  key=$(head -n 1 "$file" | tr -d '\n' | sed 's/^whsec_//' | openssl base64 -d -A | xxd -p | tr -d '\n')
  signature=$(printf '%s.%s.%s' "$id" "$now" "$body" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
  curl -sS --max-time 5 -w '\n%{http_code}' -H 'Content-Type: application/json' -H "webhook-id: $id" \
    -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signature" --data-binary "$body" "$server/v1/sms"
}

with_password() {
  { printf 'user = "'; head -n 1 "$file" | tr -d '\n'; printf '"\n'; } |
    curl -sS --max-time 5 -w '\n%{http_code}' --config - --get --data-urlencode "text=$text" --data-urlencode "from=$from" \
      --data coding=0 --data "id=$id" "$server/v1/sms/kannel"
}

case "$what" in
text) body="{\"text\": \"$(escaped "$4")\"${5:+, \"from\": \"$(escaped "$5")\"}}" try=signed ;;
binary) body="{\"udh\": \"$4\", \"data\": \"$5\"${6:+, \"from\": \"$(escaped "$6")\"}}" try=signed ;;
kannel) text=$4 from=${5:-} try=with_password ;;
esac

# Until Egide has it. A real gateway keeps the message on its disk until then, and tries for a day at least.
pause=1
while :; do
  answer=$("$try") || answer='
000'
  status=$(printf '%s\n' "$answer" | tail -n 1) said=$(printf '%s\n' "$answer" | sed '$d')
  case "$status" in
  2??) printf '%s\n' "$said" && exit ;;
  # A real one keeps the message, tells somebody, and goes on once that is mended.
  400 | 401 | 404 | 405 | 413 | 415) printf 'refused: %s %s\n' "$status" "$said" >&2 && exit 1 ;;
  esac
  sleep "$pause" && pause=$((pause < 16 ? pause * 2 : 30))
done
