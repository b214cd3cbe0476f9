"""Reads compiled Java classes (The Java Virtual Machine Specification, chapter 4) as far as the phone's tools ask: what
a class names, defines and calls, which static methods of interfaces are among that, and whether it is sealed.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.android.dex import Method

_MAGIC = b"\xca\xfe\xba\xbe"
_UTF8, _CLASS, _METHOD, _INTERFACE_METHOD = 1, 7, 10, 11
_INTEGER, _STRING = 3, 8
# What stands behind the tag of each other entry of the constant pool, in bytes (section 4.4).
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
_LONG_ENTRIES = (5, 6)
_INVOKE_STATIC, _TABLE_SWITCH, _LOOKUP_SWITCH, _WIDE, _WIDE_INC = 0xB8, 0xAA, 0xAB, 0xC4, 0x84
# Instructions with so many bytes behind them (chapter 6); of the others, none.
_OPERANDS = (
    dict.fromkeys([0x10, 0x12, *range(0x15, 0x1A), *range(0x36, 0x3B), 0xA9, 0xBC], 1)
    | dict.fromkeys([0x11, 0x13, 0x14, 0x84, *range(0x99, 0xA9), *range(0xB2, 0xB9)], 2)
    | dict.fromkeys([0xBB, 0xBD, 0xC0, 0xC1, 0xC6, 0xC7], 2)
    | {0xC5: 3}
    | dict.fromkeys([0xB9, 0xBA, 0xC8, 0xC9], 4)
)
_PUBLIC, _PROTECTED = 0x1, 0x4
# What a stub has and no Android does.
_BEYOND = "Legide/fake/Beyond;"
_IN_DESCRIPTOR = re.compile(r"L([\w/$-]+)[;<]")
_PLAIN_NAME = re.compile(r"[\w/$-]+")


class ClassFile:
    """One class; every name of a class has slashes. Methods that are marked as beyond any Android are not its own."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for what is no class file."""
        if data[: len(_MAGIC)] != _MAGIC or len(data) < 10:
            raise ValueError("not a class file")
        self._data = data
        self._pool, at = _pool(data)
        _flags, this, parent, interfaces = struct.unpack_from(">4H", data, at)
        self.name = self._text_of(this)
        self.parent = self._text_of(parent) if parent else ""
        above = struct.unpack_from(f">{interfaces}H", data, at + 8)
        self.interfaces = tuple(self._text_of(number) for number in above)
        self._codes: list[bytes] = []
        # By their names, as TypeScript writes them; javac puts them into whatever names them.
        self.constants: dict[str, str] = {}
        _fields, at = self._members(at + 8 + 2 * interfaces)
        self._methods, at = self._members(at)
        attributes, _end = self._attributes(at)
        self.is_sealed = "PermittedSubclasses" in attributes

    @property
    def methods(self) -> list[Method]:
        """All that it defines."""
        return [method for method, _ in self._methods]

    @property
    def visible(self) -> list[Method]:
        """Those of them that an app may call or override."""
        return [method for method, flags in self._methods if flags & (_PUBLIC | _PROTECTED)]

    @property
    def called(self) -> set[Method]:
        """Every method that its code names."""
        return {
            self._called(*content)
            for tag, content in self._pool.values()
            if tag in (_METHOD, _INTERFACE_METHOD)
        }

    @property
    def names(self) -> set[str]:
        """Every class that it needs."""
        found: set[str] = set()
        for number, (tag, content) in self._pool.items():
            if tag == _CLASS:
                name = self._text_of(number)
                found.update([name] if _PLAIN_NAME.fullmatch(name) else [], _IN_DESCRIPTOR.findall(name))
            elif tag == _UTF8:
                # Descriptors and signatures, and texts that look like one: a class too many is no harm.
                found.update(_IN_DESCRIPTOR.findall(content))
        return found

    @property
    def static_calls(self) -> list[str]:
        """The static methods of interfaces that it calls, as `java/util/List.of`."""
        return sorted({call for code in self._codes for call in self._static_calls(code)})

    def _text_of(self, number: int) -> str:
        """The name of the class, or of the member, at `number`."""
        return str(self._pool[self._pool[number][1][0]][1])

    def _called(self, owner: int, named: int) -> Method:
        name, types = (str(self._pool[number][1]) for number in self._pool[named][1])
        return Method(self._text_of(owner).lstrip("["), name, types)

    def _members(self, at: int) -> tuple[list[tuple[Method, int]], int]:
        """Fields or methods with their access flags, and where they end; their code goes to the rest of it."""
        (count,) = struct.unpack_from(">H", self._data, at)
        at += 2
        found = []
        for _ in range(count):
            flags, name, types = struct.unpack_from(">3H", self._data, at)
            attributes, at = self._attributes(at + 6)
            if code := attributes.get("Code"):
                (length,) = struct.unpack_from(">I", code, 4)
                self._codes.append(code[8 : 8 + length])
            if not self._is_beyond(attributes):
                if (constant := attributes.get("ConstantValue")) and flags & (_PUBLIC | _PROTECTED):
                    self._note_constant(self._pool[name][1], *struct.unpack(">H", constant))
                method = Method(self.name, self._pool[name][1], self._pool[types][1])
                found.append((method, flags))
        return found, at

    def _note_constant(self, name: str, number: int) -> None:
        tag, content = self._pool[number]
        if tag == _STRING:
            self.constants[name] = f'"{self._pool[content[0]][1]}"'
        elif tag == _INTEGER:
            self.constants[name] = str(struct.unpack(">i", struct.pack(">2H", *content))[0])

    def _is_beyond(self, attributes: Mapping[str, bytes]) -> bool:
        marks = attributes.get("RuntimeInvisibleAnnotations")
        return marks is not None and self._pool[struct.unpack_from(">H", marks, 2)[0]][1] == _BEYOND

    def _attributes(self, at: int) -> tuple[dict[str, bytes], int]:
        """The attributes that begin here, by their name, and where they end."""
        (count,) = struct.unpack_from(">H", self._data, at)
        at += 2
        found = {}
        for _ in range(count):
            name, size = struct.unpack_from(">HI", self._data, at)
            found[str(self._pool[name][1])] = self._data[at + 6 : at + 6 + size]
            at += 6 + size
        return found, at

    def _static_calls(self, code: bytes) -> Iterator[str]:
        at = 0
        while at < len(code):
            opcode = code[at]
            if opcode == _INVOKE_STATIC:
                tag, content = self._pool[struct.unpack_from(">H", code, at + 1)[0]]
                if tag == _INTERFACE_METHOD:
                    method = self._called(*content)
                    yield f"{method.owner}.{method.name}"
            at = _following(code, at, opcode)


