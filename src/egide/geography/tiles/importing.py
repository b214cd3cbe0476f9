"""Puts a map in force: a PMTiles file as it is, an MBTiles file rewritten as one, each looked through first."""

import gzip
import math
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import msgspec
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    deserialize_directory,
    tileid_to_zxy,
    zxy_to_tileid,
)
from pmtiles.writer import Writer

from egide.common.database import open_unchanging
from egide.common.text import _
from egide.geography.ground import EAST, NORTH, SOUTH, WEST
from egide.geography.replacing import replacing
from egide.geography.tiles.archive import (
    AERIAL,
    HEADER_BYTES,
    PIECE_BYTES,
    RASTER,
    STREET_LAYERS,
    VECTOR,
    About,
    MapFileError,
    damaged,
    read_about,
    read_header,
    unpacked,
)

_SQLITE: Final = b"SQLite format 3\x00"
_PMTILES: Final = b"PMTiles"
_FORMATS: Final = {
    "pbf": TileType.MVT,
    "mvt": TileType.MVT,
    "png": TileType.PNG,
    "jpg": TileType.JPEG,
    "jpeg": TileType.JPEG,
    "webp": TileType.WEBP,
    "avif": TileType.AVIF,
}
_MOST_ZOOM: Final = 24
_MOST_DEPTH: Final = 4
# So many tiles of a file are unpacked to see whether they can be.
_TRIED: Final = 64
_COPIED_BYTES: Final = 1 << 22
_GZIP: Final = b"\x1f\x8b"
Progress = Callable[[int], object]


class Imported(msgspec.Struct, frozen=True):
    """What an import did."""

    about: About
    tiles: int
    path: Path


def do_import(file: Path, target: Path, kind: str, progress: Progress = lambda _bytes: None) -> Imported:
    """Make the map of `file` the one in force at `target`; whoever draws has pieces of the old file or of the new one.

    `kind` is STREETS or AERIAL. `progress` hears how many bytes were written since it was last asked. Raises
    MapFileError; the map in force then stays.
    """
    begin = _begin_of(file)
    if not begin.startswith((_SQLITE, _PMTILES)):
        text = _("{file}: neither a PMTiles nor an MBTiles file.")
        raise MapFileError(text.format(file=file.name))
    with replacing(target, MapFileError, _("It needs as much room as the file.")) as draft:
        if begin.startswith(_PMTILES):
            # Refused before all of it is copied.
            _check_kind(read_about(file), kind, file.name)
            _copy(file, draft, progress)
        else:
            _rewrite(file, draft, progress)
        found = read_about(draft)
        _check_kind(found, kind, file.name)
        tiles = _look_through(draft, file.name)
    return Imported(found, tiles, target)


def _begin_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE))
    except FileNotFoundError as error:
        raise MapFileError(_("{file}: there is no such file.").format(file=file)) from error
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> MapFileError:
    return MapFileError(
        _("{file} cannot be read: {why}.").format(file=file.name, why=error.strerror or error)
    )


def _copy(file: Path, draft: Path, progress: Progress) -> None:
    try:
        source = file.open("rb")
    except OSError as error:
        raise _unreadable(file, error) from error
    with source, draft.open("wb") as target:
        while data := source.read(_COPIED_BYTES):
            target.write(data)
            progress(len(data))


def _check_kind(found: About, kind: str, name: str) -> None:
    """Whether the pages can draw it, and whether anybody here is on it. Raises MapFileError."""
    if kind == AERIAL and found.kind != RASTER:
        text = _("{file}: an aerial picture is made of pictures, and its tiles are vectors.")
        raise MapFileError(text.format(file=name))
    if found.kind == VECTOR and not set(found.layers) & set(STREET_LAYERS):
        text = _(
            "{file}: no layer of streets that Egide can draw ({known}). Its layers: {layers}. A map of pictures always"
            " can be."
        )
        layers = ", ".join(found.layers) or "–"
        raise MapFileError(text.format(file=name, known=", ".join(STREET_LAYERS), layers=layers))
    if found.west > EAST or found.east < WEST or found.south > NORTH or found.north < SOUTH:
        text = _("{file}: it shows another country (degrees: {bounds}).")
        bounds = f"{found.south:.2f} {found.west:.2f} – {found.north:.2f} {found.east:.2f}"
        raise MapFileError(text.format(file=name, bounds=bounds))


def _rewrite(file: Path, draft: Path, progress: Progress) -> None:
    """An MBTiles file (1.3) as PMTiles: its tiles in the order of their numbers. Raises MapFileError."""
    try:
        with closing(open_unchanging(file)) as database, draft.open("wb") as target:
            if database.execute("SELECT 1 FROM tiles WHERE length(tile_data) > 0").fetchone() is None:
                raise MapFileError(_("{file}: there is no tile in it.").format(file=file.name))
            described = {
                str(name): str(value) for name, value in database.execute("SELECT name, value FROM metadata")
            }
            kind = _FORMATS.get(described.get("format", "").lower())
            if kind is None:
                text = _("{file}: its tiles are neither vectors (MVT) nor PNG, JPEG, WebP or AVIF.")
                raise MapFileError(text.format(file=file.name))
            _write(_tiles_of(database, kind), target, draft.parent, described, kind, progress)
    except sqlite3.Error as error:
        text = _("{file}: this is no MBTiles file, or a damaged one ({why}).")
        raise MapFileError(text.format(file=file.name, why=error)) from error


