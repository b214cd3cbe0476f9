#!/bin/sh
# The command `egide`. As root it becomes the account that owns the data, so that no file there ever belongs to another;
# what writes settings and certificates stays root.
umask 0007
if [ "$(id -u)" = 0 ]; then
    case "${1-}" in
        init | tls) exec /opt/egide/bin/egide "$@" ;;
        *) HOME=/var/lib/egide exec setpriv --reuid=egide --regid=egide --init-groups --inh-caps=-all /opt/egide/bin/egide "$@" ;;
    esac
fi
umask 0077
exec /opt/egide/bin/egide "$@"
