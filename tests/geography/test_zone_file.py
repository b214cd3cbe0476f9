"""Import of an official zone file: every form is read, every fault is named, the old zones stay until then."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from egide.geography.locate import Locator
from egide.geography.projection import lonlat_to_metres
from egide.geography.zone_file import do_import
from egide.geography.zone_set import ZoneSet
from egide.geography.zones import IMPORTED_NAME, REFERENCE_FILE, ZoneFileError

Collection = dict[str, Any]
STATBEL = Path(__file__).parents[2] / "../shared/data/belgium-police-zones.geojson"


def write(collection: Collection, path: Path) -> Path:
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def zone_feature(collection: Collection, zone_id: str) -> Collection:
    found: Collection = next(f for f in collection["features"] if f["properties"]["id"] == zone_id)
    return found


def test_an_imported_file_replaces_the_reference_and_is_official(
    collection: Collection, source: Path, zones_dir: Path
) -> None:
    zone_feature(collection, "5324")["properties"]["name"] = "Mons-Quévy"
    done = do_import(write(collection, source), zones_dir, attribution="© Police")
    zone_set = ZoneSet.load(zones_dir)
    assert (done.zones, done.added, done.removed, done.derived_centres) == (176, (), (), ())
    assert (zone_set.label, zone_set.attribution, zone_set.problem) == ("official", "© Police", "")
    named = zone_set.zone("5324")
    assert named is not None and named.name == "Mons-Quévy" and named.municipalities == ("53053", "53084")
    assert Locator(zone_set).locate(504_542_000, 39_523_000, 15).zone == "5324"


@pytest.mark.parametrize(("name", "driver"), [("z.gpkg", "GPKG"), ("z.shp", "ESRI Shapefile")])
def test_geopackage_and_shapefile_in_lambert_are_read(
    plain: ZoneSet, tmp_path: Path, zones_dir: Path, name: str, driver: str
) -> None:
    path = tmp_path / name
    columns = [
        np.array([zone.number or 0 for zone in plain.zones], dtype=np.int32),
        np.array([zone.name for zone in plain.zones], dtype=object),
        np.array([zone.id if zone.number is None else None for zone in plain.zones], dtype=object),
    ]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.transform(plain.shapes, lonlat_to_metres)),
        columns,
        ["PZ_NR", "NAAM", "ID"],
        field_mask=[columns[0] == 0, None, None],
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        crs="EPSG:3812",
        driver=driver,
    )
    done = do_import(path, zones_dir)
    imported = ZoneSet.load(zones_dir)
    assert len(done.derived_centres) == 176
    assert [(zone.id, zone.centre) for zone in imported.zones] == [
        (zone.id, zone.centre) for zone in plain.zones
    ]
    assert shapely.area(shapely.symmetric_difference(imported.shapes, plain.shapes)).sum() < 1e-5


def _no_name(feature: Collection) -> None:
    feature["properties"]["name"] = None


def _no_number(feature: Collection) -> None:
    feature["properties"] |= {"number": None, "id": None}


def _odd_number(feature: Collection) -> None:
    feature["properties"]["number"] = 53240


def _unknown_centre(feature: Collection) -> None:
    feature["properties"]["centre"] = "XYZ"


def _same_number(feature: Collection) -> None:
    feature["properties"]["number"] = 5267


def _a_point(feature: Collection) -> None:
    feature["geometry"] = {"type": "Point", "coordinates": [3.95, 50.45]}


def _no_shape(feature: Collection) -> None:
    feature["geometry"] = None


def _bow_tie(feature: Collection) -> None:
    feature["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[3.9, 50.4], [4.0, 50.5], [4.0, 50.4], [3.9, 50.5], [3.9, 50.4]]],
    }


def _axes_swapped(feature: Collection) -> None:
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    feature["geometry"] = json.loads(shapely.to_geojson(shapely.transform(shape, lambda xy: xy[:, ::-1])))


def _overlap(feature: Collection) -> None:
    shape = shapely.from_geojson(json.dumps(feature["geometry"])).buffer(0.01)
    feature["geometry"] = json.loads(shapely.to_geojson(shape))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_no_name, "has no name"),
        (_no_number, "neither a number nor an id"),
        (_odd_number, "'53240' is not a zone number"),
        (_unknown_centre, "'XYZ' is not a dispatch centre"),
        (_same_number, "is already that of feature 0"),
        (_a_point, "not a polygon but Point"),
        (_no_shape, "not a polygon but nothing"),
        (_bow_tie, "Self-intersection"),
        (_axes_swapped, "outside Belgium"),
        (_overlap, "overlaps feature"),
    ],
)
def test_a_bad_feature_is_named_with_the_reason_and_the_old_zones_stay(
    collection: Collection,
    source: Path,
    zones_dir: Path,
    spoil: Callable[[Collection], None],
    reason: str,
    plain_file: bytes,
) -> None:
    zones_dir.mkdir()
    (zones_dir / IMPORTED_NAME).write_bytes(plain_file)
    feature = zone_feature(collection, "5324")
    index = collection["features"].index(feature)
    spoil(feature)
    with pytest.raises(ZoneFileError) as error:
        do_import(write(collection, source), zones_dir)
    assert reason in str(error.value)
    assert f"eature {index} (" in str(error.value)
    assert (zones_dir / IMPORTED_NAME).read_bytes() == plain_file
    assert ZoneSet.load(zones_dir).is_official


def test_a_file_that_leaves_part_of_the_country_without_zones_is_refused(
    collection: Collection, source: Path, zones_dir: Path
) -> None:
    collection["features"].remove(zone_feature(collection, "5415"))
    with pytest.raises(ZoneFileError, match="without a map \\(1\\): 5415 Gent"):
        do_import(write(collection, source), zones_dir)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("zones.txt", "{}", "not a zone file"),
        ("zones.geojson", "{ this is no JSON", "cannot be read"),
        ("zones.gpkg", "SQLite it is not", "cannot be read"),
        ("zones.geojson", '{"type":"FeatureCollection","features":[]}', "no feature"),
    ],
)
def test_what_is_no_zone_file_is_refused_in_words(
    tmp_path: Path, zones_dir: Path, name: str, content: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ZoneFileError, match=reason):
        do_import(path, zones_dir)
    assert not zones_dir.exists()


def test_a_field_under_another_name_can_be_pointed_at(
    collection: Collection, source: Path, zones_dir: Path
) -> None:
    for feature in collection["features"]:
        feature["properties"]["LIB"] = feature["properties"].pop("name")
    with pytest.raises(ZoneFileError, match="has no name"):
        do_import(write(collection, source), zones_dir)
    assert do_import(source, zones_dir, fields={"name": "lib"}).zones == 176


def test_a_damaged_zone_file_in_force_gives_the_reference_and_says_so(zones_dir: Path) -> None:
    zones_dir.mkdir()
    (zones_dir / IMPORTED_NAME).write_text('{"type":"FeatureCollection"')
    zone_set = ZoneSet.load(zones_dir)
    assert zone_set.label == "reference"
    assert IMPORTED_NAME in zone_set.problem


WRITER = """
import sys
from pathlib import Path
from egide.geography.zone_file import replace_file
files = [Path(name).read_bytes() for name in sys.argv[2:]]
print("ready", flush=True)
while True:
    for data in files:
        replace_file(Path(sys.argv[1]), data)