def _tiles_of(database: sqlite3.Connection, kind: TileType) -> Iterator[tuple[int, bytes]]:
    """Tiles by their number. MBTiles counts rows from the south, PMTiles from the north."""
    numbered = sorted(
        (zxy_to_tileid(zoom, column, (1 << zoom) - 1 - row), zoom, column, row)
        for zoom, column, row in database.execute("SELECT zoom_level, tile_column, tile_row FROM tiles")
        if 0 <= zoom <= _MOST_ZOOM and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom
    )
    wanted = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    for number, *place in numbered:
        (data,) = database.execute(wanted, place).fetchone()
        if not data:
            continue
        is_packed = kind is not TileType.MVT or data.startswith(_GZIP)
        yield number, bytes(data) if is_packed else gzip.compress(data, mtime=0)


def _write(
    tiles: Iterable[tuple[int, bytes]],
    target: IO[bytes],
    folder: Path,
    described: dict[str, str],
    kind: TileType,
    progress: Progress,
) -> None:
    """Tiles, in the order of their numbers, as PMTiles."""
    writer = Writer(target)
    writer.tile_f.close()
    numbers: list[int] = []
    # Beside the map, where there has to be room: not among the temporary files, which may be in memory.
    with TemporaryFile(dir=folder) as writer.tile_f:
        for number, data in tiles:
            writer.write_tile(number, data)
            numbers.append(number)
            progress(len(data))
        west, south, east, north = _bounds(described.get("bounds", ""), numbers)
        header = {
            "tile_type": kind,
            "tile_compression": Compression.GZIP if kind is TileType.MVT else Compression.NONE,
            "min_lon_e7": round(west * 1e7),
            "min_lat_e7": round(south * 1e7),
            "max_lon_e7": round(east * 1e7),
            "max_lat_e7": round(north * 1e7),
            "center_zoom": tileid_to_zxy(numbers[0])[0],
            "center_lon_e7": round((west + east) / 2 * 1e7),
            "center_lat_e7": round((south + north) / 2 * 1e7),
        }
        writer.finalize(header, _metadata(described))


def _metadata(described: dict[str, str]) -> dict[str, Any]:
    """The metadata of PMTiles: MBTiles has that of its layers as text within the text."""
    told: dict[str, Any] = {key: value for key, value in described.items() if key != "json"}
    try:
        more = msgspec.json.decode(described.get("json", "{}"))
    except msgspec.DecodeError:
        more = {}
    return told | (more if isinstance(more, dict) else {})


def _bounds(said: str, numbers: Sequence[int]) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees: as the file says, else of its most detailed tiles."""
    try:
        west, south, east, north = (float(part) for part in said.split(","))
    except ValueError:
        pass
    else:
        if -180 <= west < east <= 180 and -90 < south < north < 90:
            return west, south, east, north
    places = [tileid_to_zxy(number) for number in numbers]
    deepest = max(zoom for zoom, _x, _y in places)
    columns = [x for zoom, x, _y in places if zoom == deepest]
    rows = [y for zoom, _x, y in places if zoom == deepest]
    wide = 1 << deepest
    return (
        min(columns) / wide * 360 - 180,
        _latitude((max(rows) + 1) / wide),
        (max(columns) + 1) / wide * 360 - 180,
        _latitude(min(rows) / wide),
    )


def _latitude(down: float) -> float:
    """Degrees of a part of the way from the northern edge of Web Mercator (EPSG:3857) to its southern one."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def _look_through(path: Path, name: str) -> int:
    """How many tiles it has, all of them within the file, some of them unpacked. Raises MapFileError."""
    try:
        with path.open("rb") as file:
            header = read_header(file.read(HEADER_BYTES), name)
            size = file.seek(0, 2)
            entries = list(_entries(file, header, header["root_offset"], header["root_length"], size))
            begin = header["tile_data_offset"]
            if begin + header["tile_data_length"] > size:
                raise damaged(name)
            for entry in entries:
                if not 0 < entry.length <= PIECE_BYTES or begin + entry.offset + entry.length > size:
                    raise damaged(name)
            for entry in islice(entries, 0, None, max(1, len(entries) // _TRIED)):
                file.seek(begin + entry.offset)
                if header["tile_compression"] is Compression.GZIP:
                    unpacked(file.read(entry.length))
    except MapFileError:
        raise
    except (OSError, EOFError, ValueError, IndexError, TypeError, zlib.error) as error:
        raise damaged(name) from error
    if not entries:
        raise MapFileError(_("{file}: there is no tile in it.").format(file=name))
    return sum(entry.run_length for entry in entries)


def _entries(
    file: IO[bytes], header: Any, offset: int, length: int, size: int, depth: int = 0
) -> Iterator[Entry]:
    """All tiles of a directory and those below it."""
    if depth >= _MOST_DEPTH or not 0 < length <= PIECE_BYTES or offset + length > size:
        raise ValueError("no directory")
    file.seek(offset)
    packed = file.read(length)
    for entry in deserialize_directory(packed):
        if entry.run_length > 0:
            yield entry
        else:
            leaf = header["leaf_directory_offset"] + entry.offset
            yield from _entries(file, header, leaf, entry.length, size, depth + 1)
