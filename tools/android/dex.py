"""Reads what a dex file calls and defines (Dalvik executable format, 035 to 041): all that the lint asks of it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

MAGIC = b"dex\n"
NO_INDEX = 0xFFFFFFFF


class DexError(ValueError):
    """Not a dex file, or one that is cut off; the message says where."""


@dataclass(frozen=True)
class Method:
    """`owner` as in `android/app/Service`, `name`, and its types as in `(ILandroid/app/Notification;)V`."""

    owner: str
    name: str
    types: str


@dataclass
class Class:
    """A class of the file, what it extends and implements, and the methods that it defines."""

    name: str
    parent: str
    interfaces: tuple[str, ...]
    methods: list[Method] = field(default_factory=list)


class Dex:
    """`methods` are all that are named anywhere in the code, called or defined."""

    def __init__(self, data: bytes) -> None:
        """Raises DexError."""
        self._data = data
        if not data.startswith(MAGIC) or len(data) < 0x70:
            raise DexError("no dex file")
        try:
            self._read()
        except (struct.error, IndexError) as error:
            raise DexError(f"cut off: {error}") from error

    def _read(self) -> None:
        # Sizes and offsets in turn: strings, types, protos, fields, methods, classes.
        header = struct.unpack_from("<12I", self._data, 0x38)
        strings, types, protos, _fields, methods, classes = zip(header[::2], header[1::2], strict=True)
        offsets = self._table(strings, "<I")
        self._strings = [self._string(offset) for (offset,) in offsets]
        self._types = [self._strings[index] for (index,) in self._table(types, "<I")]
        self._protos = [self._proto(*row) for row in self._table(protos, "<III")]
        self.methods = [
            Method(_plain(self._types[owner]), self._strings[name], self._protos[proto])
            for owner, proto, name in self._table(methods, "<HHI")
        ]
        self.classes = {
            found.name: found for found in (self._class(row) for row in self._table(classes, "<8I"))
        }

    def _table(self, place: tuple[int, int], row: str) -> list[tuple[int, ...]]:
        size, offset = place
        return [struct.unpack_from(row, self._data, offset + struct.calcsize(row) * n) for n in range(size)]

    def _uleb(self, at: int) -> tuple[int, int]:
        """A number of seven bits a byte, and where it ends."""
        value = shift = 0
        while True:
            byte = self._data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
            shift += 7

    def _string(self, offset: int) -> str:
        """Names are plain; what is not is only shown."""
        _length, start = self._uleb(offset)
        return self._data[start : self._data.index(0, start)].decode("utf-8", "replace")

    def _type_list(self, offset: int) -> list[str]:
        if offset == 0:
            return []
        (size,) = struct.unpack_from("<I", self._data, offset)
        return [self._types[index] for index in struct.unpack_from(f"<{size}H", self._data, offset + 4)]

    def _proto(self, _shorty: int, returned: int, parameters: int) -> str:
        return f"({''.join(self._type_list(parameters))}){self._types[returned]}"

    def _class(self, row: tuple[int, ...]) -> Class:
        name, _flags, parent, interfaces, _source, _annotations, content, _values = row
        found = Class(
            _plain(self._types[name]),
            "" if parent == NO_INDEX else _plain(self._types[parent]),
            tuple(_plain(each) for each in self._type_list(interfaces)),
        )
        found.methods += (self.methods[index] for index in self._defined(content))
        return found

    def _defined(self, at: int) -> Iterator[int]:
        """The methods of a class's content, direct and virtual; each list counts from its own first index."""
        if at == 0:
            return
        sizes = []
        for _ in range(4):
            size, at = self._uleb(at)
            sizes.append(size)
        for _ in range(sizes[0] + sizes[1]):
            for _ in range(2):
                _value, at = self._uleb(at)
        for size in sizes[2:]:
            index = 0
            for _ in range(size):
                step, at = self._uleb(at)
                index += step
                for _ in range(2):
                    _value, at = self._uleb(at)
                yield index


def _plain(descriptor: str) -> str:
    """`android/app/Service` of `Landroid/app/Service;`; of an array, its elements' type."""
    return descriptor.lstrip("[").removeprefix("L").removesuffix(";")
