"""Frames of SIA DC-09 (ANSI/SIA DC-09-2021), as alarm devices and monitoring stations send and answer them: bytes in,
value out.

Under a key the data is AES in CBC mode with an initial vector of zeros (section 5.4). Nothing signs it: blocks of
frames that somebody recorded can be put together anew. So what is read must be whole and printable, and of this minute.
"""

import re
import secrets
from datetime import UTC, datetime

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from egide.common.clock import utc

# Longer ones hold pictures or addresses of them, which nobody here looks at.
MAX_FRAME_BYTES = 2048
KEY_BYTES = (16, 24, 32)
# How far a frame may be from our clock, in seconds (section 5.5.1.9).
MOST_OLD_S, MOST_AHEAD_S = 40, 20
SIA, CONTACT_ID, POLL = "SIA-DCS", "ADM-CID", "NULL"
ACK, NAK, DUH = "ACK", "NAK", "DUH"
_LF, _CR = b"\n", b"\r"
_HEAD_BYTES = 9
_BLOCK = 16
_IV = bytes(_BLOCK)
# A token, a sequence, receiver and line, the account; some write "None" for a receiver that they do not have.
_FRAME = re.compile(
    rb'"(\*?)([A-Z0-9-]{3,16})"([0-9]{4})(R[0-9A-F]{1,6}|None)?(L[0-9A-F]{1,6})#?([0-9A-Fa-f]{3,16})?\[(.*)',
    re.DOTALL,
)
_ANSWER = re.compile(rb'"(\*?)(ACK|NAK|DUH|RSP)"([0-9]{4})?[^\[]*\[(.*)', re.DOTALL)
ACCOUNT = re.compile(r"[0-9A-F]{3,16}")
# A station whose clock is further off would have refused our frame for its time.
_ANSWERED_WITHIN_S = 600
_TIME = "_%H:%M:%S,%m-%d-%Y"
# Fill that nobody takes for a bracket or for the bar behind it.
_FILL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Without data some put no bar behind the fill.
_OPENED = re.compile(
    rb"[^\[\]|]*(?:\|([^\[\]]*))?\]((?:\[[^\[\]]*\])*)(_[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{2}-[0-9]{2}-[0-9]{4})"
)
_CLEAR = re.compile(rb"\|?([^\[\]]*)\]((?:\[[^\[\]]*\])*)(_[0-9:,-]{19})?")


class Dc09Error(ValueError):
    """Not a frame that can be used. `reason` is one word and holds nothing of what came."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Frame(msgspec.Struct, frozen=True):
    """One frame, its data as it came. `prefix` is receiver and line, which an answer repeats."""

    token: str
    is_encrypted: bool
    sequence: int
    prefix: str
    account: str
    body: bytes


class Content(msgspec.Struct, frozen=True):
    """What a frame holds: the data between its brackets, the extension fields, and its time (seconds, UTC; 0: none)."""

    data: str
    fields: tuple[str, ...] = ()
    at_s: int = 0


def _crc_of_byte(crc: int) -> int:
    for _bit in range(8):
        crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


_CRCS = tuple(_crc_of_byte(byte) for byte in range(256))


def crc_of(data: bytes) -> int:
    """The check over a frame: CRC-16 with the polynomial 0x8005, bits reversed (section 5.5.1.2)."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRCS[(crc ^ byte) & 0xFF]
    return crc


def _whole(data: bytes) -> bytes:
    """What stands between the head and the end. Raises Dc09Error "too-long", "bad-frame", "bad-length", "bad-crc"."""
    if len(data) > MAX_FRAME_BYTES:
        raise Dc09Error("too-long")
    if len(data) <= _HEAD_BYTES + 1 or data[:1] != _LF or data[-1:] != _CR:
        raise Dc09Error("bad-frame")
    body = data[_HEAD_BYTES:-1]
    try:
        crc, length = int(data[1:5], 16), int(data[5:9], 16)
    except ValueError as error:
        raise Dc09Error("bad-frame") from error
    if length != len(body):
        raise Dc09Error("bad-length")
    if crc != crc_of(body):
        raise Dc09Error("bad-crc")
    return body


def read_frame(data: bytes) -> Frame:
    """A frame from a device, from its line feed to its carriage return. Raises Dc09Error."""
    found = _FRAME.fullmatch(_whole(data))
    if found is None:
        raise Dc09Error("bad-frame")
    star, token, sequence, receiver, line, account, body = found.groups()
    if account is None:
        raise Dc09Error("no-account")
    prefix = (receiver or b"") + line if receiver != b"None" else line
    return Frame(
        token=token.decode(),
        is_encrypted=bool(star),
        sequence=int(sequence),
        prefix=prefix.decode(),
        account=account.decode().upper(),
        body=body,
    )


