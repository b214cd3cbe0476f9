"""A map is put in force whole or not at all, whatever the file holds."""

import fcntl
import gzip
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from PIL import Image
from pmtiles.convert import pmtiles_to_mbtiles
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from egide.common.files import lock_file
from egide.demo.plan_map import write_map
from egide.geography.tiles import archive, importing
from egide.geography.tiles.archive import AERIAL, STREETS, MapFileError, NoMap, about, piece
from egide.geography.tiles.importing import do_import
from tests.geography.tiles.conftest import TOWN

Change = Callable[[bytearray], None]


def tiles_of(path: Path) -> dict[tuple[int, int, int], bytes]:
    """All tiles of a PMTiles file, as another program reads them."""
    with path.open("rb") as file:
        return {place: bytes(data) for place, data in all_tiles(MmapSource(file))}


def write_tiles(path: Path, *, layers: tuple[str, ...] = ("roads",), **header: Any) -> Path:
    """A PMTiles file with one tile above Mons."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(12, 2093, 1381), gzip.compress(b"tile"))
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": 39_000_000,
                "min_lat_e7": 504_000_000,
                "max_lon_e7": 40_000_000,
                "max_lat_e7": 505_000_000,
                "center_zoom": 12,
                "center_lon_e7": 39_500_000,
                "center_lat_e7": 504_500_000,
            }
            | header,
            {"vector_layers": [{"id": name} for name in layers]},
        )
    return path


def write_mbtiles(path: Path, tiles: dict[tuple[int, int, int], bytes], **metadata: str) -> Path:
    """An MBTiles file; tiles by zoom, column and row counted from the north."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        database.execute(
            "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
        )
        database.executemany("INSERT INTO metadata VALUES (?,?)", metadata.items())
        database.executemany(
            "INSERT INTO tiles VALUES (?,?,?,?)",
            [(z, x, (1 << z) - 1 - y, data) for (z, x, y), data in tiles.items()],
        )
    return path


def picture(colour: str, form: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (256, 256), colour).save(made, form)
    return made.getvalue()


def test_a_map_of_vectors_is_in_force_as_it_is(drawn: Path, target: Path) -> None:
    heard: list[int] = []
    done = do_import(drawn, target, STREETS, heard.append)
    assert target.read_bytes() == drawn.read_bytes() and sum(heard) == drawn.stat().st_size
    assert done.tiles == len(tiles_of(drawn)) > 10
    found = about(target)
    assert found == done.about
    assert (found.kind, found.min_zoom, found.max_zoom, found.is_invented) == ("vector", 10, 15, True)
    assert "roads" in found.layers and found.south < 50.4518 < found.north
    assert not list(target.parent.glob("*.new"))


def test_the_same_map_as_mbtiles_gives_the_same_tiles(drawn: Path, target: Path, tmp_path: Path) -> None:
    other = tmp_path / "plan.mbtiles"
    pmtiles_to_mbtiles(drawn, other)
    done = do_import(other, target, STREETS)
    assert tiles_of(target) == tiles_of(drawn) and done.tiles == len(tiles_of(drawn))
    assert done.about.layers == about_of(drawn).layers
    assert done.about.west == pytest.approx(about_of(drawn).west, abs=1e-6)


def about_of(path: Path) -> archive.About:
    return archive.read_about(path)


def test_streets_stand_where_they_were_drawn_with_their_names_by_language(drawn: Path) -> None:
    names = set()
    for (zoom, _x, _y), data in tiles_of(drawn).items():
        roads = mapbox_vector_tile.decode(gzip.decompress(data)).get("roads", {"features": []})
        named = [each["properties"] for each in roads["features"] if "name" in each["properties"]]
        assert zoom >= 11 or not named
        names |= {(each["name"], each["name:fr"], each["name:nl"]) for each in named}
    assert len(names) == TOWN.streets
    assert all(name == f"{french} - {dutch}" for name, french, dutch in names)


