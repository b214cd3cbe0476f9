"""Lines with their properties in a vector tile (Mapbox Vector Tile Specification, version 2.1); nothing else of it.

Written here because the library that reads all of a tile brings numpy, shapely and protobuf into the process of the
pages; it is what the tests hold this against.
"""

from collections.abc import Container, Iterator
from typing import Any, Final, NamedTuple

LINE: Final = 2
_MOVE: Final = 1
_LINE_TO: Final = 2
# Wire types of protobuf.
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_DEFAULT_EXTENT: Final = 4096

Points = tuple[tuple[float, float], ...]


class Line(NamedTuple):
    """A line: its properties, and its parts, each of points within the tile: 0 to 1 from west to east and north to
    south, a little more where it goes on over an edge."""

    properties: dict[str, Any]
    parts: tuple[Points, ...]


def lines_of(tile: bytes, layers: Container[str], named: str) -> Iterator[Line]:
    """The lines of these layers that have the property `named`. Raises ValueError for what is no such tile."""
    try:
        for number, layer in _fields(memoryview(tile)):
            if number == 3 and isinstance(layer, memoryview):
                yield from _lines_of_layer(layer, layers, named)
    except (IndexError, UnicodeDecodeError, TypeError) as error:
        raise ValueError("no vector tile") from error


def _lines_of_layer(layer: memoryview, layers: Container[str], named: str) -> Iterator[Line]:
    name, keys, values, features, extent = "", [], [], [], _DEFAULT_EXTENT
    for number, value in _fields(layer):
        if number == 1:
            name = bytes(value).decode()
            if name not in layers:
                return
        elif number == 2:
            features.append(value)
        elif number == 3:
            keys.append(bytes(value).decode())
        elif number == 4:
            values.append(_value(value))
        elif number == 5:
            extent = value
    for feature in features:
        read = dict(_fields(feature))
        if read.get(3) != LINE:
            continue
        tags = list(_varints(read.get(2, memoryview(b""))))
        properties = {keys[tags[i]]: values[tags[i + 1]] for i in range(0, len(tags), 2)}
        if properties.get(named):
            yield Line(properties, tuple(_parts(read[4], extent)))


def _parts(geometry: memoryview, extent: int) -> Iterator[Points]:
    """The polylines that commands and their steps draw (section 4.3)."""
    x = y = 0
    part: list[tuple[float, float]] = []
    numbers = _varints(geometry)
    for command in numbers:
        kind, count = command & 7, command >> 3
        if kind not in (_MOVE, _LINE_TO):
            raise ValueError("no line")
        for _time in range(count):
            x, y = x + _signed(next(numbers)), y + _signed(next(numbers))
            if kind == _MOVE:
                if len(part) > 1:
                    yield tuple(part)
                part = []
            part.append((x / extent, y / extent))
    if len(part) > 1:
        yield tuple(part)


def _value(data: memoryview) -> Any:
    """A text, a truth or a whole number; of others only that there is one."""
    for number, value in _fields(data):
        if number == 1:
            return bytes(value).decode()
        if number == 7:
            return bool(value)
        if number == 6:
            return _signed(value)
        # A negative one of the ordinary kind is written as 64 bits.
        return value - (1 << 64) if number == 4 and value >> 63 else value
    return None


def _signed(number: int) -> int:
    """Zigzag."""
    return (number >> 1) ^ -(number & 1)


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """The fields of a message of protobuf: number, and a whole number or the bytes of it."""
    at, size = 0, len(data)
    while at < size:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in (_FIXED_64, _FIXED_32):
            length = 8 if kind == _FIXED_64 else 4
        else:
            raise ValueError("no message")
        if at + length > size:
            raise ValueError("cut off")
        yield key >> 3, data[at : at + length]
        at += length


def _varints(data: memoryview) -> Iterator[int]:
    at, size = 0, len(data)
    while at < size:
        value, at = _varint(data, at)
        yield value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where the next thing begins. Raises IndexError, ValueError."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("no number")
