"""What `Locator.locate` says of known places, borders, neighbours, the sea, and of any position at all."""

import subprocess
import sys

import msgspec
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.geography.locate import Location, Locator, locator_of
from egide.geography.projection import lonlat_to_metres, metres_to_lonlat
from egide.geography.zone_set import ZoneSet
from tests.support.examples import examples

MONS, GENT, LIEGE, EUPEN = (50.4542, 3.9523), (51.0536, 3.7252), (50.6451, 5.5734), (50.6306, 6.0332)


def at(locator: Locator, lat: float, lon: float, accuracy_m: float = 15) -> Location:
    return locator.locate(round(lat * 1e7), round(lon * 1e7), accuracy_m)


@pytest.mark.parametrize(
    ("position", "zone", "centre"),
    [
        (MONS, "5324", "HAI"),
        (GENT, "5415", "OVL"),
        (LIEGE, "5277", "LIE"),
        (EUPEN, "5292", "LIE"),
        ((50.8467, 4.3525), "5339", "BRU"),
        ((50.2841, 6.1253), "5291", "LIE"),
    ],
)
def test_a_town_lies_in_its_zone_and_centre(
    locator: Locator, position: tuple[float, float], zone: str, centre: str
) -> None:
    found = at(locator, *position)
    assert (found.zone, found.centre, found.outside, found.nearest_zone) == (zone, centre, None, None)
    assert [(part.zone, part.share) for part in found.candidates] == [(zone, 1.0)]


def test_a_circle_on_a_border_names_both_zones_with_shares_that_add_up_to_one(
    locator: Locator, reference: ZoneSet
) -> None:
    shapes = {zone.id: shape for zone, shape in zip(reference.zones, reference.shapes, strict=True)}
    border = shapely.intersection(shapes["5324"], shapes["5327"])
    middle = shapely.line_interpolate_point(shapely.line_merge(border), 0.5, normalized=True)
    middle = middle if middle.geom_type == "Point" else border.representative_point()
    found = at(locator, middle.y, middle.x, 300)
    assert {"5324", "5327"} <= {part.zone for part in found.candidates}
    assert sum(part.share for part in found.candidates) == pytest.approx(1, abs=1e-9)
    assert found.zone == found.candidates[0].zone
    assert found.candidates[0].share >= found.candidates[1].share > 0.05
    assert found.border_m <= 2


def test_the_most_probable_zone_is_the_one_with_most_of_the_circle(locator: Locator) -> None:
    found = at(locator, *MONS, 6_000)
    assert found.zone == "5324"
    assert len(found.candidates) > 1
    assert found.candidates[0].share == max(part.share for part in found.candidates)


def test_the_border_is_as_far_as_the_zones_outline(locator: Locator, reference: ZoneSet) -> None:
    found = at(locator, *MONS)
    shape = shapely.transform(reference.shapes[_number(reference, "5324")], lonlat_to_metres)
    point = shapely.transform(shapely.Point(MONS[1], MONS[0]), lonlat_to_metres)
    assert found.border_m == round(shape.boundary.distance(point))


def test_a_circle_over_the_national_border_keeps_the_foreign_part_apart(locator: Locator) -> None:
    found = at(locator, 50.7640, 6.0100, 3_000)
    assert 0.05 < found.outside_share < 0.95
    assert sum(part.share for part in found.candidates) + found.outside_share == pytest.approx(1, abs=1e-9)


def test_the_position_is_described_from_the_nearest_place(locator: Locator) -> None:
    place = at(locator, 50.4642, 3.9523).place
    assert place is not None
    assert (place.name, place.compass) == ("Mons", "N")
    assert 1_000 < place.distance_m < 1_250