@pytest.mark.parametrize(("form", "word"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_pictures_without_bounds_lie_where_their_tiles_do(
    form: str, word: str, target: Path, tmp_path: Path
) -> None:
    tiles = {(12, 2093, 1381): picture("red", form), (12, 2094, 1381): picture("blue", form)}
    done = do_import(write_mbtiles(tmp_path / "air.mbtiles", tiles, format=word), target, AERIAL)
    assert tiles_of(target) == tiles
    found = done.about
    assert (found.kind, found.image) == ("raster", f"image/{form.lower()}")
    assert (found.west, found.east) == pytest.approx((3.955, 4.131), abs=1e-3)
    assert found.south < 50.45 < found.north


def test_the_source_is_named_without_its_links(target: Path, tmp_path: Path) -> None:
    source = write_mbtiles(
        tmp_path / "air.mbtiles",
        {(12, 2093, 1381): picture("red")},
        format="jpg",
        attribution='<a href="https://x.example">&copy; OpenStreetMap</a> contributors',
    )
    assert do_import(source, target, STREETS).about.attribution == "© OpenStreetMap contributors"


def rubbish(path: Path) -> Path:
    path.write_bytes(b"\x00rubbish" * 100)
    return path


def cut(path: Path) -> Path:
    write_map(path, (TOWN,))
    path.write_bytes(path.read_bytes()[:-100])
    return path


def changed(offset: int, value: int) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        data = bytearray(write_tiles(path).read_bytes())
        data[offset] = value
        path.write_bytes(data)
        return path

    return make


def bomb(path: Path) -> Path:
    """Metadata that unpack to more than anybody has to say."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(0, gzip.compress(b"tile"))
        header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "center_zoom": 0}
        places = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_lon_e7", "center_lat_e7")
        writer.finalize(header | dict.fromkeys(places, 0), {"attribution": " " * 70_000_000})
    return path


def no_tiles(path: Path) -> Path:
    return write_mbtiles(path, {}, format="png", bounds="3.9,50.4,4.0,50.5")


def no_table(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE other (one)")
    return path


@pytest.mark.parametrize(
    ("make", "kind", "why"),
    [
        (rubbish, STREETS, "neither a PMTiles nor an MBTiles file"),
        (lambda path: path, STREETS, "there is no such file"),
        (lambda path: path.parent, STREETS, "cannot be read"),
        (cut, STREETS, "a damaged one"),
        (changed(7, 2), STREETS, "no PMTiles file of version 3"),
        (changed(97, 3), STREETS, "packed as brotli/gzip"),
        (changed(98, 4), STREETS, "packed as gzip/zstd"),
        (changed(99, 6), STREETS, "neither vectors"),
        (changed(130, 255), STREETS, "a damaged one"),
        (bomb, STREETS, "a damaged one"),
        (lambda path: write_tiles(path, layers=("ways", "lakes")), STREETS, "Its layers: ways, lakes"),
        (lambda path: write_tiles(path, layers=()), STREETS, "Its layers: –"),
        (lambda path: write_tiles(path, min_lon_e7=80_000_000, max_lon_e7=90_000_000), STREETS, "another country"),
        (write_tiles, AERIAL, "an aerial picture is made of pictures"),
        (no_tiles, STREETS, "there is no tile in it"),
        (no_table, STREETS, "no MBTiles file, or a damaged one"),
        (lambda path: write_mbtiles(path, {(0, 0, 0): b"x"}, format="svg"), STREETS, "neither vectors"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_named_and_changes_nothing(
    make: Callable[[Path], Path], kind: str, why: str, drawn: Path, target: Path, tmp_path: Path
) -> None:
    do_import(drawn, target, STREETS)
    with pytest.raises(MapFileError, match=why):
        do_import(make(tmp_path / "wrong.file"), target, kind)
    assert target.read_bytes() == drawn.read_bytes()
    assert sorted(path.name for path in target.parent.iterdir()) == [
        "streets.pmtiles",
        "streets.pmtiles.lock",
    ]


def test_a_tile_that_is_longer_than_what_is_handed_out_is_refused(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = {(12, 2093, 1381): picture("red")}
    source = write_mbtiles(tmp_path / "air.mbtiles", tiles, format="jpg")
    monkeypatch.setattr(importing, "PIECE_BYTES", 200)
    with pytest.raises(MapFileError, match="a damaged one"):
        do_import(source, target, STREETS)
    assert not target.exists()


def test_one_import_at_a_time(drawn: Path, target: Path) -> None:
    target.parent.mkdir()
    with lock_file(target.with_name("streets.pmtiles.lock")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(MapFileError, match="Another import is under way"):
            do_import(drawn, target, STREETS)
    do_import(drawn, target, STREETS)


def test_a_disk_that_takes_nothing_is_named(drawn: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MapFileError, match=r"cannot be written .*as much room as the file"):
        do_import(drawn, tmp_path / "file" / "streets.pmtiles", STREETS)


def test_a_piece_is_what_the_file_has_there(drawn: Path, tmp_path: Path) -> None:
    data = drawn.read_bytes()
    assert piece(drawn, 0, 126).data == data[:127]
    found = piece(drawn, len(data) - 10, len(data) + 1000)
    assert (found.data, found.size) == (data[-10:], len(data))
    assert piece(drawn, len(data), len(data) + 5).data == b""
    assert piece(drawn, 5, 4).data == b""
    with pytest.raises(NoMap):
        piece(tmp_path / "none", 0, 1)
    other = tmp_path / "other"
    other.write_bytes(data)
    assert piece(other, 0, 1).mark != found.mark


def test_what_is_in_force_is_looked_at_again_when_another_one_is(drawn: Path, target: Path) -> None:
    with pytest.raises(NoMap):
        about(target)
    do_import(drawn, target, STREETS)
    assert about(target).is_invented
    write_tiles(target)
    assert not about(target).is_invented
    target.write_bytes(b"rubbish")
    with pytest.raises(MapFileError):
        about(target)