def open_frame(frame: Frame, key: bytes) -> Content:
    """Its content: under the key where it is encrypted, else as it stands. Raises Dc09Error "wrong-key", "bad-data"."""
    reason = "wrong-key" if frame.is_encrypted else "bad-data"
    plain = decrypted(frame.body, key) if frame.is_encrypted else frame.body
    found = (_OPENED if frame.is_encrypted else _CLEAR).fullmatch(plain)
    if found is None:
        raise Dc09Error(reason)
    data, fields, time = found.groups()
    try:
        told = (data or b"").decode("ascii")
        held = fields.decode("utf-8", "replace")
        at_s = _seconds(time.decode("ascii")) if time else 0
    except ValueError as error:
        raise Dc09Error(reason) from error
    if not told.isprintable():
        raise Dc09Error(reason)
    return Content(told, tuple(held[1:-1].split("][")) if held else (), at_s)


def is_timely(at_s: int, now_s: int) -> bool:
    """Whether a frame of this moment may be taken now."""
    return now_s - MOST_OLD_S <= at_s <= now_s + MOST_AHEAD_S


def decrypted(body: bytes, key: bytes) -> bytes:
    """Raises Dc09Error "wrong-key" for what no key of ours made."""
    try:
        sealed = bytes.fromhex(body.decode("ascii"))
    except ValueError as error:
        raise Dc09Error("wrong-key") from error
    if not sealed or len(sealed) % _BLOCK or len(key) not in KEY_BYTES:
        raise Dc09Error("wrong-key")
    decryptor = Cipher(AES(key), CBC(_IV)).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


def written(
    token: str,
    sequence: int,
    account: str,
    content: Content,
    key: bytes = b"",
    prefix: str = "L0",
) -> bytes:
    """A frame with this content, encrypted where there is a key; then it needs a time."""
    fields = "".join(f"[{field}]" for field in content.fields)
    time = utc(content.at_s * 1_000_000).strftime(_TIME) if content.at_s else ""
    head = f'"{"*" if key else ""}{token}"{sequence:04d}{prefix}#{account}['
    said = f"{content.data}]{fields}{time}"
    return framed(head.encode("ascii") + (_encrypted(said, key) if key else said.encode("utf-8")))


def _encrypted(said: str, key: bytes) -> bytes:
    plain = f"|{said}".encode()
    # One block at least: so that no two frames begin alike.
    fill = _BLOCK + -len(plain) % _BLOCK
    filled = "".join(secrets.choice(_FILL) for _ in range(fill)).encode() + plain
    encryptor = Cipher(AES(key), CBC(_IV)).encryptor()
    return (encryptor.update(filled) + encryptor.finalize()).hex().upper().encode()


def framed(body: bytes) -> bytes:
    """With its head, its check and its end."""
    return _LF + f"{crc_of(body):04X}{len(body):04X}".encode() + body + _CR


def acknowledged(frame: Frame, key: bytes, now_s: int) -> bytes:
    """ "It is taken": encrypted where the frame was, with our time."""
    content = Content("", (), now_s)
    return written(
        ACK, frame.sequence, frame.account, content, key if frame.is_encrypted else b"", frame.prefix
    )


def not_understood(frame: Frame) -> bytes:
    """ "We do not know this": never encrypted (section 5.5.3.4)."""
    return written(DUH, frame.sequence, frame.account, Content(""), b"", frame.prefix)


def refused(now_s: int) -> bytes:
    """ "Not taken", with our time, to which a device sets its clock before it tries again (section 5.5.3.3)."""
    time = utc(now_s * 1_000_000).strftime(_TIME)
    return framed(f'"NAK"0000R0L0A0[]{time}'.encode())


def read_answer(data: bytes, sequence: int, key: bytes, now_s: int) -> str:
    """What a station answers to the frame of this number: ACK, NAK or DUH. Raises Dc09Error.

    Where there is a key, only who has it can say ACK, to this frame and about now: anybody on the way could say the
    others, which raise nothing and are tried again. What stands before the brackets is passed over.
    """
    found = _ANSWER.fullmatch(_whole(data))
    if found is None:
        raise Dc09Error("bad-answer")
    star, token, said, body = found.groups()
    word = ACK if token == b"RSP" else token.decode()
    if word != ACK:
        return word
    if said is None or int(said) != sequence:
        raise Dc09Error("other-number")
    if key:
        if not star:
            raise Dc09Error("not-encrypted")
        found = _OPENED.fullmatch(decrypted(body, key))
        if found is None:
            raise Dc09Error("wrong-key")
        if abs(_seconds(found[3].decode("ascii")) - now_s) > _ANSWERED_WITHIN_S:
            raise Dc09Error("old-answer")
    return word


def _seconds(text: str) -> int:
    """Raises Dc09Error "bad-time"."""
    try:
        return int(datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise Dc09Error("bad-time") from error
