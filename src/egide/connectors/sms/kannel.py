"""What kannel's smsbox calls with: a short message, or what became of an answer. Checked first, and read only then.

A message is a GET whose parameters its configuration names (docs/connectors/kannel.conf), escaped byte by byte.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from egide.common.clock import Clock
from egide.connectors.kannel import (
    DELIVERED,
    REJECTED,
    UNDELIVERED,
    Login,
    check_login,
    logins_in,
)
from egide.connectors.sms.gateway import MAX_CALL_BYTES, BadCallback, Call
from egide.connectors.sms.rules import Callback, NotOurs, number_in, read
from egide.connectors.texting import TextSender, kannel_sender
from egide.connectors.webhooks import Unauthentic

MOST_FIELDS = 20
MARK_SIGNS = 32
# `coding` of kannel: 8 bits, and the two bytes a sign of UCS-2. Everything else has ASCII where we look.
_BINARY, _WIDE = "1", "2"
_NAME = re.compile(r"[!-~]{1,256}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TYPE = re.compile(r"[0-9]{1,3}", re.ASCII)


class KannelGateway:
    """Those who know one of the logins."""

    method, path = "GET", "/v1/sms/kannel"
    # Without `max-messages = 0` in its configuration, kannel sends her whatever stands in an answer.
    is_silent = True

    def __init__(self, logins: list[Login], port: int) -> None:
        self._logins = logins
        self._port = port

    @classmethod
    def of_file(cls, path: Path, port: int) -> "KannelGateway":
        """Raises ValueError, OSError."""
        return cls(logins_in(path), port)

    def sender(self, url: str, clock: Clock) -> TextSender:
        """What hands texts to it."""
        return kannel_sender(url, self._logins[0], clock)

    def reports(self, url: str) -> "Reports":
        """How it tells what became of answers, at this address of ours."""
        return Reports(url, [login.password.encode() for login in self._logins])

    def read(self, headers: Mapping[str, str], query: bytes, body: bytes, now_s: int) -> Call:
        """Names of headers in lower case. Raises Unauthentic, BadCallback, NotOurs."""
        check_login(self._logins, headers.get("authorization", ""))
        if len(query) > MAX_CALL_BYTES:
            # As a text of several messages, which kannel puts together: to bring it again for a day helps nobody.
            raise NotOurs("too-long")
        fields = _fields(query)
        callback = _callback_of(fields)
        name = fields.get("id", "")
        return Call(
            read(callback, self._port), number_in(callback), name if _NAME.fullmatch(name) else "unnamed"
        )


class Reports:
    """What became of answers. An address is made for one answer, with a mark that nobody else can make: it is no secret
    that opens anything, and whoever calls there can say no more than that this one text did not arrive."""

    method, path = "GET", "/v1/sms/kannel/report"

    def __init__(self, url: str, keys: Sequence[bytes]) -> None:
        self._url = url
        self._keys = keys

    def address(self, digest: bytes) -> str:
        """Where kannel calls about the answer of this name; "" where nobody asks. `%d` is kannel's to fill in."""
        if not self._url:
            return ""
        return (
            f"{self._url}?{urlencode({'answer': digest.hex(), 'mark': _mark(self._keys[0], digest)})}&type=%d"
        )

    def read(self, query: bytes) -> tuple[bytes, bool | None]:
        """The answer's name, and whether it reached the phone; None for what says neither. Raises Unauthentic,
        BadCallback."""
        fields = _fields(query[:MAX_CALL_BYTES])
        if not _DIGEST.fullmatch(fields.get("answer", "")):
            raise Unauthentic("bad-mark")
        digest = bytes.fromhex(fields["answer"])
        given = fields.get("mark", "").encode()
        if not any([hmac.compare_digest(_mark(key, digest).encode(), given) for key in self._keys]):
            raise Unauthentic("bad-mark")
        if not _TYPE.fullmatch(fields.get("type", "")):
            raise BadCallback("type is no number of kannel's")
        kind = int(fields["type"])
        return digest, {DELIVERED: True, UNDELIVERED: False, REJECTED: False}.get(kind)


def _mark(key: bytes, digest: bytes) -> str:
    return hmac.new(key, b"report." + digest, hashlib.sha256).hexdigest()[:MARK_SIGNS]


def _fields(query: bytes) -> dict[str, str]:
    """Each parameter, a sign for each byte of it. Raises BadCallback."""
    try:
        found = parse_qs(
            query.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise BadCallback("more fields than any call has") from error
    return {name: values[0] for name, values in found.items()}


def _callback_of(fields: Mapping[str, str]) -> Callback:
    """The same as a webhook would say. Raises BadCallback."""
    if "text" not in fields:
        raise BadCallback("text is missing: see get-url in docs/connectors/kannel.conf")
    content, udh = (fields.get(name, "").encode("latin-1") for name in ("text", "udh"))
    # Gateways and networks add the + or not; a space in its place is a + that nobody escaped.
    sender = fields.get("from", "").replace(" ", "+")
    if udh or fields.get("coding") == _BINARY:
        return Callback(udh=udh.hex(), data=content.hex(), sender=sender)
    is_wide = fields.get("coding") == _WIDE or fields.get("charset", "").upper().startswith("UTF-16")
    return Callback(text=content.decode("utf-16-be" if is_wide else "latin-1", "replace"), sender=sender)
