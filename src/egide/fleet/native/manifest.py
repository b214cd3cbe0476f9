"""Android's binary form of XML (frameworks/base, ResourceTypes.h), as far as the head of an app's manifest needs it."""

import struct
from typing import Any

import msgspec

_XML, _STRINGS, _ELEMENT = 0x0003, 0x0001, 0x0102
_UTF8 = 1 << 8
_STRING, _NUMBER, _HEXADECIMAL = 0x03, 0x10, 0x11
# A manifest has some hundred; a file that says more is none.
_MOST_STRINGS = 20_000


class ManifestError(ValueError):
    """No manifest of an app."""


class Head(msgspec.Struct, frozen=True):
    """Under which name phones know the app, and which version it is: a number that only grows, and people's word."""

    package: str
    version_code: int
    version: str


def read_head(data: bytes) -> Head:
    """What the first element says. Raises ManifestError."""
    try:
        values = _first_element(data)
        head = Head(values["package"], values["versionCode"], values["versionName"])
        return msgspec.convert(msgspec.structs.asdict(head), Head)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ManifestError("no manifest of an app") from error


def _first_element(data: bytes) -> dict[str, Any]:
    kind, head_size, size = struct.unpack_from("<HHI", data)
    if kind != _XML or size != len(data):
        raise ManifestError("no binary XML")
    strings: list[str] = []
    at = head_size
    while True:
        kind, head_size, size = struct.unpack_from("<HHI", data, at)
        if size < 8:
            raise ManifestError("a piece without a size")
        if kind == _STRINGS:
            strings = _strings(data[at : at + size], head_size)
        elif kind == _ELEMENT:
            return _attributes(data[at : at + size], head_size, strings)
        at += size


def _strings(piece: bytes, head_size: int) -> list[str]:
    count, _, flags, start = struct.unpack_from("<IIII", piece, 8)
    if count > _MOST_STRINGS:
        raise ManifestError(f"{count} strings")
    offsets = struct.unpack_from(f"<{count}I", piece, head_size)
    read = _utf8 if flags & _UTF8 else _utf16
    return [read(piece, start + offset) for offset in offsets]


def _utf8(piece: bytes, at: int) -> str:
    """Two lengths, in signs and in bytes; each of one byte, or of two when its highest bit is set."""
    at += 2 if piece[at] & 0x80 else 1
    size = piece[at]
    at += 1
    if size & 0x80:
        size = (size & 0x7F) << 8 | piece[at]
        at += 1
    return piece[at : at + size].decode()


def _utf16(piece: bytes, at: int) -> str:
    (size,) = struct.unpack_from("<H", piece, at)
    at += 2
    if size & 0x8000:
        raise ManifestError("a text without an end")
    return piece[at : at + 2 * size].decode("utf-16-le")


def _attributes(piece: bytes, head_size: int, strings: list[str]) -> dict[str, Any]:
    start, size, count = struct.unpack_from("<HHH", piece, head_size + 8)
    values: dict[str, Any] = {}
    for number in range(count):
        at = head_size + start + number * size
        _, name, raw, _, _, kind, value = struct.unpack_from("<IIIHBBI", piece, at)
        if kind == _STRING:
            values[strings[name]] = strings[raw if raw != 0xFFFFFFFF else value]
        elif kind in (_NUMBER, _HEXADECIMAL):
            values[strings[name]] = value
    return values
