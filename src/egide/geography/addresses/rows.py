"""Reads lists of addresses row by row: the federal BeSt files and plain CSV, alone or in a zip.

Nothing of a zip is ever written anywhere, a line is at most 16 KiB, and a row that cannot be used is a `Fault` with its
line: so neither a bomb nor one wrong row ends an import.
"""

import csv
import io
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, Final, NamedTuple

from egide.common.text import _
from egide.geography.addresses.words import number_form
from egide.geography.ground import EAST, NORTH, SOUTH, WEST

LINE_BYTES: Final = 16_384
NAME_SIGNS: Final = 120
NUMBER_SIGNS: Final = 20
# The country has some 150,000.
STREETS: Final = 1_000_000
LANGUAGES: Final = ("fr", "nl", "de")
# What a zip may say it holds; the country's three files are some 1.5 GB together.
UNPACKED_BYTES: Final = 20_000_000_000
_READ_BYTES: Final = 1 << 20


class AddressFileError(ValueError):
    """The file cannot be used at all; the message says why and what to do."""


Names = tuple[str, str, str]  # French, Dutch, German; empty where there is none


class Street(NamedTuple):
    """A street, or the part of it with this postcode."""

    names: Names
    postcode: str
    postname: Names
    municipality: Names


class Row(NamedTuple):
    """One address. Its position in degrees · 10⁷."""

    street: Street
    number: str
    lat_e7: int
    lon_e7: int


class Fault(NamedTuple):
    """A row that was left out: the file, its line (the header is line 1), and why."""

    file: str
    line: int
    why: str


class Columns:
    """Where in a row what is; by the header's own names."""

    # Each field by the names that BeSt and a plain CSV may give it.
    _NAMES: Final = {
        "lat": ("epsg:4326_lat", "lat", "latitude"),
        "lon": ("epsg:4326_lon", "lon", "longitude"),
        "number": ("house_number", "number"),
        "postcode": ("postcode",),
        "status": ("status",),
    }

    def __init__(self, header: Sequence[str], file: str) -> None:
        places = {name.strip().casefold(): i for i, name in enumerate(header)}
        self.width = len(header)
        found = {
            field: next((places[name] for name in names if name in places), None)
            for field, names in self._NAMES.items()
        }
        self.streets = _in_languages(places, "streetname", "street")
        self.postnames = _in_languages(places, "postname", "place")
        self.municipalities = _in_languages(places, "municipality_name", "municipality")
        missing = [field for field in ("lat", "lon", "number") if found[field] is None]
        missing += ["street"] if not any(place >= 0 for place in self.streets) else []
        if missing:
            text = _(
                "{file}: no column for {columns}. Give a BeSt file (openaddress-be*.csv), or a CSV with the columns"
                " street, number, postcode, place, lat, lon."
            )
            raise AddressFileError(text.format(file=file, columns=", ".join(missing)))
        self.lat, self.lon, self.number = found["lat"] or 0, found["lon"] or 0, found["number"] or 0
        self.status = found["status"]
        postcode = -1 if found["postcode"] is None else found["postcode"]
        self._of_street = itemgetter(postcode, *self.streets, *self.postnames, *self.municipalities)
        # Most rows are of a street that was read before.
        self._known: dict[tuple[str, ...], Street | str] = {}

    def street(self, fields: list[str]) -> Street | str:
        """The street of a row, whose last field is empty, or why there is none. Raises AddressFileError."""
        key = self._of_street(fields)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= STREETS:
                raise AddressFileError(
                    _("More than {count} streets: this is no list of addresses.").format(count=STREETS)
                )
            found = self._known[key] = _street(key)
        return found


def _in_languages(places: dict[str, int], *stems: str) -> tuple[int, ...]:
    """The columns of a name in the three languages, -1 where there is none; one without a language is the first's."""
    stem = next((each for each in stems if any(name.startswith(each) for name in places)), stems[-1])
    found = [places.get(f"{stem}_{language}", -1) for language in LANGUAGES]
    if max(found) < 0:
        found[0] = places.get(stem, -1)
    return tuple(found)


class Source:
    """A CSV file, or one within a zip."""

    def __init__(self, path: Path, member: zipfile.ZipInfo | None = None) -> None:
        self._path, self._member = path, member
        name = path.name if member is None else f"{path.name}: {member.filename}"
        # It may be printed: no sign in it that steers a terminal.
        self.name = "".join(sign if sign.isprintable() else "?" for sign in name)[-NAME_SIGNS:]
        self.size = path.stat().st_size if member is None else member.file_size

    def open(self) -> IO[bytes]:
        """Raises OSError and zipfile.BadZipFile."""
        if self._member is None:
            return self._path.open("rb")
        return io.BufferedReader(zipfile.ZipFile(self._path).open(self._member), _READ_BYTES)  # type: ignore[type-var]


