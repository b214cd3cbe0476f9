"""The envelope of every message from a phone: COSE_Sign1 (RFC 9052, section 4.2) with EdDSA over a small CBOR map.

Header and layout are fixed, so reading is comparing with a template; see contracts/envelope.cddl.
"""

import re
from enum import IntEnum
from typing import Any

import msgspec

from egide.protocol import cbor
from egide.protocol.keys import KID_BYTES, SIGNATURE_BYTES, SigningKey, kid_of, signature_is_valid

MAX_BYTES = 256 * 1024
MAX_PRESS_BYTES = 133
# Sound is as long as an envelope may be; words, codes and notices are short.
MOST_WORDS_BYTES = 4096

_FIELDS = frozenset(range(1, 10))
_MOST_32, _MOST_16 = (1 << 32) - 1, (1 << 16) - 1
_MOST_LAT_E7, _MOST_LON_E7 = 900_000_000, 1_800_000_000
# Tag 18, array of 4, protected header {1: -8, 4: kid} as a byte string of 13 (algorithm EdDSA, RFC 9053 section 2.2).
_PREFIX = bytes.fromhex("d2844da201270448")
_AFTER_KID = b"\xa0"
_SIGNATURE_HEAD = bytes.fromhex("5840")
# How long the head of a byte string is, by its initial byte, where it is more than that byte.
_HEAD_SIZES = {0x58: 2, 0x59: 3, 0x5A: 5}
_CONTEXT = bytes.fromhex("846a5369676e617475726531")

# Numbers in their shortest form, of one byte, two and four at most; the charge of a battery in percent, or 255.
_UINT8 = rb"([\x00-\x17]|\x18[\x18-\xff])"
_UINT16 = _UINT8[:-1] + rb"|\x19[\x01-\xff].)"
_UINT32 = _UINT16[:-1] + rb"|\x1a(?!\0\0)....)"
_INT32 = _UINT32[:-1] + rb"|[\x20-\x37]|\x38[\x18-\xff]|\x39[\x01-\xff].|\x3a(?!\0\0)....)"
_LEVEL = rb"([\x00-\x17]|\x18[\x18-\x64\xff])"
# A payload of fields 1 to 8 alone, which are numbers: each within its bounds, but for latitude and longitude.
_NUMBERS = re.compile(
    rb"[\xa3-\xa8]\x01([\x01-\x08])\x02(?!\0)%b\x03%b" % (_UINT32, _UINT32)
    + rb"(?:\x04\x85%b%b%b%b%b)?" % (_INT32, _INT32, _UINT16, _UINT16, _UINT8)
    + rb"(?:\x05\x82%b%b)?" % (_LEVEL, _LEVEL)
    + rb"(?:\x06%b)?(?:\x07%b)?(?:\x08(?!\0)%b)?" % (_UINT16, _UINT8, _UINT32),
    re.DOTALL,
)
# Most numbers are small. What is not there is none.
_SMALL: dict[bytes | None, int | None] = {None: None} | {cbor.encode(n): n for n in range(-256, 256)}


class Kind(IntEnum):
    """What a message says."""

    PRESS = 1
    POSITION = 2
    HEARTBEAT = 3
    CANCEL = 4
    TEST = 5
    TEXT = 6
    AUDIO = 7
    NOTICE = 8


_KINDS = {kind.value: kind for kind in Kind}


class Source(IntEnum):
    """Where a position comes from."""

    UNKNOWN = 0
    SATELLITE = 1
    NETWORK = 2
    MANUAL = 3


class Trigger(IntEnum):
    """What set a message off; DURESS on a cancellation means that the PIN was entered under threat."""

    UNKNOWN = 0
    BUTTON = 1
    SCREEN = 2
    DURESS = 3


class Position(msgspec.Struct, frozen=True):
    """Position in 1e-7 degree (WGS84) with the radius that holds it, and its age when the message was made."""

    lat_e7: int
    lon_e7: int
    accuracy_m: int
    age_s: int = 0
    source: int = Source.UNKNOWN


class Battery(msgspec.Struct, frozen=True):
    """Charge in percent; None where it is not known."""

    phone_pct: int | None = None
    button_pct: int | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `press` is the counter of the press that it belongs to; `sent_at_s` is the phone's own clock."""

    kind: Kind
    counter: int
    sent_at_s: int
    position: Position | None = None
    battery: Battery | None = None
    link: int | None = None
    trigger: int | None = None
    press: int | None = None
    body: bytes | None = None


