"""What a gateway hands on, read without believing it: one binary message with a port, or half of a press as text. Pure.

The texts are those of contracts/sms.json; the header is 3GPP TS 23.040, section 9.2.3.24.
"""

import re

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.connectors.sms.answers import ANSWERS
from egide.protocol.envelope import EnvelopeError, kid_in

COUNT = 2
MARK = "EG1"
# One message: 140 bytes, or 160 signs of seven bits (3GPP TS 23.040, section 9.2.3.16).
LONGEST_TEXT = 160
LONGEST_BYTES = 140
# A number as networks write it (ITU-T E.164, section 6.2.1: fifteen digits at most). A name cannot be answered.
_NUMBER = re.compile(r"\+?[0-9]{6,15}", re.ASCII)
# Application port addressing, 16 bits: destination, then originator (section 9.2.3.24.4).
_PORTS = 0x05
_PORTS_BYTES = 4
# Concatenated short messages (sections 9.2.3.24.1 and 9.2.3.24.8): a press fits into one.
_SEVERAL = (0x00, 0x08)


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a callback: `text`, or `udh` and `data` in hexadecimal. Whatever else it says is not looked at.

    `sender` is anything: a gateway that writes it in another way must not lose a press.
    """

    text: str | None = None
    udh: str | None = None
    data: str | None = None
    sender: object = msgspec.field(default=None, name="from")


class Whole(msgspec.Struct, frozen=True):
    """A message that came in one piece. `answer` is the number of the answer that its sender asked for, 0 for none."""

    data: bytes
    answer: int = 0


class Half(msgspec.Struct, frozen=True):
    """Half of a message, the first (1) or the second (2), which may ask for an answer."""

    number: int
    data: bytes
    answer: int = 0


class NotOurs(Exception):
    """It is not a message of one of our phones; `reason` is a word of contracts/sms-gateway.openapi.yaml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(callback: Callback, port: int) -> Whole | Half:
    """What the callback carries. Raises NotOurs."""
    if callback.text is not None and callback.data is None and callback.udh is None:
        return read_text(callback.text)
    if callback.text is None and callback.data is not None:
        return read_binary(callback.udh or "", callback.data, port)
    raise NotOurs("neither-text-nor-binary")


def number_in(callback: Callback) -> str:
    """The number that the message came from; "" where the gateway tells none that could be answered."""
    sender = callback.sender
    return sender if isinstance(sender, str) and _NUMBER.fullmatch(sender) else ""


def read_text(text: str) -> Half:
    """Half of a message. Raises NotOurs."""
    # Gateways and hands add spaces and line breaks around a text; inside there are none.
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise NotOurs("too-long")
    head, body = text[: len(MARK) + 3], text[len(MARK) + 3 :]
    numbers = [number for number in range(1, COUNT + 1) if head == f"{MARK}{number}/{COUNT}"]
    if not numbers:
        raise NotOurs("not-a-press")
    asked = 0
    if numbers == [COUNT] and "." in body:
        body, _, word = body.partition(".")
        if not (word.isascii() and word.isdecimal()):
            raise NotOurs("not-base64url")
        asked = known_answer(int(word))
    try:
        data = from_base64url(body)
    except ValueError as error:
        raise NotOurs("not-base64url") from error
    if not data or to_base64url(data) != body:
        raise NotOurs("not-base64url")
    half = Half(numbers[0], data, asked)
    if half.number == 1:
        kid_of_first(half)
    return half


def known_answer(number: int) -> int:
    """The answer's number; 0 for one that is not known here: nothing is sent then, and the press counts."""
    return number if number in ANSWERS else 0


def read_binary(udh: str, data: str, port: int) -> Whole:
    """The bytes behind a header that names our port; the port that they come from names the answer. Raises NotOurs."""
    try:
        header, content = bytes.fromhex(udh), bytes.fromhex(data)
    except ValueError as error:
        raise NotOurs("not-hexadecimal") from error
    if len(header) + len(content) > LONGEST_BYTES:
        raise NotOurs("too-long")
    origins = [origin for destination, origin in _ports_of(header) if destination == port]
    if not origins:
        raise NotOurs("other-port")
    return Whole(content, known_answer(origins[0]))


def _ports_of(header: bytes) -> list[tuple[int, int]]:
    """Ports in a user data header: (to, from). Raises NotOurs for a message of several parts, or no header at all."""
    if not header or header[0] != len(header) - 1:
        raise NotOurs("bad-header")
    ports, at = [], 1
    while at < len(header):
        element, size = header[at], header[at + 1] if at + 1 < len(header) else len(header)
        content = header[at + 2 : at + 2 + size]
        if len(content) != size:
            raise NotOurs("bad-header")
        if element in _SEVERAL:
            raise NotOurs("several-parts")
        if element == _PORTS and size == _PORTS_BYTES:
            ports.append((int.from_bytes(content[:2], "big"), int.from_bytes(content[2:], "big")))
        at += 2 + size
    return ports


def kid_of_first(half: Half) -> str:
    """The key (hex) that the first half of a message names. Raises NotOurs when it does not begin as one."""
    try:
        return kid_in(half.data).hex()
    except EnvelopeError as error:
        raise NotOurs("not-a-press") from error


def fit(first: Half, second: Half) -> bool:
    """Whether two halves may be of one message: the first is as long as the second, or one byte longer."""
    return (first.number, second.number) == (1, 2) and len(first.data) - len(second.data) in (0, 1)
