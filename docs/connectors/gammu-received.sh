#!/bin/sh
# RunOnReceive of gammu-smsd: hands each text that came to Egide, in kannel's form (docs/connectors/kannel.md).
# Address, name and password stand in a file that only gammu's account reads, mode 0400:
#   url = "http://127.0.0.1:8404/v1/sms/kannel"
#   user = "egide:PASSWORD-OF-24-SIGNS-OR-MORE"
# What Egide does not take within two minutes stays in the inbox of gammu-smsd, as everything that came does.
set -eu
settings=${EGIDE_GAMMU:-/etc/egide/gammu.curl}
status=0
part=1
while [ "$part" -le "${SMS_MESSAGES:-0}" ]; do
    eval "number=\${SMS_${part}_NUMBER-} text=\${SMS_${part}_TEXT-}"
    # By standard input: everybody on the machine can read the arguments of a process. A press has no other signs.
    {
        printf 'data-urlencode = "from=%s"\n' "$(printf %s "$number" | tr -cd '0-9+')"
        printf 'data-urlencode = "text=%s"\n' "$(printf %s "$text" | tr -cd 'A-Za-z0-9/._-')"
    } | curl --config "$settings" --config - --get --silent --fail --max-time 10 \
        --retry 24 --retry-delay 5 --retry-max-time 120 --retry-all-errors || status=1
    part=$((part + 1))
done
exit "$status"
