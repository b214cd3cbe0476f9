"""Measures in force, and a position's circle held against an area's circle."""

from datetime import date

import pytest

from egide.casework.file.facts import Area, MeasureFacts
from egide.casework.file.rules import age_years, is_in_force, relate
from egide.protocol.envelope import Position

AREA = Area(lat_e7=504_500_000, lon_e7=39_500_000, radius_m=300)
# One metre of latitude, in 1e-7 degree.
METRE_E7 = 89.93


def at(north_m: int, accuracy_m: int) -> Position:
    return Position(AREA.lat_e7 + round(north_m * METRE_E7), AREA.lon_e7, accuracy_m)


@pytest.mark.parametrize(
    ("north_m", "accuracy_m", "where", "gap_m"),
    [
        (0, 20, "inside", 0),
        (279, 20, "inside", 0),
        (285, 20, "touches", 0),
        (319, 20, "touches", 0),
        (330, 20, "outside", 10),
        (1000, 50, "outside", 650),
        (0, 5000, "touches", 0),
    ],
)
def test_a_circle_is_inside_only_when_no_point_of_it_is_outside(
    north_m: int, accuracy_m: int, where: str, gap_m: int
) -> None:
    relation = relate(AREA, at(north_m, accuracy_m))
    assert relation.where == where
    assert relation.gap_m == pytest.approx(gap_m, abs=2)


def test_without_a_position_nothing_is_claimed() -> None:
    assert relate(AREA, None).where == "unknown"


@pytest.mark.parametrize(
    ("today", "in_force"),
    [
        (date(2026, 3, 11), False),
        (date(2026, 3, 12), True),
        (date(2026, 6, 12), True),
        (date(2026, 6, 13), False),
    ],
)
def test_a_measure_holds_on_its_first_and_on_its_last_day(today: date, in_force: bool) -> None:
    measure = MeasureFacts(kind="place-ban", issuer="x", starts=date(2026, 3, 12), ends=date(2026, 6, 12))
    assert is_in_force(measure, today) is in_force


def test_a_measure_without_an_end_holds() -> None:
    assert is_in_force(
        MeasureFacts(kind="contact-ban", issuer="x", starts=date(2020, 1, 1)), date(2030, 1, 1)
    )


def test_somebody_born_on_the_29th_of_february_is_a_year_older_on_the_first_of_march() -> None:
    assert age_years(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert age_years(date(2000, 2, 29), date(2026, 3, 1)) == 26
