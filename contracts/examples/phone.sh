#!/bin/sh
# A phone that enrols and presses, with curl and openssl 3 alone: to see each byte. It does not check receipts.
#
#     sh phone.sh enrol SERVER CODE FOLDER
#     sh phone.sh press SERVER FOLDER
#     sh phone.sh texts FOLDER [ANSWER]       the same press as two text messages; ANSWER is the number of a sentence
set -eu

b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
unhex() { xxd -r -p; }
hex() { xxd -p | tr -d '\n'; }
# The public key is the last 32 bytes of its DER.
public() { openssl pkey -in "$1/phone.key" -pubout -outform DER | tail -c 32; }
sign() { openssl pkeyutl -sign -rawin -inkey "$1/phone.key" -in "$2"; }

# Sealed once, and then sent by every road.
pressed() {
  if [ ! -e "$folder/unsent" ]; then
    counter=$(($(cat "$folder/counter") + 1))
    echo "$counter" > "$folder/counter"
    # A map of four: 1 press, the counter in four bytes or fewer, the time, 7 set off on the screen.
    if [ "$counter" -lt 24 ]; then number=$(printf %02x "$counter")
    elif [ "$counter" -lt 256 ]; then number=$(printf 18%02x "$counter")
    elif [ "$counter" -lt 65536 ]; then number=$(printf 19%04x "$counter")
    else number=$(printf 1a%08x "$counter"); fi
    payload=$(printf 'a4010102%s031a%08x0702' "$number" "$(date +%s)")
    protected=4da201270448$(public "$folder" | openssl sha256 -binary | head -c 8 | hex)
    # Below 24 bytes the head of a byte string is one byte.
    sealed=$(printf %02x $((0x40 + ${#payload} / 2)))$payload
    printf %s "846a5369676e617475726531${protected}40$sealed" | unhex > "$folder/statement"
    { printf %s "d284${protected}a0${sealed}5840" | unhex; sign "$folder" "$folder/statement"; } > "$folder/draft"
    mv "$folder/draft" "$folder/unsent"
  fi
}

case "$1" in
enrol)
  server=$2 code=$3 folder=$4
  umask 077
  openssl genpkey -algorithm ed25519 -out "$folder/phone.key"
  echo 0 > "$folder/counter"
  plain=$(printf %s "$code" | tr -d ' \t-' | tr a-z A-Z)
  { printf 'egide-enrolment-2\0'; { printf 'egide-code-1\0'; printf %s "$plain"; } | openssl sha256 -binary
    public "$folder"; printf 'native\0001.0'; } > "$folder/statement"
  curl -sS --fail-with-body -H 'Content-Type: application/json' "$server/v1/enrolments" --data-binary @- <<END
{"code": "$code", "public_key": "$(public "$folder" | b64url)",
 "signature": "$(sign "$folder" "$folder/statement" | b64url)", "client": {"kind": "native", "version": "1.0"}}
END
  ;;
press)
  server=$2 folder=$3
  pressed
  # The same bytes until there is a 201; a press is never given up.
  until [ "$(curl -sS -o "$folder/receipt" -w '%{http_code}' --max-time 5 -H 'Content-Type: application/cose' \
      --data-binary "@$folder/unsent" "$server/v1/messages")" = 201 ]; do sleep 1; done
  rm "$folder/unsent"
  cat "$folder/receipt"
  ;;
texts)
  folder=$2
  pressed
  # The first half is the longer one.
  half=$((($(wc -c < "$folder/unsent") + 1) / 2))
  printf 'EG11/2%s\n' "$(head -c "$half" "$folder/unsent" | b64url)"
  printf 'EG12/2%s\n' "$(tail -c "+$((half + 1))" "$folder/unsent" | b64url)${3:+.$3}"
  ;;
esac
