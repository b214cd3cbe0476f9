"""Blackens words that a reader or a paper must not hold, wherever in a file somebody repeated them."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import msgspec

from egide.casework.file.facts import PlaceFacts

T = TypeVar("T")

BLACK = "▇▇▇"
# Shorter words would blacken half of the text.
SHORTEST = 4


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """What finds these words in any spelling of capitals, the longest first; None when there is nothing to find."""
    wanted = sorted({word.strip() for word in words if len(word.strip()) >= SHORTEST}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE) if wanted else None


def address_words(places: Iterable[PlaceFacts]) -> list[str]:
    """The addresses of places, whole and without their town."""
    return [words for place in places for words in (place.address, place.address.split(",")[0])]


def blacken(value: T, pattern: re.Pattern[str] | None) -> T:
    """The same value with every text blackened: facts, steps, dataclasses and tuples of them."""
    return value if pattern is None else _walk(value, pattern)


def _walk(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(BLACK, value)
    if isinstance(value, msgspec.Struct):
        changed = {name: _walk(getattr(value, name), pattern) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **changed)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _walk(getattr(value, one.name), pattern) for one in fields(value)})
    if isinstance(value, tuple | list):
        return type(value)(_walk(one, pattern) for one in value)
    if isinstance(value, dict):
        return {name: _walk(one, pattern) for name, one in value.items()}
    return value
