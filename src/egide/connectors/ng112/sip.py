"""SIP as far as one MESSAGE needs it over a stream (RFC 3261, RFC 3428): a request is written, an answer is read.

Framed by Content-Length, as streams are (RFC 3261, section 18.3). Never over UDP: what is sent here is longer than
RFC 3428 (section 8) lets go there.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

MOST_HEAD, MOST_BODY = 16 * 1024, 64 * 1024
CAP_TYPE: Final = "application/EmergencyCallData.cap+xml"
PIDF_TYPE: Final = "application/pidf+xml"
_LINE, _END = "\r\n", b"\r\n\r\n"
# An address by SIP, without anything that could end it within its brackets.
ADDRESS = re.compile(r"sips?:[!#-;=?-~]{1,200}")
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ?([^\r\n]{0,200})")
_ALERT = re.compile(r"\s*([0-9]{3})\s*(?:;.*)?")
# Names that may be written short (RFC 3261, section 7.3.3).
_SHORT: Final = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "l": "content-length",
    "c": "content-type",
}


class NoSip(ValueError):
    """What came is no SIP, or too much of it; the connection is good for nothing more."""


class Part(msgspec.Struct, frozen=True):
    """One part of a body; `number` is what the head calls it by (Content-ID, without the brackets)."""

    number: str
    kind: str
    text: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A MESSAGE, or another `method`. `via` is how the connection is called here, such as `TLS 192.0.2.1:40000`;
    `branch` tells this try from all others, `call` and `number` (CSeq) tell the request."""

    uri: str
    to: str
    by: str
    via: str
    branch: str
    call: str
    tag: str
    number: int
    route: str = ""
    priority: str = ""
    parts: Sequence[Part] = ()
    method: str = "MESSAGE"
    # Whole lines of the head beside these, such as the answer to a challenge.
    more: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """A response: its status, and its headers by their long names in small letters."""

    status: int
    reason: str
    headers: dict[str, tuple[str, ...]]

    @property
    def alert_error(self) -> int:
        """Why the alert itself could not be used (AlertMsg-Error, RFC 8876, section 5.2); 0 where nothing is said."""
        found = _ALERT.fullmatch(self.headers.get("alertmsg-error", ("",))[0])
        return int(found[1]) if found else 0

    def is_to(self, request: Request) -> bool:
        """Whether it answers this request and no other (RFC 3261, section 17.1.3)."""
        branch = re.search(r";\s*branch\s*=\s*([^;,\s]+)", self.headers.get("via", ("",))[0])
        number = " ".join(self.headers.get("cseq", ("",))[0].split())
        return (
            branch is not None
            and branch[1] == request.branch
            and number == f"{request.number} {request.method}"
        )


def written(request: Request) -> bytes:
    """Raises ValueError for an address that would end a line: nothing of it goes out."""
    boundary = f"part-{request.branch[-16:]}"
    body = "".join(_part(boundary, part) for part in request.parts) + f"--{boundary}--{_LINE}"
    content = body.encode()
    head = [
        f"{request.method} {request.uri} SIP/2.0",
        f"Via: SIP/2.0/{request.via};branch={request.branch}",
        "Max-Forwards: 70",
        *([f"Route: <{request.route};lr>"] if request.route else []),
        f"From: <{request.by}>;tag={request.tag}",
        f"To: <{request.to}>",
        f"Call-ID: {request.call}",
        f"CSeq: {request.number} {request.method}",
        *request.more,
        *_headers(request.parts),
        *([f"Priority: {request.priority}"] if request.priority else []),
        "MIME-Version: 1.0",
        f"Content-Type: multipart/mixed;boundary={boundary}",
        f"Content-Length: {len(content)}",
    ]
    if any(not line.isprintable() for line in head):
        raise ValueError("an address has a sign that no header may have")
    return _LINE.join(head).encode() + _END + content


def _headers(parts: Sequence[Part]) -> list[str]:
    """What the head says of the parts: RFC 8876 (section 4), RFC 6442 (sections 4.1 and 4.2)."""
    numbers = {part.kind: part.number for part in parts}
    lines = []
    if CAP_TYPE in numbers:
        lines.append(f"Call-Info: <cid:{numbers[CAP_TYPE]}>;purpose=EmergencyCallData.cap")
    if PIDF_TYPE in numbers:
        # Without the second line no proxy may look at the place, and none could say whose alarm it is.
        lines += [
            f"Geolocation: <cid:{numbers[PIDF_TYPE]}>",
            "Geolocation-Routing: yes",
            "Supported: geolocation",
        ]
    return lines


def _part(boundary: str, part: Part) -> str:
    """Its type is the last of its headers: there are servers that take what follows it for the content."""
    head = (
        f"--{boundary}",
        f"Content-ID: <{part.number}>",
        "Content-Disposition: by-reference;handling=optional",
        f"Content-Type: {part.kind}",
    )
    return _LINE.join(head) + _LINE * 2 + part.text + _LINE


class Answers:
    """Takes a stream apart; belongs to one connection."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        """Those that are whole by now. Raises NoSip."""
        self._held += data
        found = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> Answer | None:
        while self._held.startswith(b"\r\n"):
            # Between messages it only keeps the connection open (RFC 3261, section 7.5; RFC 5626, section 4.4.1).
            del self._held[:2]
        end = self._held.find(_END)
        if end < 0:
            if len(self._held) > MOST_HEAD:
                raise NoSip("a head without an end")
            return None
        if end > MOST_HEAD:
            raise NoSip("too long a head")
        answer = _answer(bytes(self._held[:end]))
        length = _length(answer)
        whole = end + len(_END) + length
        if len(self._held) < whole:
            return None
        del self._held[:whole]
        return answer


def _answer(head: bytes) -> Answer:
    # A line that begins with white space goes on from the one before (RFC 3261, section 7.3.1).
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split(_LINE)
    status = _STATUS.fullmatch(lines[0])
    if status is None:
        raise NoSip("no answer")
    headers: dict[str, tuple[str, ...]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise NoSip("a header without a name")
        name = name.strip().lower()
        name = _SHORT.get(name, name)
        headers[name] = (*headers.get(name, ()), value.strip())
    return Answer(int(status[1]), status[2], headers)


def _length(answer: Answer) -> int:
    values = set(answer.headers.get("content-length", ()))
    if len(values) != 1:
        raise NoSip("an answer without a length, or with two")
    text = values.pop()
    if not (text.isascii() and text.isdecimal() and len(text) <= 8) or int(text) > MOST_BODY:
        raise NoSip("a length that is none, or too much")
    return int(text)
