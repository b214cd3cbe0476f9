"""Malformed envelopes for contracts/vectors.json, laid out byte by byte; each has one fault, signed where it can be."""

from collections.abc import Iterator
from dataclasses import dataclass

from egide.protocol.keys import SigningKey, kid_of

REASONS = {
    "too-large": "more than 262144 bytes",
    "bad-header": "does not begin as a tagged COSE_Sign1 with the protected header {1: -8, 4: 8 bytes} and an empty"
    " unprotected one",
    "truncated": "ends before a value that was announced",
    "bad-payload-length": "the payload's length, in its shortest form, does not reach exactly to the signature",
    "bad-signature-field": "the last field is not a byte string of 64",
    "trailing-bytes": "something follows the map inside the payload",
    "not-a-map": "the payload is one value, but no map",
    "not-deterministic": "a number not in its shortest form, or keys out of order or repeated (RFC 8949, section 4.2)",
    "indefinite-length": "a string, array or map of indefinite length",
    "unsupported-type": "null, undefined, a float, a tag, another simple value or a reserved initial byte",
    "bad-key": "a key that is not an integer",
    "bad-text": "text that is not UTF-8",
    "too-deep": "arrays or maps nested more than four deep",
    "too-many-items": "more than 64 items, whatever they are",
    "too-long": "a payload of more than 4096 bytes that is no sound",
    "unknown-field": "a key outside 1 to 9",
    "missing-field": "key 1, 2 or 3 is absent",
    "unknown-kind": "field 1 is none of the kinds 1 to 8",
    "wrong-type": "a field holds another type, or an array has another length",
    "out-of-range": "a number outside its limits",
    "press-with-extra": "a press with field 8 or 9",
    "press-in-the-future": "field 8 is not lower than the counter",
}

Parts = tuple[tuple[bytes, int], ...]

_KINDS, _COUNTER, _TIME = b"\x01\x01", b"\x02\x18\x2a", b"\x03\x1a\x6b\x49\xd2\x00"
_PRESS = _KINDS + _COUNTER + _TIME
_TEXT = b"\x01\x06" + _COUNTER + _TIME


@dataclass(frozen=True)
class Fault:
    """One malformed envelope: `parts` are pieces of bytes, each to be repeated so many times."""

    name: str
    reason: str
    parts: Parts


def faults(key: SigningKey, max_bytes: int) -> list[Fault]:
    """All malformed envelopes, signed by `key`."""
    maker = _Maker(key)
    layouts = [
        Fault(name, reason, ((data, 1),))
        for group in (_cut_short, _wrong_header, _wrong_frame)
        for name, reason, data in group(maker)
    ]
    payloads = [Fault(name, reason, ((maker.envelope(payload), 1),)) for name, reason, payload in _payloads()]
    return [*layouts, *payloads, _oversize(max_bytes)]