def reached(roots: Iterable[str], classes: Mapping[str, bytes]) -> frozenset[str]:
    """The names of those of `classes` that `roots` need, and what those need in turn."""
    found: set[str] = set()
    waiting = [name for name in roots if name in classes]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (other for other in ClassFile(classes[name]).names if other in classes)
    return frozenset(found)


def _pool(data: bytes) -> tuple[dict[int, tuple[int, Any]], int]:
    """The constant pool: tag and content by number; and where it ends."""
    (count,) = struct.unpack_from(">H", data, 8)
    pool: dict[int, tuple[int, Any]] = {}
    number, at = 1, 10
    while number < count:
        tag = data[at]
        if tag == _UTF8:
            (size,) = struct.unpack_from(">H", data, at + 1)
            pool[number] = (tag, data[at + 3 : at + 3 + size].decode("utf-8", "replace"))
            at += 3 + size
        else:
            content = data[at + 1 : at + 1 + _SIZES[tag]]
            numbers = struct.unpack(f">{len(content) // 2}H", content) if len(content) in (2, 4) else ()
            pool[number] = (tag, numbers)
            at += 1 + len(content)
        number += 2 if tag in _LONG_ENTRIES else 1
    return pool, at


def _following(code: bytes, at: int, opcode: int) -> int:
    """Where the next instruction begins."""
    if opcode in (_TABLE_SWITCH, _LOOKUP_SWITCH):
        at += 4 - at % 4
        low, high = (int.from_bytes(code[at + n : at + n + 4], "big", signed=True) for n in (4, 8))
        return at + 12 + 4 * (high - low + 1) if opcode == _TABLE_SWITCH else at + 8 + 8 * low
    if opcode == _WIDE:
        return at + (6 if code[at + 1] == _WIDE_INC else 4)
    return at + 1 + _OPERANDS.get(opcode, 0)
