"""The file of addresses as it is read: one connection, the newer file as soon as there is one."""

import math
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

import msgspec

from egide.common.database import open_unchanging
from egide.common.text import _, read_in
from egide.geography.addresses.rows import LANGUAGES, AddressFileError
from egide.geography.unread import note_unread

# "Egad" in SQLite's header: what is no file of addresses is not read as one.
APPLICATION_ID: Final = 0x45676164
VERSION: Final = 1
_MAPPED_BYTES: Final = 1 << 31


T = TypeVar("T")


class NoAddresses(AddressFileError):
    """No list of addresses was imported."""


class Place(msgspec.Struct, frozen=True):
    """A quarter or village by its postcode. Names by language ("fr", "nl", "de"), those alone that there are."""

    postcode: str
    names: dict[str, str]
    municipality: dict[str, str]


class Street(msgspec.Struct, frozen=True):
    """A street, or its part in this place; its houses have the ids from `first` to `last`."""

    id: int
    names: dict[str, str]
    place: Place
    first: int
    last: int
    lat_e7: int
    lon_e7: int


class AddressBook:
    """Asks the file at `path`; may be shared by threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._database: sqlite3.Connection | None = None
        self._opened: tuple[int, int, int] | None = None

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What the query finds. Raises NoAddresses, or AddressFileError for a file that is damaged."""
        with self._lock:
            try:
                return self._now().execute(query, values).fetchall()
            except sqlite3.Error as error:
                self._close()
                text = _("{path} cannot be read ({why}): import the addresses again.")
                raise AddressFileError(text.format(path=self._path, why=error)) from error

    def close(self) -> None:
        """Let go of the file; the next question opens it again."""
        with self._lock:
            self._close()

    def _now(self) -> sqlite3.Connection:
        """The connection to the file that is in force: an import puts another one in its place."""
        try:
            stat = self._path.stat()
        except OSError as error:
            raise NoAddresses(_("There are no addresses yet: `egide addresses import FILE`.")) from error
        is_it = stat.st_dev, stat.st_ino, stat.st_mtime_ns
        if self._database is None or is_it != self._opened:
            self._close()
            self._database = open_unchanging(self._path)
            self._check(self._database)
            self._database.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
            self._opened = is_it
        return self._database

    def _check(self, database: sqlite3.Connection) -> None:
        found = (
            database.execute("PRAGMA application_id").fetchone()[0],
            database.execute("PRAGMA user_version").fetchone()[0],
        )
        if found != (APPLICATION_ID, VERSION):
            raise sqlite3.DatabaseError(_("it is no file of addresses of this version"))

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = self._opened = None

    def about(self) -> dict[str, Any]:
        """What the file says of itself: `made_at_s`, `files`, `houses`, `streets`, `places`."""
        return dict(self.rows("SELECT key, value FROM meta"))

    def streets(self, ids: Sequence[int]) -> list[Street]:
        """In the order of `ids`."""
        found = {
            row[0]: _street(row) for row in self.rows(f"{_STREETS} WHERE street.id IN ({marks(ids)})", ids)
        }
        return [found[each] for each in ids if each in found]

    def places(self, ids: Sequence[int]) -> list[tuple[Place, int, int]]:
        """Each with its position (degrees · 10⁷)."""
        rows = self.rows(
            f"SELECT {_PLACE}, lat_e7, lon_e7 FROM place WHERE id IN ({marks(ids)}) ORDER BY id", ids
        )
        return [(_place(row[:7]), row[7], row[8]) for row in rows]


@lru_cache(maxsize=1)
def book_at(path: Path) -> AddressBook:
    """The one of this process."""
    return AddressBook(path)


def answered(language: str, ask: Callable[[], T]) -> T | None:
    """What `ask` says, in `language`, of the addresses or points in force; None as long as none can be read."""
    try:
        with read_in(language):
            return ask()
    except NoAddresses:
        return None
    except AddressFileError as error:
        note_unread(f"pages name no addresses: {error}")
        return None


_PLACE: Final = "place.postcode, post_fr, post_nl, post_de, place.fr, place.nl, place.de"
_STREETS: Final = (
    "SELECT street.id, street.fr, street.nl, street.de, first, last, street.lat_e7, street.lon_e7,"
    f" {_PLACE} FROM street JOIN place ON place.id = street.place"
)


def marks(values: Sequence[object]) -> str:
    """What stands for so many values in a query."""
    return ",".join("?" * len(values))


def _street(row: tuple[Any, ...]) -> Street:
    identity, french, dutch, german, first, last, lat_e7, lon_e7 = row[:8]
    return Street(identity, _names(french, dutch, german), _place(row[8:]), first, last, lat_e7, lon_e7)


def _place(row: tuple[Any, ...]) -> Place:
    return Place(row[0], _names(*row[1:4]), _names(*row[4:7]))


def _names(*names: str) -> dict[str, str]:
    return {language: name for language, name in zip(LANGUAGES, names, strict=True) if name}


def in_language(names: dict[str, str], language: str) -> str:
    """The name for a reader of `language`; the first there is where it has none in it, "" where there is none."""
    return names.get(language) or next(iter(names.values()), "")


def place_text(place: Place, language: str) -> str:
    """ "7000 Mons": as it stands on a letter."""
    return f"{place.postcode} {in_language(place.names or place.municipality, language)}".strip()


def address_text(street: Street, number: str, language: str) -> str:
    """ "Rue de l'Exemple 12, 7000 Mons"."""
    first = f"{in_language(street.names, language)} {number}".strip()
    return f"{first}, {place_text(street.place, language)}"


def length_text(metres: int) -> str:
    """Rounded up to what may be said: 7 m, 20 m, 350 m, 1.2 km."""
    if metres < 1_000:
        step = 1 if metres < 10 else 10
        return f"{max(1, math.ceil(metres / step) * step)} m"
    return f"{math.ceil(metres / 100) / 10:g} km"