def sources_of(path: Path) -> list[Source]:
    """The CSV files that `path` is or holds. Raises AddressFileError."""
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb"):
                return [Source(path)]
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if each.filename.lower().endswith(".csv")]
    except FileNotFoundError as error:
        raise AddressFileError(_("{file}: there is no such file.").format(file=path)) from error
    except (OSError, zipfile.BadZipFile) as error:
        raise AddressFileError(
            _("{file}: cannot be read: {reason}").format(file=path, reason=error)
        ) from error
    if not members:
        raise AddressFileError(_("{file}: no CSV file in this zip.").format(file=path.name))
    if sum(each.file_size for each in members) > UNPACKED_BYTES:
        raise AddressFileError(
            _("{file}: unpacks to more than {size} GB.").format(file=path.name, size=UNPACKED_BYTES // 10**9)
        )
    return [Source(path, member) for member in members]


def read_rows(
    source: Source, encoding: str = "utf-8", progress: Callable[[int], object] = lambda _bytes: None
) -> Iterator[Row | Fault | None]:
    """Each row after the header: an address, a fault, or None for one that is not in force. Raises AddressFileError.

    `progress` hears how many bytes were read since it was last asked.
    """
    try:
        with source.open() as file:
            yield from _rows(file, source.name, encoding, progress)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        # RuntimeError is zipfile's word for what is encrypted, or packed in a way that it cannot undo.
        raise AddressFileError(
            _("{file}: cannot be read: {reason}").format(file=source.name, reason=error)
        ) from error


def _rows(
    file: IO[bytes], name: str, encoding: str, progress: Callable[[int], object]
) -> Iterator[Row | Fault | None]:
    lines = _Lines(file, encoding, progress)
    first = next(lines, "").removeprefix("\ufeff")
    if lines.fault:
        raise AddressFileError(_("{file}: not a CSV file: {reason}.").format(file=name, reason=lines.fault))
    delimiter = ";" if first.count(";") > first.count(",") else ","
    columns = Columns(next(csv.reader([first], delimiter=delimiter), []), name)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.fault = str(error)
            fields = []
        if lines.fault:
            yield Fault(name, lines.number, lines.fault)
            lines.fault = ""
        elif fields:
            made = _row(fields, columns)
            yield Fault(name, lines.number, made) if isinstance(made, str) else made


class _Lines(Iterator[str]):
    """The lines of a file as text, one for each record: one that is no such line comes empty, and `fault` says why."""

    def __init__(self, file: IO[bytes], encoding: str, progress: Callable[[int], object]) -> None:
        self._file, self._encoding, self._progress = file, encoding, progress
        self.number = 0
        self.fault = ""
        self._unsaid = 0

    def __next__(self) -> str:
        line = self._file.readline(LINE_BYTES)
        if not line:
            self._progress(self._unsaid)
            self._unsaid = 0
            raise StopIteration
        self.number += 1
        self._count(len(line))
        if len(line) == LINE_BYTES and line[-1:] != b"\n":
            while (more := self._file.readline(_READ_BYTES)) and more[-1:] != b"\n":
                self._count(len(more))
            self._count(len(more))
            return self._refuse(_("the line is longer than {bytes} bytes").format(bytes=LINE_BYTES))
        if b'"' in line and line.count(b'"') % 2:
            return self._refuse(_("a quotation mark is not closed"))
        if b"\0" in line:
            return self._refuse(_("there is a NUL in it"))
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            return self._refuse(_("it is not {encoding}").format(encoding=self._encoding))

    def _refuse(self, why: str) -> str:
        self.fault = why
        # An empty record for the reader, which then hands back no field.
        return "\n"

    def _count(self, size: int) -> None:
        self._unsaid += size
        if self._unsaid > _READ_BYTES:
            self._progress(self._unsaid)
            self._unsaid = 0


def _row(fields: list[str], columns: Columns) -> Row | str | None:
    """The address, why there is none, or None where it is not in force (any more, or yet)."""
    if len(fields) != columns.width:
        return _("{found} fields instead of {wanted}").format(found=len(fields), wanted=columns.width)
    if columns.status is not None and fields[columns.status] not in ("current", ""):
        return None
    try:
        lat, lon = float(fields[columns.lat]), float(fields[columns.lon])
    except ValueError:
        return _("no position in degrees")
    if not_here := why_not_here(lat, lon):
        return not_here
    fields.append("")  # what a column that is not there holds, at place -1
    street = columns.street(fields)
    if isinstance(street, str):
        return street
    number = number_form(fields[columns.number])
    if not number:
        return _("no house number")
    if len(number) > NUMBER_SIGNS:
        return _("a house number of more than {count} signs").format(count=NUMBER_SIGNS)
    if not number.isprintable():
        return _("a control sign in it")
    return Row(street, number, round(lat * 1e7), round(lon * 1e7))


def _street(fields: tuple[str, ...]) -> Street | str:
    """From postcode, names, postal names, municipality; or what is wrong with them."""
    # Tabs and spaces that do not break are spaces; a sign that steers a terminal or turns a line round is none.
    texts = [" ".join(text.split()) for text in fields]
    if not all(text.isprintable() for text in texts):
        return _("a control sign in it")
    if max(map(len, texts)) > NAME_SIGNS:
        return _("a name of more than {count} signs").format(count=NAME_SIGNS)
    postcode, *names = texts
    if not any(names[:3]):
        return _("no street")
    if not any(names[3:]):
        return _("neither a place nor a municipality")
    return Street(_three(names[:3]), postcode, _three(names[3:6]), _three(names[6:]))


def _three(names: list[str]) -> Names:
    french, dutch, german = names
    return french, dutch, german


def why_not_here(lat: float, lon: float) -> str:
    """Why this position (degrees) is none of the country; empty where it is one."""
    if SOUTH <= lat <= NORTH and WEST <= lon <= EAST:
        return ""
    if SOUTH <= lon <= NORTH and WEST <= lat <= EAST:
        return _("latitude and longitude are swapped")
    if not (math.isfinite(lat) and math.isfinite(lon)):
        return _("no position in degrees")
    return _("a position outside the country")
