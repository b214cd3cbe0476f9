"""The ticket that lets a browser listen to live events: what its reader may see, for five minutes, sealed.

Sealed and padded, because it also says of which files its reader must not know that they exist (safety rule 27).
"""

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

from egide.common.encoding import from_base64url, from_json, to_base64url
from egide.common.files import mark_of_key, secret_pair
from egide.common.sealing import SealingKey, UnsealError

LIFETIME_S = 300
COOKIE = "egide_live"
KEY_FILE, KEY_BYTES = "live.key", 32
_LABEL = b"egide-ticket-3"
_PADDED_TO = 512


class Ticket(msgspec.Struct, frozen=True):
    """Scope of one reader. `everything` is for the system's own monitors, never for a person.

    `supervises` are the centres whose supervisor the reader is.
    `session` is the mark of the session that it was given to. `hidden` are the cases of which this reader must not
    hear: whatever is sealed under their keys, whichever stream it stands in.
    """

    user: str
    expires_at_s: int
    centres: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    supervisor: bool = False
    everything: bool = False
    session: str = ""
    hidden: tuple[str, ...] = ()
    supervises: tuple[str, ...] = ()

    @property
    def issued_at_s(self) -> int:
        return self.expires_at_s - LIFETIME_S

    @property
    def streams(self) -> tuple[str, str]:
        """The streams of this reader's account and session: an event there can end what was granted before."""
        return account_stream(self.user), f"session:{self.session}"


class TicketError(Exception):
    """The ticket is missing, forged or out of date."""


def mark_of(name: str) -> str:
    """A short mark for a name or session key, for places that anybody may read: 16 hex digits of its SHA-256."""
    return hashlib.sha256(b"egide-mark-1\0" + name.encode()).hexdigest()[:16]


def account_stream(user: str) -> str:
    """The journal's stream of an account."""
    return f"account:{mark_of(user)}"


def session_stream(session_key: str) -> str:
    """The journal's stream of one session."""
    return f"session:{mark_of(session_key)}"


class TicketKeys:
    """The key of tickets and the one that follows it: both count while a new one comes, or boards would be turned away
    for the order of two restarts. `mark` says that the new one is known.
    """

    def __init__(self, data_dir: Path) -> None:
        self._present, following = secret_pair(data_dir / KEY_FILE, KEY_BYTES)
        self._all = (self._present,) if following is None else (self._present, following)
        self.mark = "" if following is None else mark_of_key(following)

    def issue(self, ticket: Ticket) -> str:
        """Text of the cookie, by the key in force."""
        return issue(ticket, self._present)

    def check(self, text: str, now_s: int) -> Ticket:
        """The ticket behind `text`, by either key. Raises TicketError."""
        for key in self._all[:-1]:
            with suppress(TicketError):
                return check(text, key, now_s)
        return check(text, self._all[-1], now_s)


def issue(ticket: Ticket, key: bytes) -> str:
    """Text of the cookie: base64url of the sealed JSON, whose length tells nothing; `key` has 32 bytes."""
    body = msgspec.json.encode(ticket)
    padded = body.ljust(-(-len(body) // _PADDED_TO) * _PADDED_TO)
    return to_base64url(SealingKey(key).seal(padded, _LABEL))


def check(text: str, key: bytes, now_s: int) -> Ticket:
    """The ticket behind `text`. Raises TicketError."""
    try:
        body = SealingKey(key).unseal(from_base64url(text), _LABEL)
        ticket = from_json(body, Ticket)
    except (ValueError, UnsealError) as error:
        raise TicketError("not a ticket of ours") from error
    if ticket.expires_at_s <= now_s:
        raise TicketError("out of date")
    return ticket
