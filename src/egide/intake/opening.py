"""The server's half of what a code opens on the phone: the same kind of bytes for every code, a few codes an hour."""

import hashlib
from http import HTTPStatus

from egide.intake import lookup
from egide.journal.now.openings import Openings
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal
from egide.protocol.opening import part_of

_PURPOSE = b"egide-opening-1\0"
_MARK_BYTES = 8


class NotOpened(Exception):
    """The phone gets no half: nobody knows it (any more), or too many different codes were tried on it."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def do_open(journal: Journal, openings: Openings, kid: str, tag: bytes, now_s: int) -> bytes:
    """The half (32 bytes) for this tag, once the try is counted. Raises NotOpened, JournalUnavailable.

    The secret is derived from the case's key: erasing the case takes it along, and blocking the phone shuts it off.
    """
    with journal.reading() as reader:
        device = lookup.find_device(reader, kid)
    if device is None or device.is_blocked:
        raise NotOpened(HTTPStatus.UNAUTHORIZED, "unknown-key")
    try:
        secret = journal.keys.case_key(device.case).derive(_PURPOSE + kid.encode()).raw
    except KeyErased as error:
        raise NotOpened(HTTPStatus.UNAUTHORIZED, "unknown-key") from error
    part = part_of(secret, tag)
    if not openings.take(kid, hashlib.sha256(part).digest()[:_MARK_BYTES], now_s):
        raise NotOpened(HTTPStatus.TOO_MANY_REQUESTS, "too-many-codes")
    return part