@pytest.mark.parametrize(
    ("position", "country", "nearest"),
    [
        ((50.6292, 3.0573), "FR", {"5318", "5317"}),
        ((50.7753, 6.0839), "DE", {"5292"}),
        ((50.8514, 5.6910), "NL", {"5853", "5379", "5382"}),
        ((49.6116, 6.1319), "LU", {"5297", "5298"}),
        ((51.2787, 1.2), "GB", None),
    ],
    ids=["Lille", "Aachen", "Maastricht", "Luxembourg", "Kent"],
)
def test_rule_07_abroad_or_outside_is_said_at_once_with_the_nearest_zone(
    locator: Locator,
    reference: ZoneSet,
    position: tuple[float, float],
    country: str,
    nearest: set[str] | None,
) -> None:
    found = at(locator, *position)
    assert found.outside == f"abroad:{country}"
    assert found.zone is None
    assert found.nearest_zone is not None
    assert nearest is None or found.nearest_zone in nearest
    named = reference.zone(found.nearest_zone)
    assert named is not None and found.centre == named.centre


def test_off_the_coast_the_nearest_zone_answers_up_to_three_kilometres(locator: Locator) -> None:
    near, far = at(locator, 51.2500, 2.9100), at(locator, 51.4500, 2.7000)
    assert (near.outside, near.zone, near.nearest_zone, near.centre) == ("sea", "5449", "5449", "WVL")
    assert near.border_m < 3_000
    assert (far.outside, far.zone, far.centre) == ("sea", None, "WVL")


def test_far_away_nothing_is_known_and_the_centre_decides_by_hand(locator: Locator) -> None:
    found = at(locator, 40.0, -3.0)
    assert (found.outside, found.zone, found.centre, found.place) == ("unknown", None, None, None)
    assert found.nearest_zone is not None
    assert 1_000_000 < found.border_m < 1_600_000


def test_an_inaccurate_position_just_abroad_still_names_the_zone_that_the_circle_touches(
    locator: Locator,
) -> None:
    found = at(locator, 50.7753, 6.0839, 8_000)
    assert found.outside == "abroad:DE"
    assert found.zone == found.candidates[0].zone == "5292"


@settings(max_examples=examples(100))
@given(
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
    st.integers(0, 65_535),
)
def test_any_valid_position_gets_an_answer(lat_e7: int, lon_e7: int, accuracy_m: int) -> None:
    check_answer(locator_of().locate(lat_e7, lon_e7, accuracy_m))


@settings(max_examples=examples(100))
@given(st.integers(494_000_000, 516_000_000), st.integers(24_000_000, 65_000_000), st.integers(0, 65_535))
def test_any_position_around_the_country_gets_an_answer(lat_e7: int, lon_e7: int, accuracy_m: int) -> None:
    check_answer(locator_of().locate(lat_e7, lon_e7, accuracy_m))


def check_answer(found: Location) -> None:
    """What holds for every answer."""
    assert sum(part.share for part in found.candidates) + found.outside_share == pytest.approx(1, abs=1e-9)
    assert all(0 < part.share <= 1 + 1e-9 for part in found.candidates)
    assert (found.outside is None) == (found.nearest_zone is None)
    assert found.outside is not None or (found.zone is not None and found.centre is not None)
    assert found.border_m >= 0
    assert found.place is None or (0 <= found.place.bearing_deg < 360 and found.place.distance_m >= 0)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Location) == found


def test_every_centre_answers_for_each_of_its_zones(locator: Locator, reference: ZoneSet) -> None:
    for zone, shape in zip(reference.zones, reference.shapes, strict=True):
        inside = shapely.point_on_surface(shape)
        found = at(locator, inside.y, inside.x, 0)
        assert (found.zone, found.centre) == (zone.id, zone.centre)


def test_degrees_survive_the_way_to_metres_and_back(reference: ZoneSet) -> None:
    lonlat = shapely.get_coordinates(reference.shapes[:20])
    assert abs(metres_to_lonlat(lonlat_to_metres(lonlat)) - lonlat).max() < 1e-11


def _number(zone_set: ZoneSet, zone_id: str) -> int:
    return [zone.id for zone in zone_set.zones].index(zone_id)


def test_the_alarm_path_loads_neither_gdal_nor_proj() -> None:
    code = (
        "import sys, egide.geography.locate, egide.routing.service;"
        "print([name for name in ('pyogrio', 'pyproj') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
