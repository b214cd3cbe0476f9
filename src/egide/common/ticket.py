"""The ticket that lets a browser listen to live events: what its reader may see, for five minutes, under an HMAC."""

import hashlib
import hmac

import msgspec

from egide.common.encoding import from_base64url, to_base64url

LIFETIME_S = 300
COOKIE = "egide_live"


class Ticket(msgspec.Struct, frozen=True):
    """Scope of one reader. `everything` is for the system's own monitors, never for a person."""

    user: str
    expires_at_s: int
    centres: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    supervisor: bool = False
    everything: bool = False


class TicketError(Exception):
    """The ticket is missing, forged or out of date."""


def issue(ticket: Ticket, key: bytes) -> str:
    """Text of the cookie: base64url(JSON) "." base64url(HMAC-SHA256)."""
    body = msgspec.json.encode(ticket)
    return f"{to_base64url(body)}.{to_base64url(_mac(key, body))}"


def check(text: str, key: bytes, now_s: int) -> Ticket:
    """The ticket behind `text`. Raises TicketError."""
    try:
        body_text, mac_text = text.split(".")
        body, mac = from_base64url(body_text), from_base64url(mac_text)
    except ValueError as error:
        raise TicketError("not a ticket") from error
    if not hmac.compare_digest(mac, _mac(key, body)):
        raise TicketError("forged ticket")
    try:
        ticket = msgspec.json.decode(body, type=Ticket)
    except msgspec.MsgspecError as error:
        raise TicketError("not a ticket of this version") from error
    if ticket.expires_at_s <= now_s:
        raise TicketError("out of date")
    return ticket


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"egide-ticket-1\0" + body, hashlib.sha256)
