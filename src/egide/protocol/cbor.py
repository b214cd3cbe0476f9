"""A strict reader and writer for the part of CBOR that the envelope uses (RFC 8949, section 4.2: deterministic).

Integers, byte strings, text, arrays, maps with integer keys, true and false; nothing else: no tags, floats,
indefinite lengths or null. Each value has exactly one encoding, so equal messages are equal bytes.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "int | bytes | str | bool | Sequence[Value] | Mapping[int, Value]"

MAX_DEPTH = 4
# A message has 25 items at most. Each costs us far more than its byte costs the sender.
MAX_ITEMS = 64
# Arguments below this stand in the initial byte itself.
_ONE_BYTE = 24
_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


class CborError(Exception):
    """The bytes are not in the accepted part of CBOR; `reason` is a short stable word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def encode_head(major: int, value: int) -> bytes:
    """Initial byte and argument in the shortest form."""
    if value < _ONE_BYTE:
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
    """The value of the whole of `data`, of MAX_ITEMS items at most. Raises only CborError."""
    reader = _Reader(data)
    value = reader.read(0)
    if reader.at != len(data):
        raise CborError("trailing-bytes", f"{len(data) - reader.at} after the value")
    return value


class _Reader:
    """Reads one item after the other; `at` is the byte that comes next."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._items = 0
        self.at = 0

    def read(self, depth: int) -> Value:
        """The value that begins here."""
        self._items += 1
        if self._items > MAX_ITEMS:
            raise CborError("too-many-items", f"more than {MAX_ITEMS}")
        if self.at >= len(self._data):
            raise CborError("truncated")
        first = self._data[self.at]
        if first < _ONE_BYTE:
            # Nearly every item of a message is a small number.
            self.at += 1
            return first
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            if info not in (20, 21):
                raise CborError("unsupported-type", f"initial byte 0x{first:02x}")
            self.at += 1
            return info == 21
        if major == _TAG:
            raise CborError("unsupported-type", "tag")
        if info < _ONE_BYTE:
            number, self.at = info, self.at + 1
        else:
            number, self.at = _argument(self._data, self.at, info)
        if major == _UINT:
            return number
        if major == _NEGATIVE:
            return -1 - number
        if major in (_BYTES, _TEXT):
            return self._string(number, major)
        if depth >= MAX_DEPTH:
            raise CborError("too-deep")
        return self._array(number, depth + 1) if major == _ARRAY else self._map(number, depth + 1)

    def _string(self, size: int, major: int) -> Value:
        end = self.at + size
        if end > len(self._data):
            raise CborError("truncated")
        raw, self.at = self._data[self.at : end], end
        if major == _BYTES:
            return raw
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise CborError("bad-text", "not UTF-8") from error

    def _array(self, size: int, depth: int) -> Value:
        if size > len(self._data) - self.at:
            raise CborError("truncated")
        return [self.read(depth) for _ in range(size)]

    def _map(self, size: int, depth: int) -> Value:
        if size * 2 > len(self._data) - self.at:
            raise CborError("truncated")
        result: dict[int, Value] = {}
        last = b""
        for _ in range(size):
            start = self.at
            key = self.read(depth)
            if not isinstance(key, int) or isinstance(key, bool):
                raise CborError("bad-key", "keys are integers")
            encoded = self._data[start : self.at]
            if result and encoded <= last:
                raise CborError("not-deterministic", "keys out of order or repeated")
            last = encoded
            result[key] = self.read(depth)
        return result


def _argument(data: bytes, at: int, info: int) -> tuple[int, int]:
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
