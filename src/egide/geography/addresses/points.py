"""Points of reference that people on the spot can name (kilometre posts, stations, locks), and the nearest of them.

One JSON file, small enough to be in memory: where no house is near, somebody on a motorway reads a post and no number.
"""

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from egide.common.text import _, language
from egide.geography.addresses.book import NoAddresses, in_language, length_text
from egide.geography.addresses.rows import LANGUAGES, NAME_SIGNS, AddressFileError, Fault, why_not_here
from egide.geography.ground import EARTH_RADIUS_M, distance_m

POINTS: Final = 100_000
FILE_BYTES: Final = 20_000_000
# Farther away nobody would name it; a position less exact than that says nothing of it.
REACH_M: Final = 1_000
_REACH_E7: Final = int(REACH_M / EARTH_RADIUS_M * 57.3e7) + 1


class Point(msgspec.Struct, frozen=True):
    """Its names by language ("fr", "nl", "de"), those alone that there are."""

    names: dict[str, str]
    lat_e7: int
    lon_e7: int


class PointList(msgspec.Struct, frozen=True):
    """All of a file, from south to north."""

    file: str
    points: tuple[Point, ...]


class NearPoint(NamedTuple):
    """What may be said of it, in the reader's language."""

    point: Point
    distance_m: int
    text: str


def nearest_point(path: Path, lat_e7: int, lon_e7: int, accuracy_m: float = 0.0) -> NearPoint | None:
    """The nearest point of reference within reach; None where there is none. Raises NoAddresses, AddressFileError."""
    if accuracy_m > REACH_M:
        return None
    points = points_at(path).points
    south = bisect_left(points, lat_e7 - _REACH_E7, key=_latitude)
    around = points[south : bisect_right(points, lat_e7 + _REACH_E7, key=_latitude)]
    away = ((distance_m(lat_e7, lon_e7, each.lat_e7, each.lon_e7), each) for each in around)
    away_m, point = min(away, key=lambda found: found[0], default=(REACH_M + 1.0, None))
    if point is None or away_m > REACH_M:
        return None
    name = in_language(point.names, language())
    if away_m <= accuracy_m:
        text = _("near {place}").format(place=name)
    else:
        text = _("{distance} from {address}").format(distance=length_text(round(away_m)), address=name)
    return NearPoint(point, round(away_m), text)


def points_at(path: Path) -> PointList:
    """Those in force. Raises NoAddresses, or AddressFileError for a file that is damaged."""
    try:
        stat = path.stat()
    except OSError as error:
        raise NoAddresses(
            _("There are no points of reference yet: `egide addresses points FILE`.")
        ) from error
    return _points(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1)
def _points(path: Path, _changed_ns: int, _size: int) -> PointList:
    try:
        return msgspec.json.decode(path.read_bytes(), type=PointList)
    except (OSError, msgspec.MsgspecError) as error:
        text = _("{path} cannot be read ({why}): import the points of reference again.")
        raise AddressFileError(text.format(path=path, why=error)) from error


def _latitude(point: Point) -> int:
    return point.lat_e7


def read_points(file: Path) -> Iterator[Point | Fault]:
    """Each row of a CSV with the columns name (or name_fr, name_nl, name_de), lat, lon. Raises AddressFileError."""
    try:
        if file.stat().st_size > FILE_BYTES:
            text = _("{file}: more than {megabytes} MB: this is no list of points.")
            raise AddressFileError(text.format(file=file.name, megabytes=FILE_BYTES // 1_000_000))
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise AddressFileError(_("{file}: there is no such file.").format(file=file)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise AddressFileError(
            _("{file}: cannot be read: {reason}").format(file=file.name, reason=error)
        ) from error
    first = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        columns = _columns(header, file.name)
        for fields in reader:
            if fields:
                made = _point(fields, len(header), columns)
                yield Fault(file.name, reader.line_num, made) if isinstance(made, str) else made
    except csv.Error as error:
        raise AddressFileError(
            _("{file}: not a CSV file: {reason}.").format(file=file.name, reason=error)
        ) from error


def _columns(header: Sequence[str], file: str) -> tuple[int, int, tuple[int, ...]]:
    """Where latitude, longitude and the names by language are; -1 for a language that has none."""
    at = {name: place for place, name in enumerate(header)}
    names = tuple(at.get(f"name_{each}", -1) for each in LANGUAGES)
    if all(place < 0 for place in names):
        names = (at.get("name", -1), -1, -1)
    if "lat" not in at or "lon" not in at or (names[0] < 0 and all(place < 0 for place in names)):
        text = _("{file}: give a CSV with the columns name (or name_fr, name_nl, name_de), lat, lon.")
        raise AddressFileError(text.format(file=file))
    return at["lat"], at["lon"], names


def _point(fields: Sequence[str], width: int, columns: tuple[int, int, tuple[int, ...]]) -> Point | str:
    """The point, or why there is none."""
    if len(fields) != width:
        return _("{found} fields instead of {wanted}").format(found=len(fields), wanted=width)
    try:
        lat, lon = float(fields[columns[0]]), float(fields[columns[1]])
    except ValueError:
        return _("no position in degrees")
    if not_here := why_not_here(lat, lon):
        return not_here
    names = {
        code: fields[place].strip()
        for code, place in zip(LANGUAGES, columns[2], strict=True)
        if place >= 0 and fields[place].strip()
    }
    if not names:
        return _("no name")
    if not all(name.isprintable() for name in names.values()):
        return _("a control sign in it")
    if max(map(len, names.values())) > NAME_SIGNS:
        return _("a name of more than {count} signs").format(count=NAME_SIGNS)
    return Point(names, round(lat * 1e7), round(lon * 1e7))
