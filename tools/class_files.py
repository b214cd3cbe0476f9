"""Reads compiled Java classes (The Java Virtual Machine Specification, chapter 4) as far as the phone's tools ask: what
a class names, which static methods of interfaces it calls, and whether it is sealed.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

_MAGIC = 0xCAFEBABE
_UTF8, _CLASS, _INTERFACE_METHOD, _NAME_AND_TYPE = 1, 7, 11, 12
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
_IN_DESCRIPTOR = re.compile(r"L([\w/$-]+)[;<]")
_PLAIN_NAME = re.compile(r"[\w/$-]+")


class ClassFile(msgspec.Struct, frozen=True):
    """`names`: every class that it needs, with slashes. `static_calls`: of static methods of interfaces."""

    name: str
    names: frozenset[str]
    static_calls: tuple[str, ...]
    is_sealed: bool


def read_class(data: bytes) -> ClassFile:
    """What `data` says. Raises ValueError for what is no class."""
    if len(data) < 10 or struct.unpack_from(">I", data)[0] != _MAGIC:
        raise ValueError("not a class file")
    pool, at = _pool(data)
    this = struct.unpack_from(">H", data, at + 2)[0]
    interfaces = struct.unpack_from(">H", data, at + 6)[0]
    at += 8 + 2 * interfaces
    calls: list[str] = []
    attributes: list[str] = []
    for _ in range(2):
        (members,) = struct.unpack_from(">H", data, at)
        at += 2
        for _member in range(members):
            at = _attributes(data, at + 6, pool, calls, [])
    _attributes(data, at, pool, calls, attributes)
    return ClassFile(
        _text_of(pool, this),
        frozenset(_names(pool)),
        tuple(sorted(set(calls))),
        "PermittedSubclasses" in attributes,
    )


def reached(roots: Iterable[str], classes: Mapping[str, bytes]) -> frozenset[str]:
    """The names of those of `classes` that `roots` need, and what those need in turn."""
    found: set[str] = set()
    waiting = [name for name in roots if name in classes]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (other for other in read_class(classes[name]).names if other in classes)
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


def _text_of(pool: Mapping[int, tuple[int, Any]], number: int) -> str:
    """The name of the class, or of the member, at `number`."""
    return str(pool[pool[number][1][0]][1])


def _names(pool: Mapping[int, tuple[int, Any]]) -> Iterator[str]:
    for number, (tag, content) in pool.items():
        if tag == _CLASS:
            name = _text_of(pool, number)
            if _PLAIN_NAME.fullmatch(name):
                yield name
            yield from _IN_DESCRIPTOR.findall(name)
        elif tag == _UTF8:
            # Descriptors and signatures, and texts that look like one: a class too many is no harm.
            yield from _IN_DESCRIPTOR.findall(content)


def _attributes(
    data: bytes, at: int, pool: Mapping[int, tuple[int, Any]], calls: list[str], names: list[str]
) -> int:
    """Read the attributes that begin here; calls go to `calls`, their own names to `names`. Gives their end."""
    (count,) = struct.unpack_from(">H", data, at)
    at += 2
    for _ in range(count):
        name, size = struct.unpack_from(">HI", data, at)
        names.append(str(pool[name][1]))
        if names[-1] == "Code":
            (length,) = struct.unpack_from(">I", data, at + 10)
            calls += _static_calls(data[at + 14 : at + 14 + length], pool)
        at += 6 + size
    return at


def _static_calls(code: bytes, pool: Mapping[int, tuple[int, Any]]) -> Iterator[str]:
    at = 0
    while at < len(code):
        opcode = code[at]
        if opcode == _INVOKE_STATIC:
            tag, content = pool[struct.unpack_from(">H", code, at + 1)[0]]
            if tag == _INTERFACE_METHOD:
                owner, member = content
                yield f"{_text_of(pool, owner)}.{_text_of(pool, member)}"
        at = _following(code, at, opcode)


def _following(code: bytes, at: int, opcode: int) -> int:
    """Where the next instruction begins."""
    if opcode in (_TABLE_SWITCH, _LOOKUP_SWITCH):
        at += 4 - at % 4
        low, high = (int.from_bytes(code[at + n : at + n + 4], "big", signed=True) for n in (4, 8))
        return at + 12 + 4 * (high - low + 1) if opcode == _TABLE_SWITCH else at + 8 + 8 * low
    if opcode == _WIDE:
        return at + (6 if code[at + 1] == _WIDE_INC else 4)
    return at + 1 + _OPERANDS.get(opcode, 0)
