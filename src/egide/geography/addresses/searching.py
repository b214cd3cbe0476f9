"""Finds addresses as somebody types them: any order, half a word, shortened, no accents, either language, a mistake.

The text is taken apart into words of a to z and 0 to 9 before the index sees it, so nothing typed is a query's syntax.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import msgspec

from egide.common.text import language
from egide.geography.addresses.book import AddressBook, Place, Street, address_text, marks, place_text
from egide.geography.addresses.words import (
    is_weak,
    may_be_mistaken,
    meanings,
    mistakes,
    readings,
    shortened,
    single,
    tokens,
    without_box,
)

LIMIT: Final = 10
TEXT_SIGNS: Final = 200
_WORDS: Final = 10
# So many entries of the index are compared one by one; they come with the largest streets first.
_COMPARED: Final = 50
_TWO_MISTAKES_FROM: Final = 9
_GUESSES: Final = 8


# The same streets come again with each key press.
@lru_cache(maxsize=20_000)
def _words(name: str) -> tuple[str, ...]:
    return tuple(tokens(name))


class Match(msgspec.Struct, frozen=True):
    """An address that may be meant: a house, a street (without its house), or a place. Positions in degrees · 10⁷.

    The position of a street or place is that of a house in its middle. `number` is empty where the house that was typed
    is not in the list.
    """

    level: Literal["house", "street", "place"]
    text: str
    lat_e7: int
    lon_e7: int
    place: Place
    street: dict[str, str] = {}
    number: str = ""


class _Entry(NamedTuple):
    """One that the index found, the better first: words that are not exactly in it, words of it that were not typed."""

    has_no_house: bool
    missing: int
    more: int
    id: int
    match: Match


def search(book: AddressBook, text: str, limit: int = LIMIT) -> list[Match]:
    """At most `limit` addresses, the likeliest first. Raises AddressFileError."""
    words = without_box(tokens(text[:TEXT_SIGNS])[:_WORDS])
    found: list[_Entry] = []
    for numbers, rest in readings(words):
        entries = _entries(book, rest, numbers, may_guess=not found)
        found += entries
        if any(numbers and entry[:3] == (False, 0, 0) for entry in entries):
            break
    texts: dict[str, Match] = {}
    for entry in sorted(found, key=lambda entry: entry[:4]):
        texts.setdefault(entry.match.text, entry.match)
    return list(texts.values())[:limit]


def _entries(
    book: AddressBook, words: Sequence[str], numbers: Sequence[str], may_guess: bool
) -> list[_Entry]:
    parts = single(words)
    strong = [word for word in parts if not is_weak(word)] or parts
    if not strong:
        return []
    ids = _ids(book, [_either(meanings(word)) for word in strong])
    if len(ids) < LIMIT:
        ids += _ids(book, [_either(meanings(word), begun=True) for word in strong])
    if not ids and may_guess:
        ids = _ids(book, [_either(meanings(word), _guesses(book, word), begun=True) for word in strong])
    ids = list(dict.fromkeys(ids))
    return _ranked(book, ids, words, numbers)


def _either(words: Sequence[str], others: Sequence[str] = (), begun: bool = False) -> str:
    """One of the words, begun or whole, or one of the others, whole."""
    star = "*" if begun else ""
    return (
        "(" + " OR ".join([*(f'"{word}"{star}' for word in words), *(f'"{word}"' for word in others)]) + ")"
    )


def _ids(book: AddressBook, parts: Sequence[str]) -> list[int]:
    found = book.rows(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?", (" AND ".join(parts), _COMPARED)
    )
    return [row[0] for row in found]


def _guesses(book: AddressBook, word: str) -> list[str]:
    """Words of the index that `word` may be with a mistake in it, also one that is not typed to its end."""
    if not may_be_mistaken(word):
        return []
    short = sorted(shortened(word))
    limit = 2 if len(word) >= _TWO_MISTAKES_FROM else 1
    rows = book.rows(f"SELECT DISTINCT word FROM mistaken WHERE short IN ({marks(short)}) LIMIT 400", short)
    found = sorted((mistakes(word, other, limit), len(other), other) for (other,) in rows)
    return [other for wrong, _length, other in found[:_GUESSES] if wrong <= limit]


def _ranked(
    book: AddressBook, ids: Sequence[int], words: Sequence[str], numbers: Sequence[str]
) -> list[_Entry]:
    streets, reader = book.streets(ids), language()
    known = {street.id for street in streets}
    found = [_street_entry(book, street, words, numbers, reader) for street in streets]
    for place, lat_e7, lon_e7 in book.places([each for each in ids if each not in known]):
        match = Match("place", place_text(place, reader), lat_e7, lon_e7, place)
        own = (place.names or place.municipality).values()
        found.append(_Entry(bool(numbers), *_unlike(words, own, place), 0, match))
    return found


def _street_entry(
    book: AddressBook, street: Street, words: Sequence[str], numbers: Sequence[str], reader: str
) -> _Entry:
    place = street.place
    unlike = _unlike(words, street.names.values(), place)
    for number in numbers:
        house = book.rows(
            "SELECT number, lat_e7, lon_e7 FROM house WHERE id BETWEEN ? AND ? AND number = ? LIMIT 1",
            (street.first, street.last, number),
        )
        if house:
            said, lat_e7, lon_e7 = house[0]
            text = address_text(street, said, reader)
            match = Match("house", text, lat_e7, lon_e7, place, street.names, said)
            return _Entry(False, *unlike, street.id, match)
    text = address_text(street, "", reader)
    match = Match("street", text, street.lat_e7, street.lon_e7, place, street.names)
    return _Entry(bool(numbers), *unlike, street.id, match)


def _unlike(words: Sequence[str], own: Collection[str], place: Place) -> tuple[int, int]:
    """How many of the typed words are in no name, and how many more words the shortest of its own names has."""
    parts = [_words(name) for name in own]
    there = {
        word
        for name in (place.postcode, *place.names.values(), *place.municipality.values())
        for word in _words(name)
    }
    there.update(word for part in parts for word in part)
    missing = sum(there.isdisjoint(meanings(word)) for word in words)
    typed = {meaning for word in words for meaning in meanings(word)}
    return missing, min(sum(word not in typed and not is_weak(word) for word in part) for part in parts)
