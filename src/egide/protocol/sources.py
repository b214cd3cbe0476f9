"""Devices that are no phones: by which road they report, and under which id they are known here. Pure."""

import hashlib
import hmac

import msgspec

from egide.common.encoding import from_json
from egide.protocol.dc09.frames import ACCOUNT, MAX_FRAME_BYTES

# How what a source says comes to the server: the frame of a button that only broadcasts, an event of Traccar, a frame
# of an alarm device (SIA DC-09).
BTHOME, TRACCAR, DC09 = "bthome", "traccar", "dc09"
ROADS = (BTHOME, TRACCAR, DC09)
# For the key of `source_id` (`KeyStore.purpose_key`).
PURPOSE = b"egide-source-1\0"
ID_SIGNS = 16
_ID_LETTERS = frozenset("0123456789abcdef")
# An advertisement holds no longer service data, and is given in hexadecimal.
MOST_FRAME_BYTES = 255
MAX_REPORT_BYTES = 1024
MAX_FRAMED_BYTES = 2 * MAX_FRAME_BYTES + 256


def source_id(key: bytes, road: str, name: str, secret: bytes = b"") -> str:
    """The id of the device `name` on this road: 16 hexadecimal signs, like those of a phone, the same whenever it is
    enrolled.

    Whoever reads it learns no serial number. `secret` is the key of a button: one that was given another key counts
    anew, and so is another source.
    """
    told = b"\0".join((road.encode(), name.encode(), secret))
    return hmac.digest(key, told, hashlib.sha256).hex()[:ID_SIGNS]


def is_source_id(text: str) -> bool:
    """Whether it has the shape of one."""
    return len(text) == ID_SIGNS and _ID_LETTERS.issuperset(text)


class Heard(msgspec.Struct, frozen=True):
    """What a gateway heard of a button: the source's id, and the service data of the advertisement."""

    source: str
    frame: bytes


class Framed(msgspec.Struct, frozen=True):
    """What an alarm device sent: the account that it names, and the frame in hexadecimal."""

    account: str
    frame: str


class _Given(msgspec.Struct, frozen=True):
    source: str
    frame: str


def read_heard(data: bytes) -> Heard:
    """JSON such as `{"source": "<16 signs>", "frame": "<hexadecimal>"}`; what stands beside is passed over.

    Raises ValueError, without anything of what was given.
    """
    given = from_json(data, _Given)
    if not is_source_id(given.source):
        raise ValueError("source: the 16 signs that were shown when it was enrolled")
    try:
        frame = bytes.fromhex(given.frame)
    except ValueError as error:
        raise ValueError("frame: the service data in hexadecimal") from error
    if not 1 <= len(frame) <= MOST_FRAME_BYTES:
        raise ValueError(f"frame: {len(frame)} bytes, expected 1 to {MOST_FRAME_BYTES}")
    return Heard(given.source, frame)


def read_framed(data: bytes) -> tuple[str, bytes]:
    """The account and the frame. Raises ValueError, without anything of what was given."""
    given = from_json(data, Framed)
    if not ACCOUNT.fullmatch(given.account):
        raise ValueError("account: 3 to 16 of 0-9 and A-F")
    try:
        frame = bytes.fromhex(given.frame)
    except ValueError as error:
        raise ValueError("frame: what the device sent, in hexadecimal") from error
    if not 1 <= len(frame) <= MAX_FRAME_BYTES:
        raise ValueError(f"frame: {len(frame)} bytes, expected 1 to {MAX_FRAME_BYTES}")
    return given.account, frame
