"""What ends a ticket for live before its time, by the kind of event: all that stands in clear columns."""

# What ends every stream of an account, or of one session, that was granted before.
ENDING_KINDS = frozenset({"SessionsEnded", "AccountClosed", "PostsChanged", "SignedOut"})
# What changes who may hear of a file: whose tickets it concerns only the pages know, so all are asked for again.
BARRING_KIND = "ReadersBarred"
