"""Single-use links of the surveys, made and checked without a table: nothing says to whom a link was given.

A link is signed, so that it can be recognised later; what it was made for is written nowhere. See decision 0020.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from egide.common.encoding import from_base64url, to_base64url
from egide.evaluation.surveys.questions import AUDIENCES

KEY_BYTES = 32
LASTS_DAYS = 28
CODE_DIGITS = 6
_NONCE, _MARK = 12, 12
_HEAD = 5  # audience, edition, last day
_SIZE = _HEAD + _NONCE + _MARK
_YEAR = 2000


class NoSuchLink(LookupError):
    """Made up, expired or used: from outside they are the same."""


@dataclass(frozen=True)
class Link:
    """What a link says of itself. `last_day` counts from 1 January 1970 (UTC); `token` is the text in the address."""

    audience: str
    edition: str
    last_day: int
    token: str


def make_link(key: bytes, audience: str, edition: str, today: int) -> Link:
    """A fresh link. `today` in days since 1970. It lasts four weeks at least, until a Sunday like all of its week:
    the last day does not tell on which day it was made."""
    last_day = _sunday(today + LASTS_DAYS)
    year, month = (int(part) for part in edition.split("-"))
    head = bytes([AUDIENCES.index(audience)])
    head += ((year - _YEAR) * 12 + month - 1).to_bytes(2) + last_day.to_bytes(2)
    content = head + secrets.token_bytes(_NONCE)
    return Link(audience, edition, last_day, to_base64url(content + _keyed(key, b"link", content)[:_MARK]))


def check_token(key: bytes, token: str, today: int) -> Link:
    """The link behind the text of an address. Raises NoSuchLink."""
    try:
        raw = from_base64url(token, _SIZE)
    except (ValueError, UnicodeEncodeError) as error:
        raise NoSuchLink from error
    content, mark = raw[:-_MARK], raw[-_MARK:]
    if not hmac.compare_digest(mark, _keyed(key, b"link", content)[:_MARK]):
        raise NoSuchLink
    months, last_day = int.from_bytes(content[1:3]), int.from_bytes(content[3:5])
    if today > last_day:
        raise NoSuchLink
    edition = f"{_YEAR + months // 12}-{months % 12 + 1:02}"
    # The text again, from the bytes: two spellings of one link would be two links.
    return Link(AUDIENCES[content[0]], edition, last_day, to_base64url(raw))


def code_of(key: bytes, link: Link) -> str:
    """The six digits that are read out: without them the page behind the link shows nothing."""
    number = int.from_bytes(_keyed(key, b"code", link.token.encode())[:8])
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def mark_of(key: bytes, link: Link) -> int:
    """Under which number a used link is remembered, 62 bits; nobody finds the link behind it without the key."""
    return int.from_bytes(_keyed(key, b"used", link.token.encode())[:8]) >> 2


def _keyed(key: bytes, use: bytes, content: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) for one use."""
    return hmac.new(key, use + b"\0" + content, sha256).digest()


def _sunday(day: int) -> int:
    """The Sunday on or after a day; 1 January 1970 was a Thursday."""
    return day + (3 - day) % 7
