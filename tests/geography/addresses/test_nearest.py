"""Of a position no more is said than its accuracy allows, and never a house that may be another one."""

from collections.abc import Callable

import pytest

from egide.geography.addresses.book import AddressBook
from egide.geography.addresses.importing import Imported
from egide.geography.addresses.nearest import nearest
from tests.geography.addresses.conftest import STEP_M, best_row

LAT_E7, LON_E7 = 504_500_000, 39_500_000
Put = Callable[..., Imported]


def in_a_row(apart_m: float, count: int = 5, **fields: object) -> list[str]:
    """Houses 2, 4, 6 … to the north of the position, the first at it."""
    step = apart_m / STEP_M / 1e4
    return [best_row(str(2 * i + 2), f"{50.45 + i * step:.7f}", 3.95, **fields) for i in range(count)]  # type: ignore[arg-type]


def test_a_house_is_said_where_others_are_farther_than_the_accuracy(put: Put, book: AddressBook) -> None:
    put(*in_a_row(60))
    found = nearest(book, LAT_E7, LON_E7, 20)
    assert (found.level, found.number) == ("house", "2")
    assert found.text == "about Rue de l'Exemple 2, 7000 MONS (± 20 m)"


def test_in_a_row_of_houses_those_are_said_that_it_may_be(put: Put, book: AddressBook) -> None:
    put(*in_a_row(7))
    found = nearest(book, LAT_E7, LON_E7, 15)
    assert (found.level, found.number, found.numbers) == ("street", "", ("2", "6"))
    assert found.text == "about Rue de l'Exemple 2–6, 7000 MONS (± 20 m)"


@pytest.mark.parametrize("apart_m", [6.0, 9.0, 15.0, 40.0])
@pytest.mark.parametrize("accuracy_m", [3.0, 8.0, 20.0, 60.0])
def test_a_house_that_is_said_is_nearest_also_where_the_position_errs(
    put: Put, book: AddressBook, apart_m: float, accuracy_m: float
) -> None:
    """The true place is anywhere in the circle; half of it on, the house said is still among the two nearest."""
    put(*in_a_row(apart_m))
    for offset_m in (-accuracy_m / 2, 0, accuracy_m / 2):
        measured = nearest(book, LAT_E7 + round(offset_m / STEP_M * 1_000), LON_E7, accuracy_m)
        true = nearest(book, LAT_E7, LON_E7, 0)
        assert true.number == "2"
        assert measured.number in ("", "2"), (measured, offset_m)


def test_at_a_corner_both_streets_are_said(put: Put, book: AddressBook) -> None:
    other = best_row("1", 50.45, 3.9502, streets=("", "Rue du Modèle", ""))
    put(*in_a_row(30), other)
    found = nearest(book, LAT_E7, LON_E7, 25)
    assert found.level == "street"
    assert found.text == "about Rue de l'Exemple / Rue du Modèle, 7000 MONS (± 30 m)"


def test_many_streets_in_the_circle_are_a_quarter(put: Put, book: AddressBook) -> None:
    put(*(best_row("1", 50.45, 3.95 + i / 1e4, streets=("", f"Rue Inventée {i}", "")) for i in range(6)))
    found = nearest(book, LAT_E7, LON_E7, 60)
    assert (found.level, found.text, found.streets) == ("quarter", "near 7000 MONS (± 60 m)", ())


@pytest.mark.parametrize(
    ("accuracy_m", "level", "text"),
    [
        (150, "quarter", "near 7000 MONS (± 150 m)"),
        (2_000, "municipality", "in or near Mons (± 2 km)"),
        (9_000, "none", "The position is too inexact for an address (± 9 km)."),
    ],
)
def test_the_less_exact_the_less_is_said(
    put: Put, book: AddressBook, accuracy_m: float, level: str, text: str
) -> None:
    put(*in_a_row(10))
    found = nearest(book, LAT_E7, LON_E7, accuracy_m)
    assert (found.level, found.text, found.number, found.numbers) == (level, text, "", ())


def test_in_a_field_the_distance_is_said_and_no_number(put: Put, book: AddressBook) -> None:
    put(*in_a_row(10))
    found = nearest(book, LAT_E7 - 31_000, LON_E7, 10)
    assert (found.level, found.number, found.numbers) == ("street", "", ())
    assert found.text == "350 m from Rue de l'Exemple, 7000 MONS"


def test_where_no_house_is_that_is_said(put: Put, book: AddressBook) -> None:
    put(*in_a_row(10))
    for lat_e7, lon_e7 in (
        (LAT_E7 - 200_000, LON_E7),
        (0, 0),
        (900_000_000, 0),
        (-339_000_000, 1_800_000_000),
    ):
        found = nearest(book, lat_e7, lon_e7, 10)
        assert (found.level, found.text) == ("none", "No address within 1 km.")


def test_a_house_beyond_the_corner_of_the_first_look_is_not_taken_for_the_nearest(
    put: Put, book: AddressBook
) -> None:
    """The first look is a square of 50 m: its corner is farther than what is just outside its side."""
    east_45, north_45 = 45 / 70.8e3, 45 / 111.2e3
    corner = best_row(
        "1", f"{50.45 + north_45:.7f}", f"{3.95 + east_45:.7f}", streets=("", "Rue du Coin", "")
    )
    side = best_row("2", f"{50.45 + 55 / 111.2e3:.7f}", 3.95, streets=("", "Rue du Côté", ""))
    put(corner, side)
    assert nearest(book, LAT_E7, LON_E7, 20).streets[0]["fr"] == "Rue du Côté"


def test_the_demos_homes_are_in_its_plan(known: AddressBook) -> None:
    assert nearest(known, 504_518_000, 39_571_000, 0).text == "about Rue de l’Exemple 12, 7000 Mons (± 1 m)"
