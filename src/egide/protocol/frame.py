"""What button and phone say to each other over Bluetooth, byte by byte as contracts/gatt.md describes it.

Every frame carries a MAC under the key of this one button, because pairing without display or keypad ("Just
Works") protects nobody against a man in the middle (Bluetooth Core 5.4, Vol 3, Part H, section 2.3.5.1).
"""

import hmac
import struct
from enum import IntEnum

import msgspec
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

VERSION = 1
KEY_BYTES = 16
MAC_BYTES = 8
NONCE_BYTES = 8
BUTTON_FRAME_BYTES = 19
ACK_FRAME_BYTES = 14
HOLD_FRAME_BYTES = 16
CLAIM_BYTES = NONCE_BYTES + MAC_BYTES

MAX_COUNTER = (1 << 32) - 1
MAX_HELD_MS = (1 << 16) - 1
AGE_UNKNOWN = 0xFFFF
MAX_AGE_S = AGE_UNKNOWN - 1
BATTERY_UNKNOWN = 255

_BUTTON = struct.Struct("<BBIHHB")
_ACK = struct.Struct("<BBI")
_ACK_KIND = 0x81
_HOLD = struct.Struct("<BBIH")
_HOLD_KIND = 0x82
# One word for each direction and purpose, so that no frame can be passed off as another.
_FROM_BUTTON = b"egide-b1"
_FROM_PHONE = b"egide-p1"
_SET_BY_PHONE = b"egide-s1"
_CLAIM_BY_PHONE = b"egide-c1"
_CLAIM_BY_BUTTON = b"egide-c2"


class FrameKind(IntEnum):
    """What a button says."""

    PRESS = 1


class ButtonFrame(msgspec.Struct, frozen=True):
    """One press as the button tells it.

    `age_s` is the time since the hold was reached when this copy left, None where the button does not know.
    """

    kind: FrameKind
    counter: int
    held_ms: int
    age_s: int | None = 0
    battery_pct: int | None = None


class FrameError(Exception):
    """The bytes are not a frame of this button; `reason` is length, version, mac, kind or value."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def encode_frame(frame: ButtonFrame, key: bytes) -> bytes:
    """The 19 bytes of `frame` under the button's key (16 bytes). Raises FrameError("value") when out of range."""
    _check_values(frame)
    age = AGE_UNKNOWN if frame.age_s is None else frame.age_s
    battery = BATTERY_UNKNOWN if frame.battery_pct is None else frame.battery_pct
    fields = _BUTTON.pack(VERSION, int(frame.kind), frame.counter, frame.held_ms, age, battery)
    return fields + _mac(key, _FROM_BUTTON + fields)


def decode_frame(data: bytes, key: bytes) -> ButtonFrame:
    """The press in `data`, if the holder of `key` made it. Raises only FrameError."""
    fields = _check_authentic(data, BUTTON_FRAME_BYTES, key, _FROM_BUTTON)
    _, kind, counter, held_ms, age, battery = _BUTTON.unpack(fields)
    if kind != FrameKind.PRESS:
        raise FrameError("kind", f"{kind}")
    frame = ButtonFrame(
        FrameKind.PRESS,
        counter,
        held_ms,
        None if age == AGE_UNKNOWN else age,
        None if battery == BATTERY_UNKNOWN else battery,
    )
    _check_values(frame)
    return frame


def encode_ack(counter: int, key: bytes) -> bytes:
    """The 14 bytes with which the phone says that it keeps the press `counter`."""
    if not 1 <= counter <= MAX_COUNTER:
        raise FrameError("value", f"counter {counter}")
    fields = _ACK.pack(VERSION, _ACK_KIND, counter)
    return fields + _mac(key, _FROM_PHONE + fields)