class Sealed(msgspec.Struct, frozen=True):
    """What arrived, by its outer layout alone: anybody may have made it, so its payload has not been read."""

    kid: bytes
    payload: bytes
    signature: bytes

    @property
    def to_be_signed(self) -> bytes:
        """The Sig_structure of RFC 9052, section 4.4."""
        return _to_be_signed(self.kid, self.payload)

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the signature verifies under this public key (32 bytes)."""
        return signature_is_valid(public_key, self.to_be_signed, self.signature)

    def read(self) -> Message:
        """The message inside. Raises only EnvelopeError. Read it once the signature is known to be good (rule 42)."""
        return _check_payload(self.payload)


class Envelope(Sealed, frozen=True):
    """A message with its seal, which need not be that of a known key."""

    message: Message


class EnvelopeError(Exception):
    """The bytes are not an envelope; `reason` is one of the words of contracts/vectors.json."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def encode(message: Message, key: SigningKey) -> bytes:
    """The signed envelope of `message`; the same message and key give the same bytes.

    Raises EnvelopeError when a field is out of range.
    """
    try:
        payload = cbor.encode(_to_map(message))
    except cbor.CborError as error:
        raise EnvelopeError("out-of-range", str(error)) from error
    _check_payload(payload)
    kid = kid_of(bytes(key.verify_key))
    data = seal_payload(kid, payload, key.sign(_to_be_signed(kid, payload)).signature)
    _check_size(data)
    return data


def seal_payload(kid: bytes, payload: bytes, signature: bytes) -> bytes:
    """Lay out the parts as one tagged COSE_Sign1."""
    head = cbor.encode_head(2, len(payload))
    return _PREFIX + kid + _AFTER_KID + head + payload + _SIGNATURE_HEAD + signature


def decode(data: bytes) -> Envelope:
    """Read an envelope and its message. Raises only EnvelopeError. The signature is not checked here."""
    sealed = unwrap(data)
    return Envelope(sealed.kid, sealed.payload, sealed.signature, sealed.read())


def unwrap(data: bytes) -> Sealed:
    """Read the outer layout, which costs as little for a long message as for a short one. Raises only EnvelopeError."""
    _check_size(data)
    kid_end = len(_PREFIX) + KID_BYTES
    if data[: len(_PREFIX)] != _PREFIX or data[kid_end : kid_end + 1] != _AFTER_KID:
        raise EnvelopeError("bad-header", "not a tagged COSE_Sign1 with EdDSA and an 8-byte key id")
    signature_at = len(data) - SIGNATURE_BYTES - len(_SIGNATURE_HEAD)
    payload_at = _payload_start(data, kid_end + 1, signature_at)
    if data[signature_at : signature_at + len(_SIGNATURE_HEAD)] != _SIGNATURE_HEAD:
        raise EnvelopeError("bad-signature-field", "the signature is a byte string of 64")
    signature = data[signature_at + len(_SIGNATURE_HEAD) :]
    return Sealed(data[len(_PREFIX) : kid_end], data[payload_at:signature_at], signature)


def kid_in(data: bytes) -> bytes:
    """The id of the key that an envelope names, from its beginning alone. Raises EnvelopeError "bad-header"."""
    end = len(_PREFIX) + KID_BYTES
    if len(data) < end or not data.startswith(_PREFIX):
        raise EnvelopeError("bad-header", "not the beginning of a tagged COSE_Sign1 with EdDSA")
    return data[len(_PREFIX) : end]


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise EnvelopeError("too-large", f"{len(data)} bytes, at most {MAX_BYTES}")


def _payload_start(data: bytes, at: int, end: int) -> int:
    """Where the payload begins, once its length is known to fill the space up to `end`."""
    if end <= at:
        raise EnvelopeError("truncated")
    # The initial byte says how long the head is; a payload of 24 to 255 bytes, as nearly all are, has one of two.
    start = at + _HEAD_SIZES.get(data[at], 1)
    if start <= end and data[at:start] == cbor.encode_head(2, end - start):
        return start
    raise EnvelopeError("bad-payload-length", "the payload's length does not fill the envelope")


def _to_be_signed(kid: bytes, payload: bytes) -> bytes:
    return _CONTEXT + _PREFIX[2:] + kid + b"\x40" + cbor.encode_head(2, len(payload)) + payload


def _to_map(message: Message) -> dict[int, cbor.Value]:
    fields: dict[int, cbor.Value] = {1: int(message.kind), 2: message.counter, 3: message.sent_at_s}
    if message.position is not None:
        p = message.position
        fields[4] = [p.lat_e7, p.lon_e7, p.accuracy_m, p.age_s, int(p.source)]
    if message.battery is not None:
        levels = (message.battery.phone_pct, message.battery.button_pct)
        fields[5] = [255 if level is None else level for level in levels]
    for key, value in ((6, message.link), (7, message.trigger), (8, message.press), (9, message.body)):
        if value is not None:
            fields[key] = value
    return fields


