"""How a person of the provider is known here: by a keyed hash of what the provider calls them, and by nothing else."""

import hmac

from egide.access.authority import provider
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.service import keys


def mark_of(name: str) -> str:
    """A mark for a subject, a session or a token of this provider: equal for equal ones, useless without the key.

    64 hex digits. Another provider's person of the same name has another one.
    """
    key = keys().case_key(SYSTEM).derive(b"egide-authority-mark-1")
    return hmac.digest(key.raw, f"{provider.issuer()}\0{name}".encode(), "sha256").hex()
