#!/bin/sh
# Verify an export of Egide's journal, and open it, with openssl 3 and xxd alone: to see each byte. What is checked, and
# how, stands in docs/journal-export.md. openssl's command opens AES-GCM as AES-CTR, without its tag: what says that a
# body was changed is its hash alone. verify_export.py and verify_export.mjs check both.
#
#     sh verify_export.sh FILE
#
# Of one alarm it prints the events, one a line. It ends with 0 when everything holds, with 1 and a sentence when not.
set -eu
file=$1 tab=$(printf '\t')
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/streams"
# No value holds a quotation mark: what is between a name and its value can be told apart.
sed 's/": */":/g' "$file" > "$work/lines"

fail() { echo "does not hold: $1" >&2; exit 1; }
hex() { xxd -p | tr -d '\n'; }
unhex() { xxd -r -p; }
sha256() { unhex | openssl sha256 -binary | hex; }
# One field of the line. Nothing where it is absent.
text() { case "$line" in *"\"$1\":\""*) value=${line#*"\"$1\":\""} && printf %s "${value%%\"*}" ;; esac; }
number() { case "$line" in *"\"$1\":"*) value=${line#*"\"$1\":"} && printf %s "${value%%[!0-9]*}" ;; esac; }
bytes() { text "$1" | openssl base64 -d -A | hex; }

nothing=0000000000000000000000000000000000000000000000000000000000000000
running=$nothing last=0 events=0 whole=yes key='' proof=''
while IFS= read -r line || [ -n "$line" ]; do
  if [ -z "${header:-}" ]; then
    header=$(text format) only=$(text stream) key=$(bytes key)
    [ "$header" = egide-journal-1 ] || fail "this is no export, or of another format"
    [ -z "$only" ] || whole=
    continue
  fi
  [ -z "$proof" ] || fail "something stands behind the proof"
  case "$line" in
  *'"proof":'*)
    proof="$(number events) $(number streams) $(number last_seq) $(bytes running)"
    continue
    ;;
  esac
  seq=$(number seq) stream=$(text stream) version=$(number version) kind=$(text kind) prev=$(bytes prev) body=$(bytes body)
  [ -n "$whole" ] || [ "$stream" = "$only" ] || fail "it holds another stream"
  [ "$seq" -gt "$last" ] && { [ -z "$whole" ] || [ "$seq" = $((last + 1)) ]; } || fail "event $seq does not follow event $last"
  # Of each stream one file: the version and the hash that come before.
  of=$work/streams/$(printf %s "$stream" | hex)
  [ -e "$of" ] || echo "0 $nothing" > "$of"
  [ "$((version - 1)) $prev" = "$(cat "$of")" ] || fail "event $seq does not follow in $stream"
  clear="$seq$tab$stream$tab$version$tab$kind$tab$(number at_us)$tab$(text centre)$tab$(text zone)$tab$(text key)$tab$(text cause)"
  hash=$(printf %s "$prev$(printf '%s\n' "$clear" | hex)$body" | sha256)
  [ "$hash" = "$(bytes hash)" ] || fail "event $seq was changed: its hash does not fit"
  echo "$version $hash" > "$of"
  running=$(printf %s "$running$hash" | sha256) last=$seq events=$((events + 1))
  if [ -n "$key" ]; then
    # 12 bytes of nonce, what was sealed, 16 bytes of tag; GCM counts its blocks from 2.
    sealed=${body%????????????????????????????????}
    nonce=$(printf %.24s "$sealed")
    event=$(printf %s "${sealed#"$nonce"}" | unhex | openssl enc -d -aes-256-ctr -K "$key" -iv "${nonce}00000002" | tr -d '\0')
    case "$event" in
    '{'*'}') ;;
    *) fail "event $seq cannot be opened by this key" ;;
    esac
    more=${event#'{'}
    [ "$more" = '}' ] || more=,$more
    printf '{"seq":%s,"at_us":%s,"kind":"%s"%s\n' "$seq" "$(number at_us)" "$kind" "$more" >> "$work/opened"
  fi
done < "$work/lines"
[ -n "${header:-}" ] || fail "it is empty"
[ -n "$proof" ] || fail "the last line is no proof: the file was cut off"
count=$(find "$work/streams" -type f | wc -l)
[ "$proof" = "$events $((count)) $last $running" ] || fail "the last line does not fit: events are missing"
if [ -n "$key" ]; then cat "$work/opened"; else printf '{"whole":%s,"streams":%s}\n' "$events" "$((count))"; fi
