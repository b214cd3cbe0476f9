"""Writes the file of addresses: tables of houses and streets, an R*Tree of houses, a full-text index of streets.

The search knows streets and places, not houses: a house is found by its number within its street. So the index has
some 150,000 entries for 7,000,000 addresses.
"""

import sqlite3
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from egide.common.database import open_draft
from egide.common.text import _
from egide.geography.addresses.book import APPLICATION_ID, VERSION
from egide.geography.addresses.rows import AddressFileError, Row, Street
from egide.geography.addresses.words import indexed, may_be_mistaken, natural, shortened

# The country has some 7,000,000; each takes 16 bytes of memory while they are read.
ROWS: Final = 20_000_000
_CHUNK: Final = 50_000

_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, postcode TEXT, post_fr TEXT, post_nl TEXT, post_de TEXT, fr TEXT, nl TEXT, de TEXT,
    lat_e7 INTEGER, lon_e7 INTEGER
);
CREATE TABLE street (
    id INTEGER PRIMARY KEY, fr TEXT, nl TEXT, de TEXT, place INTEGER, first INTEGER, last INTEGER,
    lat_e7 INTEGER, lon_e7 INTEGER
);
CREATE TABLE house (id INTEGER PRIMARY KEY, street INTEGER, number TEXT, lat_e7 INTEGER, lon_e7 INTEGER);
CREATE VIRTUAL TABLE near USING rtree_i32(id, south, north, west, east);
CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, prefix='1 2 3 4', tokenize='ascii');
CREATE TABLE mistaken (short TEXT, word TEXT, PRIMARY KEY (short, word)) WITHOUT ROWID;
"""


class Builder:
    """Takes addresses one by one and writes them all at the end; keeps 16 bytes of each meanwhile."""

    def __init__(self) -> None:
        self._streets: dict[Street, int] = {}
        self._numbers: dict[str, int] = {}
        self._street, self._number = array("i"), array("i")
        self._lat_e7, self._lon_e7 = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._street)

    def add(self, row: Row) -> None:
        """Raises AddressFileError when there are more than a country has."""
        if len(self._street) >= ROWS:
            raise AddressFileError(_("More than {count} addresses.").format(count=ROWS))
        self._street.append(self._streets.setdefault(row.street, len(self._streets)))
        self._number.append(self._numbers.setdefault(row.number, len(self._numbers)))
        self._lat_e7.append(row.lat_e7)
        self._lon_e7.append(row.lon_e7)

    def write(self, path: Path, meta: Mapping[str, Any]) -> tuple[int, int, int]:
        """All of it into the new file `path`; houses, streets and places. Raises sqlite3.Error."""
        database = open_draft(path)
        try:
            database.executescript(
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};{_SCHEMA}"
            )
            database.execute("BEGIN")
            counts = self._write(database)
            counted = dict(zip(("houses", "streets", "places"), counts, strict=True))
            database.executemany("INSERT INTO meta VALUES (?, ?)", {**meta, **counted}.items())
            database.execute("COMMIT")
        finally:
            database.close()
        return counts

    def _write(self, database: sqlite3.Connection) -> tuple[int, int, int]:
        streets, numbers = list(self._streets), list(self._numbers)
        houses = _Houses(self._street, self._number, self._lat_e7, self._lon_e7, _ranks(numbers))
        # The larger a street, the earlier it is found, for the index answers in the order of the ids: places first, by
        # their largest street, then the streets.
        order: list[int] = np.argsort(-houses.sizes, kind="stable").tolist()
        largest: dict[tuple[Any, ...], int] = {}
        for i in order:
            largest.setdefault(streets[i][1:], i)
        place_ids = {place: number for number, place in enumerate(largest, 1)}
        ids = np.empty(len(streets), dtype=np.int64)
        ids[order] = np.arange(len(largest) + 1, len(largest) + len(streets) + 1)

        database.executemany("INSERT INTO house VALUES (?, ?, ?, ?, ?)", houses.rows(ids, numbers))
        database.executemany("INSERT INTO near VALUES (?, ?, ?, ?, ?)", houses.boxes())
        database.executemany(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (place_ids[place], place[0], *place[1], *place[2], *houses.position(houses.middle(i)))
                for place, i in largest.items()
            ),
        )
        database.executemany(
            "INSERT INTO street VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    int(ids[i]),
                    *streets[i].names,
                    place_ids[streets[i][1:]],
                    *houses.range(i),
                    *houses.position(houses.middle(i)),
                )
                for i in order
            ),
        )
        names = [(code, *post, *municipality) for code, post, municipality in largest]
        names += [
            (*street.names, street.postcode, *street.postname, *street.municipality)
            for street in map(streets.__getitem__, order)
        ]
        _write_words(database, names)
        return len(houses), len(streets), len(largest)


Ints = NDArray[np.int64]
Column: TypeAlias = "array[int]"


class _Houses:
    """The houses in the order in which they are written: street by street, neighbouring streets together, by number."""

    def __init__(self, street: Column, number: Column, lat_e7: Column, lon_e7: Column, rank: Ints) -> None:
        """Columns with a row for each address; `rank`: the place of each number among all numbers."""
        self._street, self._number, self._lat_e7, self._lon_e7 = (
            np.frombuffer(column, dtype=np.int32) for column in (street, number, lat_e7, lon_e7)
        )
        key = self._street.astype(np.int64) << 32 | rank[self._number]
        _keys, kept = np.unique(key, return_index=True)  # the boxes of a house are one
        del key, _keys
        of = self._street[kept]
        count = int(of.max()) + 1
        starts = np.searchsorted(of, np.arange(count))
        self.sizes: Ints = np.diff(np.append(starts, len(of)))
        middles = starts + self.sizes // 2
        self._order = np.argsort(
            _morton(self._lat_e7[kept[middles]], self._lon_e7[kept[middles]]), kind="stable"
        )
        # Where each street begins among all houses, in that order of the streets.
        self._first = np.empty(count, dtype=np.int64)
        self._first[self._order] = np.concatenate(([0], np.cumsum(self.sizes[self._order])[:-1]))
        place = self._first[of] + np.arange(len(of)) - starts[of]
        self._kept = np.empty(len(of), dtype=np.int64)
        self._kept[place] = kept

    def __len__(self) -> int:
        return len(self._kept)

    def range(self, street: int) -> tuple[int, int]:
        """The ids of its first and last house."""
        first = int(self._first[street]) + 1
        return first, first + int(self.sizes[street]) - 1

    def middle(self, street: int) -> int:
        """The id of the house in its middle."""
        return int(self._first[street] + self.sizes[street] // 2) + 1

    def position(self, house: int) -> tuple[int, int]:
        row = self._kept[house - 1]
        return int(self._lat_e7[row]), int(self._lon_e7[row])

    def rows(self, ids: Ints, numbers: list[str]) -> Iterator[tuple[int, int, str, int, int]]:
        for start in range(0, len(self._kept), _CHUNK):
            kept = self._kept[start : start + _CHUNK]
            yield from zip(
                range(start + 1, start + len(kept) + 1),
                ids[self._street[kept]].tolist(),
                [numbers[i] for i in self._number[kept].tolist()],
                self._lat_e7[kept].tolist(),
                self._lon_e7[kept].tolist(),
                strict=True,
            )

    def boxes(self) -> Iterator[tuple[int, int, int, int, int]]:
        for start in range(0, len(self._kept), _CHUNK):
            kept = self._kept[start : start + _CHUNK]
            lat, lon = self._lat_e7[kept].tolist(), self._lon_e7[kept].tolist()
            yield from zip(range(start + 1, start + len(kept) + 1), lat, lat, lon, lon, strict=True)


def _ranks(numbers: list[str]) -> Ints:
    """The place of each house number in the order in which they stand in a street: 2, 2A, 10."""
    rank = np.empty(len(numbers), dtype=np.int64)
    rank[sorted(range(len(numbers)), key=lambda i: natural(numbers[i]))] = np.arange(len(numbers))
    return rank


def _morton(lat_e7: NDArray[np.int32], lon_e7: NDArray[np.int32]) -> Ints:
    """A number that is close where both coordinates are: their bits in turn, of 2¹⁴ steps each."""
    found = np.zeros(len(lat_e7), dtype=np.int64)
    steps = [(each.astype(np.int64) - each.min()) >> 12 for each in (lat_e7, lon_e7)]
    for bit in range(14):
        found |= (steps[0] >> bit & 1) << (2 * bit + 1) | (steps[1] >> bit & 1) << (2 * bit)
    return found


def _write_words(database: sqlite3.Connection, entries: list[tuple[str, ...]]) -> None:
    """The index of the entries 1, 2, 3 …, and their words with a sign left out, by which mistaken ones are found."""
    found: set[str] = set()
    for number, names in enumerate(entries, 1):
        text = indexed(names)
        database.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, text))
        found.update(text.split())
    database.execute("INSERT INTO words (words) VALUES ('optimize')")
    long_ones = (word for word in found if may_be_mistaken(word))
    database.executemany(
        "INSERT INTO mistaken VALUES (?, ?)",
        sorted((short, word) for word in long_ones for short in shortened(word)),
    )
