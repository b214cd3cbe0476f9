"""Shelly BLU Button and its kin: encrypted BTHome v2 advertisements (bthome.io), bytes in, value out.

Strict where the usual parsers are not: only encrypted, the MIC always, the counter always above the highest that was
ever taken, which the caller keeps on disk. Vectors, shared with the phone app: contracts/bthome.json.
"""

from enum import IntEnum

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

# Service data is announced under this UUID of 16 bits, and counts into the nonce.
UUID16 = 0xFCD2
KEY_BYTES, ADDRESS_BYTES, MIC_BYTES, COUNTER_BYTES = 16, 6, 4, 4
_ENCRYPTED, _VERSION_SHIFT, _VERSION = 0x01, 5, 2
# Version 2, encrypted, sent when something happens and not regularly.
_TRIGGERED = 0x45
_PACKET, _BATTERY, _BUTTON = 0x00, 0x01, 0x3A
# What else these buttons and related ones say: object and size of its value in bytes.
_OTHERS = {0x02: 2, 0x03: 2, 0x05: 3, 0x0C: 2, 0x2E: 1, 0x3F: 2, 0x45: 2, 0x60: 1, 0xF0: 2, 0xF1: 4, 0xF2: 3}


class Event(IntEnum):
    """Button events of BTHome; others are kept as numbers."""

    NONE = 0x00
    PRESS = 0x01
    DOUBLE_PRESS = 0x02
    TRIPLE_PRESS = 0x03
    LONG_PRESS = 0x04
    HOLD_PRESS = 0x80


# Only what takes a second or more is an alarm: a short touch happens in every pocket.
ALARMS = (Event.LONG_PRESS, Event.HOLD_PRESS)


class Advertised(msgspec.Struct, frozen=True):
    """One authentic advertisement. `events`: one for each button of the device, as it was sent."""

    counter: int
    events: tuple[int, ...]
    battery_pct: int | None
    packet: int | None

    @property
    def is_alarm(self) -> bool:
        """Whether a button was held."""
        return any(event in ALARMS for event in self.events)


class BthomeError(ValueError):
    """Not an advertisement to rely on; `reason` is one of the words of contracts/bthome.json."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(advertised: Advertised, address: bytes, key: bytes) -> bytes:
    """The service data with which the device `address` says this: encrypted, sent when something happens."""
    objects = [(_PACKET, advertised.packet), (_BATTERY, advertised.battery_pct)]
    objects += [(_BUTTON, event) for event in advertised.events]
    plain = b"".join(bytes((what, value)) for what, value in objects if value is not None)
    info, counter = bytes([_TRIGGERED]), advertised.counter.to_bytes(COUNTER_BYTES, "little")
    sealed = AESCCM(key, tag_length=MIC_BYTES).encrypt(_nonce(address, info, counter), plain, None)
    return info + sealed[:-MIC_BYTES] + counter + sealed[-MIC_BYTES:]


def decode(data: bytes, address: bytes, key: bytes) -> Advertised:
    """Read the service data of one advertisement of the device `address` (6 bytes, as written) under its bind key.

    Raises BthomeError.
    """
    if not data:
        raise BthomeError("too-short")
    if data[0] >> _VERSION_SHIFT != _VERSION:
        raise BthomeError("not-version-2")
    if not data[0] & _ENCRYPTED:
        raise BthomeError("not-encrypted")
    if len(data) < 1 + COUNTER_BYTES + MIC_BYTES:
        raise BthomeError("too-short")
    sealed, counter, mic = data[1:-8], data[-8:-4], data[-4:]
    nonce = _nonce(address, data[:1], counter)
    try:
        plain = AESCCM(key, tag_length=MIC_BYTES).decrypt(nonce, sealed + mic, None)
    except InvalidTag as error:
        raise BthomeError("wrong-key") from error
    return _read(plain, int.from_bytes(counter, "little"))


def address_bytes(text: str) -> bytes:
    """The 6 bytes of an address as it is printed, such as "0C:EF:F6:01:02:03". Raises ValueError."""
    data = bytes.fromhex(text.replace(":", ""))
    if len(data) != ADDRESS_BYTES:
        raise ValueError(f"address {text!r}: six bytes, such as 0C:EF:F6:01:02:03")
    return data


def check_fresh(advertised: Advertised, highest: int) -> None:
    """Refuse a counter that is not above the highest that was ever taken. Raises BthomeError.

    The same advertisement is sent several times, so most of what is refused here is no attack.
    """
    if advertised.counter <= highest:
        raise BthomeError("replay")


def _nonce(address: bytes, info: bytes, counter: bytes) -> bytes:
    return address + UUID16.to_bytes(2, "little") + info + counter


def _read(plain: bytes, counter: int) -> Advertised:
    events: list[int] = []
    values: dict[int, int] = {}
    at = 0
    while at < len(plain):
        what = plain[at]
        size = 1 if what in (_PACKET, _BATTERY, _BUTTON) else _OTHERS.get(what)
        if size is None:
            raise BthomeError("unknown-object")
        value = plain[at + 1 : at + 1 + size]
        if len(value) < size:
            raise BthomeError("truncated")
        if what == _BUTTON:
            events.append(value[0])
        elif size == 1:
            values[what] = value[0]
        at += 1 + size
    battery = values.get(_BATTERY)
    if battery is not None and battery > 100:
        raise BthomeError("out-of-range")
    return Advertised(counter, tuple(events), battery, values.get(_PACKET))
