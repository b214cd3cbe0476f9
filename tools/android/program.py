"""What compiled Java calls and defines, whether it stands in class files or in a dex: what the lint judges."""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.android.dex import Class, Dex, Method

_METHODS = (10, 11)
_UTF8, _LONG, _DOUBLE = 1, 5, 6
# What stands behind the tag of each other entry of a constant pool (The Java Virtual Machine Specification, 4.4).
_SIZES = {
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}
_PRIVATE, _STATIC, _PUBLIC, _PROTECTED = 0x2, 0x8, 0x1, 0x4
BEYOND = "Legide/fake/Beyond;"


@dataclass
class Program:
    """Every class that is defined, by its name, and every method that is called."""

    classes: dict[str, Class] = field(default_factory=dict)
    called: set[Method] = field(default_factory=set)


def of_dex(data: bytes) -> Program:
    """Raises DexError. A method that is defined counts as called: the format does not tell them apart."""
    dex = Dex(data)
    return Program(dex.classes, set(dex.methods))


def of_classes(files: Iterable[Path]) -> Program:
    """Raises ValueError for what is no class file."""
    program = Program()
    for file in files:
        read = ClassFile(file.read_bytes())
        program.classes[read.name] = Class(
            read.name, read.parent, read.interfaces, [method for method, _ in read.methods]
        )
        program.called |= read.called
    return program


class ClassFile:
    """One class. `methods` with their access flags, without those that are marked as beyond any Android."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"\xca\xfe\xba\xbe":
            raise ValueError("not a class file")
        self._data = data
        self._texts, self._pool, at = _pool(data)
        self.flags, this, parent, interfaces = struct.unpack_from(">4H", data, at)
        self.name = self._class(this)
        self.parent = self._class(parent) if parent else ""
        at += 8
        self.interfaces = tuple(
            self._class(index) for index in struct.unpack_from(f">{interfaces}H", data, at)
        )
        at = self._members(at + 2 * interfaces, [])
        self.methods: list[tuple[Method, int]] = []
        self._members(at, self.methods)
        self.called = {self._called(*where) for tag, where in self._pool.values() if tag in _METHODS}

    def _text(self, index: int) -> str:
        return self._texts[index]

    def _class(self, index: int) -> str:
        return self._text(self._pool[index][1][0])

    def _called(self, owner: int, named: int) -> Method:
        name, types = self._pool[named][1]
        return Method(self._class(owner).lstrip("["), self._text(name), self._text(types))

    def _members(self, at: int, into: list[tuple[Method, int]]) -> int:
        """Reads fields or methods; gives where they end."""
        (count,) = struct.unpack_from(">H", self._data, at)
        at += 2
        for _ in range(count):
            flags, name, types, attributes = struct.unpack_from(">4H", self._data, at)
            at += 8
            is_beyond = False
            for _ in range(attributes):
                kind, size = struct.unpack_from(">HI", self._data, at)
                content = self._data[at + 6 : at + 6 + size]
                at += 6 + size
                if self._text(kind) == "RuntimeInvisibleAnnotations":
                    (first,) = struct.unpack_from(">H", content, 2)
                    is_beyond |= self._text(first) == BEYOND
            if not is_beyond:
                into.append((Method(self.name, self._text(name), self._text(types)), flags))
        return at

    def visible(self) -> list[Method]:
        """What an app may call or override."""
        return [method for method, flags in self.methods if flags & (_PUBLIC | _PROTECTED)]


def _pool(data: bytes) -> tuple[Mapping[int, str], Mapping[int, tuple[int, tuple[int, ...]]], int]:
    """The constant pool: its texts, tag and numbers of all else, and where it ends."""
    (count,) = struct.unpack_from(">H", data, 8)
    texts: dict[int, str] = {}
    pool: dict[int, tuple[int, tuple[int, ...]]] = {}
    number, at = 1, 10
    while number < count:
        tag = data[at]
        if tag == _UTF8:
            (size,) = struct.unpack_from(">H", data, at + 1)
            texts[number] = data[at + 3 : at + 3 + size].decode("utf-8", "replace")
            at += 3 + size
        else:
            size = _SIZES[tag]
            pool[number] = tag, struct.unpack_from(f">{size // 2}H", data, at + 1)
            at += 1 + size
        number += 2 if tag in (_LONG, _DOUBLE) else 1
    return texts, pool, at