class _Maker:
    """Lays out envelopes; every part can be replaced by something wrong."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self.kid = kid_of(bytes(key.verify_key))
        self.header = b"\xa2\x01\x27\x04\x48" + self.kid

    def envelope(
        self,
        payload: bytes = b"\xa3" + _PRESS,
        *,
        tag: bytes = b"\xd2",
        array: bytes = b"\x84",
        header: bytes | None = None,
        unprotected: bytes = b"\xa0",
        signature: bytes | None = None,
        payload_head: bytes | None = None,
    ) -> bytes:
        protected = _string(self.header if header is None else header)
        signed = b"\x84\x6aSignature1" + protected + b"\x40" + _string(payload)
        name = _string(self._key.sign(signed).signature) if signature is None else signature
        body = _string(payload) if payload_head is None else payload_head + payload
        return tag + array + protected + unprotected + body + name


def _string(data: bytes) -> bytes:
    if len(data) < 24:
        return bytes((0x40 + len(data),)) + data
    if len(data) < 256:
        return bytes((0x58, len(data))) + data
    return b"\x59" + len(data).to_bytes(2, "big") + data


def _cut_short(m: _Maker) -> Iterator[tuple[str, str, bytes]]:
    """Something is missing at the end."""
    good = m.envelope()
    yield "no bytes at all", "bad-header", b""
    yield "tag alone", "bad-header", good[:1]
    yield "not CBOR but text", "bad-header", b'{"kind": 1, "counter": 42}'
    yield "cut inside the key id", "bad-header", good[:10]
    yield "cut behind the header", "truncated", good[:17]
    yield "cut inside the payload", "truncated", good[:25]
    yield "cut inside the signature", "bad-payload-length", good[:-1]
    yield "signature missing", "truncated", good[:-66]


def _wrong_header(m: _Maker) -> Iterator[tuple[str, str, bytes]]:
    """Tag, array and headers."""
    yield "untagged", "bad-header", m.envelope(tag=b"")
    yield "tag 17 (COSE_Mac0)", "bad-header", m.envelope(tag=b"\xd1")
    yield "tag 18 in long form", "bad-header", m.envelope(tag=b"\xd8\x12")
    yield "tag 98 (COSE_Sign)", "bad-header", m.envelope(tag=b"\xd8\x62")
    yield "tagged twice", "bad-header", m.envelope(tag=b"\xd2\xd2")
    yield "array of five", "bad-header", m.envelope(array=b"\x85")
    yield "array of indefinite length", "bad-header", m.envelope(array=b"\x9f") + b"\xff"
    yield (
        "algorithm ES256",
        "bad-header",
        m.envelope(header=b"\xa2\x01\x26\x04\x48" + m.kid),
    )
    yield "no algorithm", "bad-header", m.envelope(header=b"\xa1\x04\x48" + m.kid)
    yield "no key id", "bad-header", m.envelope(header=b"\xa1\x01\x27")
    yield "key id of 7 bytes", "bad-header", m.envelope(header=b"\xa2\x01\x27\x04\x47" + m.kid[:7])
    yield "key id of 9 bytes", "bad-header", m.envelope(header=b"\xa2\x01\x27\x04\x49" + m.kid + b"\0")
    yield "key id as text", "bad-header", m.envelope(header=b"\xa2\x01\x27\x04\x68kidkidki")
    yield (
        "header keys in reverse order",
        "bad-header",
        m.envelope(header=b"\xa2\x04\x48" + m.kid + b"\x01\x27"),
    )
    yield "third protected field", "bad-header", m.envelope(header=b"\xa3" + m.header[1:] + b"\x05\x40")
    yield "protected header empty", "bad-header", m.envelope(header=b"")
    yield "key id in the unprotected header", "bad-header", m.envelope(unprotected=b"\xa1\x04\x48" + m.kid)
    yield "unprotected header not a map", "bad-header", m.envelope(unprotected=b"\x80")


def _wrong_frame(m: _Maker) -> Iterator[tuple[str, str, bytes]]:
    """How payload and signature are laid out."""
    good, payload = m.envelope(), b"\xa3" + _PRESS
    yield "payload detached (null)", "bad-payload-length", m.envelope(b"", payload_head=b"\xf6")
    yield "payload not a byte string", "bad-payload-length", m.envelope(payload, payload_head=b"")
    yield "payload's length in long form", "bad-payload-length", m.envelope(payload, payload_head=b"\x58\x0c")
    yield (
        "payload one longer than its length",
        "bad-payload-length",
        m.envelope(payload, payload_head=b"\x4b"),
    )
    yield (
        "payload of indefinite length",
        "bad-payload-length",
        m.envelope(b"\x4c" + payload + b"\xff", payload_head=b"\x5f"),
    )
    yield "bytes behind the envelope", "bad-payload-length", good + b"\0"
    yield "two envelopes in one", "bad-payload-length", good + good
    yield "signature of 63 bytes", "bad-payload-length", m.envelope(signature=b"\x58\x3f" + bytes(63))
    yield "signature of 65 bytes", "bad-payload-length", m.envelope(signature=b"\x58\x41" + bytes(65))
    yield "signature empty", "truncated", m.envelope(signature=b"\x40")
    yield "signature as text", "bad-signature-field", m.envelope(signature=b"\x78\x40" + b"a" * 64)
    yield (
        "signature's length in long form",
        "bad-payload-length",
        m.envelope(signature=b"\x59\x00\x40" + bytes(64)),
    )
    yield "payload empty", "truncated", m.envelope(b"")


def _payloads() -> Iterator[tuple[str, str, bytes]]:
    yield from _structure_faults()
    yield from _field_faults()
    yield from _range_faults()


def _structure_faults() -> Iterator[tuple[str, str, bytes]]:
    """Payloads that are not in the accepted part of CBOR."""
    yield "map announces one pair too many", "truncated", b"\xa4" + _PRESS
    yield "map announces four thousand million pairs", "truncated", b"\xba\xff\xff\xff\xff" + _PRESS
    yield "number cut off", "truncated", b"\xa3" + _KINDS + _COUNTER + b"\x03\x1a\x6b"
    yield "body longer than what is left", "truncated", b"\xa4" + _TEXT + b"\x09\x5a\x7f\xff\xff\xff"
    yield "array longer than what is left", "truncated", b"\xa4" + _PRESS + b"\x04\x9a\xff\xff\xff\xff"
    yield "bytes behind the map", "trailing-bytes", b"\xa3" + _PRESS + b"\x00"
    yield "map announces one pair too few", "trailing-bytes", b"\xa2" + _PRESS
    yield "payload is an array", "not-a-map", b"\x83\x01\x18\x2a\x00"
    yield "payload is a number", "not-a-map", b"\x01"
    yield "keys out of order", "not-deterministic", b"\xa3" + _COUNTER + _KINDS + _TIME
    yield "a key twice", "not-deterministic", b"\xa4" + _KINDS + _KINDS + _COUNTER + _TIME
    yield (
        "a key twice with other values",
        "not-deterministic",
        b"\xa4" + _KINDS + _COUNTER + b"\x02\x01" + _TIME,
    )
    yield "kind in two bytes", "not-deterministic", b"\xa3\x01\x18\x01" + _COUNTER + _TIME
    yield "counter in three bytes", "not-deterministic", b"\xa3" + _KINDS + b"\x02\x19\x00\x2a" + _TIME
    yield (
        "time in nine bytes",
        "not-deterministic",
        (b"\xa3" + _KINDS + _COUNTER + b"\x03\x1b\x00\x00\x00\x00\x6b\x49\xd2\x00"),
    )
    yield "key in long form", "not-deterministic", b"\xa3\x18\x01\x01" + _COUNTER + _TIME
    yield "map's length in long form", "not-deterministic", b"\xb8\x03" + _PRESS
    yield "map of indefinite length", "indefinite-length", b"\xbf" + _PRESS + b"\xff"
    yield (
        "position of indefinite length",
        "indefinite-length",
        (b"\xa4" + _PRESS + b"\x04\x9f" + bytes.fromhex("0102030401") + b"\xff"),
    )
    yield "body in pieces", "indefinite-length", b"\xa4" + _TEXT + b"\x09\x5f\x41a\x41b\xff"
    yield "counter as a float", "unsupported-type", b"\xa3" + _KINDS + b"\x02\xf9\x51\x40" + _TIME
    yield (
        "time as a double",
        "unsupported-type",
        (b"\xa3" + _KINDS + _COUNTER + b"\x03\xfb\x41\xda\xd2\x74\x80\x00\x00\x00"),
    )
    yield "position null", "unsupported-type", b"\xa4" + _PRESS + b"\x04\xf6"
    yield "body undefined", "unsupported-type", b"\xa4" + _TEXT + b"\x09\xf7"
    yield "time with tag 1", "unsupported-type", b"\xa3" + _KINDS + _COUNTER + b"\x03\xc1\x1a\x6b\x49\xd2\x00"
    yield "counter as a bignum", "unsupported-type", b"\xa3" + _KINDS + b"\x02\xc2\x41\x2a" + _TIME
    yield "simple value 16", "unsupported-type", b"\xa4" + _PRESS + b"\x06\xf0"
    yield "reserved initial byte", "unsupported-type", b"\xa3" + _KINDS + b"\x02\x1c" + _TIME
    yield "text as a key", "bad-key", b"\xa4" + _PRESS + b"\x64kind\x01"
    yield "bytes as a key", "bad-key", b"\xa4" + _PRESS + b"\x41k\x01"
    yield "true as a key", "bad-key", b"\xa4" + _PRESS + b"\xf5\x01"
    yield "text that is not UTF-8", "bad-text", b"\xa4" + _TEXT + b"\x09\x62\xff\xfe"
    yield "nested five deep", "too-deep", b"\xa4" + _PRESS + b"\x04\x81\x81\x81\x81\x00"
    yield "a position of 64 numbers", "too-many-items", b"\xa4" + _PRESS + b"\x04\x98\x40" + bytes(64)
    yield (
        "maps of many small maps",
        "too-many-items",
        b"\xa4" + _PRESS + b"\x04\x98\x60" + b"\xa1\x00\x00" * 96,
    )


def _field_faults() -> Iterator[tuple[str, str, bytes]]:
    """Good CBOR that is no message."""
    yield "empty map", "missing-field", b"\xa0"
    yield "no kind", "missing-field", b"\xa2" + _COUNTER + _TIME
    yield "no counter", "missing-field", b"\xa2" + _KINDS + _TIME
    yield "no time", "missing-field", b"\xa2" + _KINDS + _COUNTER
    yield "field 10", "unknown-field", b"\xa4" + _PRESS + b"\x0a\x00"
    yield "field 0", "unknown-field", b"\xa4\x00\x00" + _PRESS
    yield "field -1", "unknown-field", b"\xa4" + _PRESS + b"\x20\x00"
    yield "kind 0", "unknown-kind", b"\xa3\x01\x00" + _COUNTER + _TIME
    yield "kind 9", "unknown-kind", b"\xa3\x01\x09" + _COUNTER + _TIME
    yield "kind as text", "wrong-type", b"\xa3\x01\x65press" + _COUNTER + _TIME
    yield "counter as bytes", "wrong-type", b"\xa3" + _KINDS + b"\x02\x41\x2a" + _TIME
    yield "counter true", "wrong-type", b"\xa3" + _KINDS + b"\x02\xf5" + _TIME
    yield "time as text", "wrong-type", b"\xa3" + _KINDS + _COUNTER + b"\x03\x6a1800000000"
    yield "position as a map", "wrong-type", b"\xa4" + _PRESS + b"\x04\xa2\x01\x02\x03\x04"
    yield "position of four numbers", "wrong-type", b"\xa4" + _PRESS + b"\x04\x84\x01\x02\x03\x04"
    yield "position of six numbers", "wrong-type", b"\xa4" + _PRESS + b"\x04\x86\x01\x02\x03\x04\x01\x00"
    yield "latitude as text", "wrong-type", b"\xa4" + _PRESS + b"\x04\x85\x6250\x02\x03\x04\x01"
    yield "battery of one level", "wrong-type", b"\xa4" + _PRESS + b"\x05\x81\x18\x32"
    yield "battery as a number", "wrong-type", b"\xa4" + _PRESS + b"\x05\x18\x32"
    yield "battery level false", "wrong-type", b"\xa4" + _PRESS + b"\x05\x82\xf4\x00"
    yield "link as an array", "wrong-type", b"\xa4" + _PRESS + b"\x06\x80"
    yield "trigger as bytes", "wrong-type", b"\xa4" + _PRESS + b"\x07\x41\x01"
    yield "press named by text", "wrong-type", b"\xa4" + _TEXT + b"\x08\x611"
    yield "body as text", "wrong-type", b"\xa4" + _TEXT + b"\x09\x65hello"
    yield "press with field 8", "press-with-extra", b"\xa4" + _PRESS + b"\x08\x01"
    yield "press with a body", "press-with-extra", b"\xa4" + _PRESS + b"\x09\x41a"
    yield "a text of 4096 bytes", "too-long", b"\xa4" + _TEXT + b"\x09\x59\x10\x00" + bytes(4096)
    yield "field 8 equals the counter", "press-in-the-future", b"\xa4" + _TEXT + b"\x08\x18\x2a"
    yield "field 8 above the counter", "press-in-the-future", b"\xa4" + _TEXT + b"\x08\x18\x2b"


def _range_faults() -> Iterator[tuple[str, str, bytes]]:
    """Numbers outside their limits."""
    yield "counter 0", "out-of-range", b"\xa3" + _KINDS + b"\x02\x00" + _TIME
    yield "counter above 32 bits", "out-of-range", b"\xa3" + _KINDS + b"\x02\x1b\0\0\0\x01\0\0\0\0" + _TIME
    yield "counter negative", "out-of-range", b"\xa3" + _KINDS + b"\x02\x20" + _TIME
    yield "time negative", "out-of-range", b"\xa3" + _KINDS + _COUNTER + b"\x03\x20"
    yield "time above 32 bits", "out-of-range", b"\xa3" + _KINDS + _COUNTER + b"\x03\x1b\0\0\0\x01\0\0\0\0"
    yield "kind 256", "out-of-range", b"\xa3\x01\x19\x01\x00" + _COUNTER + _TIME
    for name, hexadecimal in (
        ("latitude beyond the north pole", "851a35a4e90102030401"),
        ("latitude beyond the south pole", "853a35a4e90002030401"),
        ("longitude beyond the date line, east", "85011a6b49d20103040" + "1"),
        ("longitude beyond the date line, west", "85013a6b49d20003040" + "1"),
        ("accuracy above 16 bits", "8501021a000100000401"),
        ("accuracy negative", "85010220" + "0401"),
        ("age above 16 bits", "850102031a0001000001"),
        ("source above 255", "8501020304190100"),
    ):
        yield name, "out-of-range", b"\xa4" + _PRESS + b"\x04" + bytes.fromhex(hexadecimal)
    yield "battery 101", "out-of-range", b"\xa4" + _PRESS + b"\x05\x82\x18\x65\x00"
    yield "battery 254", "out-of-range", b"\xa4" + _PRESS + b"\x05\x82\x00\x18\xfe"
    yield "battery 256", "out-of-range", b"\xa4" + _PRESS + b"\x05\x82\x00\x19\x01\x00"
    yield "link above 16 bits", "out-of-range", b"\xa4" + _PRESS + b"\x06\x1a\x00\x01\x00\x00"
    yield "trigger 256", "out-of-range", b"\xa4" + _PRESS + b"\x07\x19\x01\x00"
    yield "field 8 is 0", "out-of-range", b"\xa4" + _TEXT + b"\x08\x00"


def _oversize(max_bytes: int) -> Fault:
    """One byte more than is ever read; the length alone refuses it."""
    return Fault("one byte too large", "too-large", ((b"\xd2\x84", 1), (b"\x00", max_bytes - 1)))
