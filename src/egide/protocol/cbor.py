"""A strict reader and writer for the part of CBOR that the envelope uses (RFC 8949, section 4.2: deterministic).

Integers, byte strings, text, arrays, maps with integer keys, true and false; nothing else: no tags, floats,
indefinite lengths or null. Each value has exactly one encoding, so equal messages are equal bytes.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "int | bytes | str | bool | Sequence[Value] | Mapping[int, Value]"

MAX_DEPTH = 4
_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


class CborError(Exception):
    """The bytes are not in the accepted part of CBOR; `reason` is a short stable word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def encode_head(major: int, value: int) -> bytes:
    """Initial byte and argument in the shortest form."""
    if value < 24:
        return bytes((major << 5 | value,))
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes((major << 5 | code,)) + value.to_bytes(size, "big")
    raise CborError("number-too-large", str(value))


def encode(value: Value) -> bytes:
    """The only encoding of `value`. Raises CborError for a type or number that has none."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return encode_head(_UINT, value) if value >= 0 else encode_head(_NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return encode_head(_BYTES, len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return encode_head(_TEXT, len(raw)) + raw
    if isinstance(value, Mapping):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return encode_head(_MAP, len(pairs)) + b"".join(key + item for key, item in pairs)
    if isinstance(value, Sequence):
        return encode_head(_ARRAY, len(value)) + b"".join(map(encode, value))
    raise CborError("unsupported-type", type(value).__name__)


def decode(data: bytes) -> Value:
    """The value of the whole of `data`. Raises only CborError."""
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise CborError("trailing-bytes", f"{len(data) - end} after the value")
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """The value that begins at byte `at`, and where it ends."""
    if at >= len(data):
        raise CborError("truncated")
    major, info = data[at] >> 5, data[at] & 31
    if major == _SIMPLE:
        if info not in (20, 21):
            raise CborError("unsupported-type", f"initial byte 0x{data[at]:02x}")
        return info == 21, at + 1
    if major == _TAG:
        raise CborError("unsupported-type", "tag")
    number, at = _argument(data, at, info)
    if major == _UINT:
        return number, at
    if major == _NEGATIVE:
        return -1 - number, at
    if major in (_BYTES, _TEXT):
        return _string(data, at, number, major)
    if depth >= MAX_DEPTH:
        raise CborError("too-deep")
    return _array(data, at, number, depth + 1) if major == _ARRAY else _map(data, at, number, depth + 1)


def _argument(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at + 1
    if info > 27:
        raise CborError(
            "indefinite-length" if info == 31 else "unsupported-type", f"initial byte 0x{data[at]:02x}"
        )
    size = 1 << info - 24
    end = at + 1 + size
    if end > len(data):
        raise CborError("truncated")
    number = int.from_bytes(data[at + 1 : end], "big")
    if number < (24 if size == 1 else 1 << 4 * size):
        raise CborError("not-deterministic", "number not in its shortest form")
    return number, end


def _string(data: bytes, at: int, size: int, major: int) -> tuple[Value, int]:
    end = at + size
    if end > len(data):
        raise CborError("truncated")
    raw = data[at:end]
    if major == _BYTES:
        return raw, end
    try:
        return raw.decode(), end
    except UnicodeDecodeError as error:
        raise CborError("bad-text", "not UTF-8") from error


def _array(data: bytes, at: int, size: int, depth: int) -> tuple[Value, int]:
    if size > len(data) - at:
        raise CborError("truncated")
    items: list[Value] = []
    for _ in range(size):
        item, at = _read(data, at, depth)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, size: int, depth: int) -> tuple[Value, int]:
    if size * 2 > len(data) - at:
        raise CborError("truncated")
    result: dict[int, Value] = {}
    last = b""
    for _ in range(size):
        start = at
        key, at = _read(data, at, depth)
        if not isinstance(key, int) or isinstance(key, bool):
            raise CborError("bad-key", "keys are integers")
        if start and data[start:at] <= last:
            raise CborError("not-deterministic", "keys out of order or repeated")
        last = data[start:at]
        result[key], at = _read(data, at, depth)
    return result, at