def decode_ack(data: bytes, key: bytes) -> int:
    """The counter that the phone acknowledges. Raises only FrameError."""
    fields = _check_authentic(data, ACK_FRAME_BYTES, key, _FROM_PHONE)
    _, kind, counter = _ACK.unpack(fields)
    if kind != _ACK_KIND:
        raise FrameError("kind", f"{kind}")
    if counter == 0:
        raise FrameError("value", "counter 0")
    return int(counter)


def encode_hold(version: int, hold_ms: int, key: bytes) -> bytes:
    """The 16 bytes with which the phone sets the hold time; `version` is that of the kit's settings."""
    if not (1 <= version <= MAX_COUNTER and 0 <= hold_ms <= MAX_HELD_MS):
        raise FrameError("value", f"version {version}, {hold_ms} ms")
    fields = _HOLD.pack(VERSION, _HOLD_KIND, version, hold_ms)
    return fields + _mac(key, _SET_BY_PHONE + fields)


def decode_hold(data: bytes, key: bytes) -> tuple[int, int]:
    """Version and hold time in ms. Raises only FrameError; whether they may be set is the button's affair."""
    fields = _check_authentic(data, HOLD_FRAME_BYTES, key, _SET_BY_PHONE)
    _, kind, version, hold_ms = _HOLD.unpack(fields)
    if kind != _HOLD_KIND:
        raise FrameError("kind", f"{kind}")
    if version == 0:
        raise FrameError("value", "version 0")
    return int(version), int(hold_ms)


def encode_claim(button_nonce: bytes, phone_nonce: bytes, key: bytes) -> bytes:
    """The 16 bytes with which a phone proves, right after pairing, that it was enrolled for this button."""
    return phone_nonce + _mac(key, _CLAIM_BY_PHONE + button_nonce + phone_nonce)


def decode_claim(data: bytes, button_nonce: bytes, key: bytes) -> bytes:
    """The phone's nonce (8 bytes) of a claim that verifies. Raises only FrameError."""
    if len(data) != CLAIM_BYTES:
        raise FrameError("length", f"{len(data)} bytes, expected {CLAIM_BYTES}")
    phone_nonce = data[:NONCE_BYTES]
    if not hmac.compare_digest(data, encode_claim(button_nonce, phone_nonce, key)):
        raise FrameError("mac", "the phone does not hold this button's key")
    return phone_nonce


def claim_answer(button_nonce: bytes, phone_nonce: bytes, key: bytes) -> bytes:
    """The 8 bytes with which the button proves in turn that it is the one that the phone was enrolled for."""
    return _mac(key, _CLAIM_BY_BUTTON + button_nonce + phone_nonce)


def _check_authentic(data: bytes, size: int, key: bytes, purpose: bytes) -> bytes:
    """The fields of a frame whose length, version and MAC are right."""
    if len(data) != size:
        raise FrameError("length", f"{len(data)} bytes, expected {size}")
    if data[0] != VERSION:
        raise FrameError("version", f"{data[0]}, expected {VERSION}")
    fields, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, purpose + fields)):
        raise FrameError("mac", "not made with this button's key")
    return fields


def _check_values(frame: ButtonFrame) -> None:
    if not 1 <= frame.counter <= MAX_COUNTER:
        raise FrameError("value", f"counter {frame.counter}")
    if not 0 <= frame.held_ms <= MAX_HELD_MS:
        raise FrameError("value", f"held for {frame.held_ms} ms")
    if frame.age_s is not None and not 0 <= frame.age_s <= MAX_AGE_S:
        raise FrameError("value", f"age {frame.age_s} s")
    if frame.battery_pct is not None and not 0 <= frame.battery_pct <= 100:
        raise FrameError("value", f"battery {frame.battery_pct} %")


def _mac(key: bytes, message: bytes) -> bytes:
    """AES-128-CMAC (RFC 4493), the first 8 of its 16 bytes (NIST SP 800-38B, section 5.5 and annex A)."""
    cmac = CMAC(AES(key))
    cmac.update(message)
    return cmac.finalize()[:MAC_BYTES]
