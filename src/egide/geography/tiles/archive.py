"""A map as one file (PMTiles, version 3): what it says of itself, and any piece of its bytes.

Whoever draws it asks for pieces of the file and never for a tile by its number: such an address would say where an
alarm is ([0094]).
"""

import html
import re
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from pmtiles.tile import (
    Compression,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_header,
)

from egide.common.text import _

HEADER_BYTES: Final = 127
# Which map it is.
STREETS: Final = "streets"
AERIAL: Final = "aerial"
# What its tiles are.
VECTOR: Final = "vector"
RASTER: Final = "raster"
# The layer in which each way of making tiles has its streets (`egide/streets.js` draws them): Protomaps, OpenMapTiles,
# Shortbread.
STREET_LAYERS: Final = ("roads", "transportation", "streets")
# In the metadata of a map that was made up.
INVENTED: Final = "egide:invented"
# The root of its directory and a tile of a dense town are far smaller.
PIECE_BYTES: Final = 8_000_000
UNPACKED_BYTES: Final = 64_000_000
_TAG: Final = re.compile(r"<[^>]*>")
_IMAGES: Final = {
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.AVIF: "image/avif",
}


class MapFileError(ValueError):
    """The file cannot be used as a map; the message says why and what to do."""


class NoMap(MapFileError):
    """No map of this kind was imported."""


class About(msgspec.Struct, frozen=True):
    """What a map says of itself: zooms, bounds in degrees, names of its layers (of vectors alone), whom to name."""

    kind: str
    image: str
    min_zoom: int
    max_zoom: int
    west: float
    south: float
    east: float
    north: float
    layers: tuple[str, ...]
    attribution: str
    is_invented: bool
    bytes: int


class Piece(msgspec.Struct, frozen=True):
    """Bytes of the file, how large all of it is, and a mark that is another one when the file is."""

    data: bytes
    size: int
    mark: str


def about(path: Path) -> About:
    """What the map in force at `path` says of itself. Raises NoMap, MapFileError."""
    try:
        stat = path.stat()
    except OSError as error:
        raise NoMap(_("There is no map yet: `egide map import FILE`.")) from error
    return _about(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _about(path: Path, _changed_ns: int, _size: int) -> About:
    return read_about(path)


def read_about(path: Path) -> About:
    """What any PMTiles file says of itself. Raises MapFileError."""
    try:
        with path.open("rb") as file:
            header = read_header(file.read(HEADER_BYTES), path.name)
            length = header["metadata_length"]
            file.seek(header["metadata_offset"])
            metadata: Any = msgspec.json.decode(unpacked(file.read(min(length, PIECE_BYTES))))
            size = file.seek(0, 2)
    except OSError as error:
        text = _("{file} cannot be read: {why}.")
        raise MapFileError(text.format(file=path.name, why=error.strerror or error)) from error
    except MapFileError:
        raise
    except (ValueError, zlib.error) as error:
        raise damaged(path.name) from error
    if not isinstance(metadata, dict):
        raise damaged(path.name)
    return About(
        kind=VECTOR if header["tile_type"] is TileType.MVT else RASTER,
        image=_IMAGES.get(header["tile_type"], ""),
        min_zoom=header["min_zoom"],
        max_zoom=header["max_zoom"],
        west=header["min_lon_e7"] / 1e7,
        south=header["min_lat_e7"] / 1e7,
        east=header["max_lon_e7"] / 1e7,
        north=header["max_lat_e7"] / 1e7,
        layers=_layers(metadata),
        attribution=html.unescape(_TAG.sub("", str(metadata.get("attribution") or ""))).strip(),
        is_invented=metadata.get(INVENTED) is True,
        bytes=size,
    )


def read_header(data: bytes, name: str) -> Any:
    """The header (PMTiles 3, "Header"), its numbers by name. Raises MapFileError."""
    if len(data) < HEADER_BYTES:
        raise damaged(name)
    try:
        header = deserialize_header(data)
    except (MagicNumberNotFound, SpecVersionUnsupported, UnicodeDecodeError, ValueError) as error:
        raise damaged(name) from error
    drawn = header["tile_type"] is TileType.MVT or header["tile_type"] in _IMAGES
    if not drawn:
        text = _("{file}: its tiles are neither vectors (MVT) nor PNG, JPEG, WebP or AVIF.")
        raise MapFileError(text.format(file=name))
    packings = header["internal_compression"], header["tile_compression"]
    if packings[0] is not Compression.GZIP or packings[1] not in (Compression.NONE, Compression.GZIP):
        text = _("{file}: it is packed as {packing}, and browsers unpack gzip alone.")
        raise MapFileError(text.format(file=name, packing="/".join(each.name.lower() for each in packings)))
    return header


def unpacked(data: bytes) -> bytes:
    """What was packed by gzip, and no bomb. Raises zlib.error, ValueError."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = unpacking.decompress(data, UNPACKED_BYTES)
    if not unpacking.eof:
        raise ValueError("cut off, or larger than any")
    return found


def damaged(name: str) -> MapFileError:
    """The error that says so."""
    return MapFileError(
        _("{file}: this is no PMTiles file of version 3, or a damaged one.").format(file=name)
    )


def piece(path: Path, first: int, last: int) -> Piece:
    """The bytes `first` to `last` (included; at most PIECE_BYTES) of the map in force. Raises NoMap.

    Fewer where the file ends before, none where it ends before `first`.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(first)
            data = file.read(max(0, last - first + 1))
            changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise NoMap(_("There is no map yet: `egide map import FILE`.")) from error
    return Piece(data, size, f"{size:x}-{changed_ns:x}")


def _layers(metadata: dict[str, Any]) -> tuple[str, ...]:
    """The names of the layers (TileJSON 3, `vector_layers`)."""
    listed = metadata.get("vector_layers")
    found = [each.get("id") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return tuple(str(name) for name in found if name)