"""


def test_an_import_killed_at_any_moment_leaves_whole_zones(zones_dir: Path, tmp_path: Path) -> None:
    """A writer that replaces the file without pause is killed: what stays is one version or the other, whole."""
    other = tmp_path / "other.geojson"
    other.write_bytes(REFERENCE_FILE.read_bytes().replace(b'"label":"reference"', b'"label":"official"'))
    versions = {REFERENCE_FILE.read_bytes(), other.read_bytes()}
    target = zones_dir / IMPORTED_NAME
    for round_number in range(3):
        command = [sys.executable, "-c", WRITER, str(target), str(REFERENCE_FILE), str(other)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
            deadline_s = time.monotonic() + 10
            draft = target.with_name(f"{target.name}.new")
            while not (target.exists() and draft.exists()) and time.monotonic() < deadline_s:
                pass
            for _ in range(round_number * 800):  # another moment each round
                draft.exists()
            writer.send_signal(signal.SIGKILL)
        assert target.read_bytes() in versions
        assert len(ZoneSet.load(zones_dir).zones) == 176


def test_statbels_zones_are_imported_with_the_one_that_has_no_number(zones_dir: Path) -> None:
    if not STATBEL.is_file():
        pytest.skip("left out: no file of Statbel's zones here")
    assert do_import(STATBEL, zones_dir).zones == 176
    zone = ZoneSet.load(zones_dir).zone("noord-limburg")
    assert zone is not None and zone.number is None and zone.centre == "LIM"