def _check_payload(payload: bytes) -> Message:
    message = read_numbers(payload) or read_any(payload)
    _check_together(message)
    if message.kind is not Kind.AUDIO and len(payload) > MOST_WORDS_BYTES:
        raise EnvelopeError("too-long", f"{len(payload)} bytes, at most {MOST_WORDS_BYTES}")
    return message


def read_numbers(payload: bytes) -> Message | None:
    """The message of a payload of numbers alone, as nearly all are, for a third of what `read_any` costs; else None."""
    found = _NUMBERS.fullmatch(payload)
    if found is None:
        return None
    numbers: list[Any] = [_SMALL[raw] if raw in _SMALL else _large(raw) for raw in found.groups()]
    kind, counter, sent_at_s, *place, phone, button, link, trigger, press = numbers
    if payload[0] != 0xA8 - (place[0], phone, link, trigger, press).count(None):
        return None
    position = battery = None
    if place[0] is not None:
        if abs(place[0]) > _MOST_LAT_E7 or abs(place[1]) > _MOST_LON_E7:
            return None
        position = Position(*place)
    if phone is not None:
        battery = Battery(None if phone == 255 else phone, None if button == 255 else button)
    return Message(
        kind=_KINDS[kind],
        counter=counter,
        sent_at_s=sent_at_s,
        position=position,
        battery=battery,
        link=link,
        trigger=trigger,
        press=press,
    )


def _large(raw: bytes) -> int:
    """A number of three bytes or five."""
    number = int.from_bytes(raw[1:], "big")
    return number if raw[0] < 0x20 else ~number


def read_any(payload: bytes) -> Message:
    """The message of any payload, but for what its fields must be together. Raises EnvelopeError."""
    try:
        fields = cbor.decode(payload)
    except cbor.CborError as error:
        raise EnvelopeError(error.reason, str(error)) from error
    if not isinstance(fields, dict):
        raise EnvelopeError("not-a-map")
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise EnvelopeError("unknown-field", str(min(unknown)))
    return Message(
        kind=_kind(fields),
        counter=_number(fields, 2, 1, _MOST_32),
        sent_at_s=_number(fields, 3, 0, _MOST_32),
        position=_position(fields.get(4)),
        battery=_battery(fields.get(5)),
        link=_optional(fields, 6, 0, _MOST_16),
        trigger=_optional(fields, 7, 0, 255),
        press=_optional(fields, 8, 1, _MOST_32),
        body=_body(fields.get(9)),
    )


def _check_together(message: Message) -> None:
    if message.kind is Kind.PRESS:
        if message.press is not None or message.body is not None:
            raise EnvelopeError("press-with-extra", "a press has neither field 8 nor field 9")
    elif message.press is not None and message.press >= message.counter:
        raise EnvelopeError("press-in-the-future", "field 8 must be lower than the counter")


def _kind(fields: dict[int, Any]) -> Kind:
    value = _number(fields, 1, 0, 255)
    try:
        return Kind(value)
    except ValueError as error:
        raise EnvelopeError("unknown-kind", str(value)) from error


def _number(fields: dict[int, Any], key: int, low: int, high: int) -> int:
    if key not in fields:
        raise EnvelopeError("missing-field", str(key))
    return _within(fields[key], low, high, str(key))


def _within(value: object, low: int, high: int, name: str) -> int:
    if type(value) is not int:
        raise EnvelopeError("wrong-type", f"field {name}")
    if not low <= value <= high:
        raise EnvelopeError("out-of-range", f"field {name} is {value}, expected {low} to {high}")
    return value


def _optional(fields: dict[int, Any], key: int, low: int, high: int) -> int | None:
    return _within(fields[key], low, high, str(key)) if key in fields else None


def _position(value: object) -> Position | None:
    if value is None:
        return None
    if type(value) is not list or len(value) != 5:
        raise EnvelopeError("wrong-type", "field 4")
    return Position(
        _within(value[0], -_MOST_LAT_E7, _MOST_LAT_E7, "4.lat"),
        _within(value[1], -_MOST_LON_E7, _MOST_LON_E7, "4.lon"),
        _within(value[2], 0, _MOST_16, "4.accuracy"),
        _within(value[3], 0, _MOST_16, "4.age"),
        _within(value[4], 0, 255, "4.source"),
    )


def _battery(value: object) -> Battery | None:
    if value is None:
        return None
    if type(value) is not list or len(value) != 2:
        raise EnvelopeError("wrong-type", "field 5")
    levels = [_within(level, 0, 255, "5") for level in value]
    if any(100 < level < 255 for level in levels):
        raise EnvelopeError("out-of-range", "field 5 is a percentage, or 255 for unknown")
    phone, button = (None if level == 255 else level for level in levels)
    return Battery(phone, button)


def _body(value: object) -> bytes | None:
    if value is None:
        return None
    if type(value) is not bytes:
        raise EnvelopeError("wrong-type", "field 9")
    return value
