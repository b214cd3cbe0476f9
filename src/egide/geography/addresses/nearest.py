"""What is said of a position: a house only where it is no guess, else its street, its quarter, its municipality.

A team that is sent to a wrong house loses minutes and stands before other people's door: the less exact a position is,
the less is said of it.
"""

import math
from typing import Final, Literal, NamedTuple

import msgspec

from egide.common.text import _, language
from egide.geography.addresses.book import (
    AddressBook,
    Place,
    Street,
    address_text,
    in_language,
    length_text,
    place_text,
)
from egide.geography.addresses.words import natural
from egide.geography.ground import EARTH_RADIUS_M

# So far from an address's point somebody may stand who is at that address: the depth of a plot, half a street.
FRONT_M: Final = 40
# Beyond it the nearest house says nothing of where somebody is.
REACH_M: Final = 1_000
# Up to these accuracies the street, the quarter, the municipality is said, beyond the last nothing.
STREET_M: Final = 100
QUARTER_M: Final = 1_000
MUNICIPALITY_M: Final = 5_000
# So many streets are said for one position; where there are more, its quarter.
STREETS: Final = 3
_FIRST_LOOK_M: Final = 50
_M_PER_E7: Final = EARTH_RADIUS_M * math.radians(1e-7)  # of latitude

Level = Literal["house", "street", "quarter", "municipality", "none"]


class Nearest(msgspec.Struct, frozen=True):
    """What may be said of a position, in the reader's language: `text` with how exact it is, `where` without.

    `within_m`: what is said is true within it; None where nothing is said, or the distance is said. `distance_m`: to
    the nearest address, whether it is said or not. `number`: of a house that is said; `numbers`: the
    lowest and the highest in the first of the `streets` (names by language, the nearest first) that it may be.
    """

    level: Level
    text: str
    accuracy_m: int
    distance_m: int | None = None
    where: str = ""
    within_m: int | None = None
    number: str = ""
    numbers: tuple[str, ...] = ()
    streets: tuple[dict[str, str], ...] = ()
    place: Place | None = None


class _House(NamedTuple):
    distance_m: float
    street: int
    number: str


def nearest(book: AddressBook, lat_e7: int, lon_e7: int, accuracy_m: float = 0.0) -> Nearest:
    """What may be said of a position known within `accuracy_m`. Raises AddressFileError."""
    blur_m = math.ceil(accuracy_m)
    if blur_m > MUNICIPALITY_M:
        text = _("The position is too inexact for an address (± {distance}).")
        return Nearest("none", text.format(distance=length_text(blur_m)), blur_m)
    away_m = _distance_m(book, lat_e7, lon_e7)
    if away_m > REACH_M:
        return Nearest(
            "none", _("No address within {distance}.").format(distance=length_text(REACH_M)), blur_m
        )
    # Whoever is in a circle of `blur_m` may be nearest to each house that is no farther than this.
    is_far = away_m > FRONT_M + blur_m
    seen_m = away_m + (0 if is_far or blur_m > STREET_M else blur_m)
    houses = _within(book, lat_e7, lon_e7, seen_m)
    streets = book.streets(list(dict.fromkeys(house.street for house in houses)))
    if blur_m <= STREET_M and is_far:
        return _beside(streets[0], blur_m, round(away_m))
    if blur_m <= STREET_M and len(streets) <= STREETS:
        return _at(houses, streets, blur_m, round(away_m))
    return _in(streets[0].place, blur_m, round(away_m))


def _at(houses: list[_House], streets: list[Street], blur_m: int, away_m: int) -> Nearest:
    """At one of these houses, the nearest first."""
    numbers = sorted((house.number for house in houses if house.street == streets[0].id), key=natural)
    is_sure = len(houses) == 1
    said = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
    if len(streets) == 1:
        name = address_text(streets[0], said, language())
    else:
        names = " / ".join(dict.fromkeys(in_language(street.names, language()) for street in streets))
        name = f"{names}, {place_text(streets[0].place, language())}"
    within_m = max(blur_m, away_m)
    return Nearest(
        "house" if is_sure else "street",
        _("about {address} (± {distance})").format(address=name, distance=length_text(within_m)),
        blur_m,
        away_m,
        where=_("about {address}").format(address=name),
        within_m=within_m,
        number=numbers[0] if is_sure else "",
        numbers=() if is_sure else (numbers[0], numbers[-1]),
        streets=tuple(street.names for street in streets),
        place=streets[0].place,
    )


def _beside(street: Street, blur_m: int, away_m: int) -> Nearest:
    """In no street: in a field, a wood, on a motorway."""
    text = _("{distance} from {address}").format(
        distance=length_text(away_m), address=address_text(street, "", language())
    )
    return Nearest("street", text, blur_m, away_m, where=text, streets=(street.names,), place=street.place)


def _in(place: Place, blur_m: int, away_m: int) -> Nearest:
    """Somewhere in a quarter, or in its municipality."""
    if blur_m <= QUARTER_M:
        name, within_m = place_text(place, language()), max(blur_m, away_m)
        text = _("near {place} (± {distance})").format(place=name, distance=length_text(within_m))
        where = _("near {place}").format(place=name)
        return Nearest("quarter", text, blur_m, away_m, where, within_m, place=place)
    municipality = place.municipality or place.names
    name = in_language(municipality, language())
    text = _("in or near {municipality} (± {distance})").format(
        municipality=name, distance=length_text(blur_m)
    )
    where = _("in or near {municipality}").format(municipality=name)
    return Nearest("municipality", text, blur_m, away_m, where, blur_m, place=Place("", {}, municipality))


def _distance_m(book: AddressBook, lat_e7: int, lon_e7: int) -> float:
    """To the nearest house; infinite where none is within reach."""
    look_m = float(_FIRST_LOOK_M)
    while True:
        found = [house.distance_m for house in _positions(book, lat_e7, lon_e7, look_m)]
        if found and min(found) <= look_m:
            return min(found)
        if found:
            # It stands in a corner of the square: another one may be nearer beyond its side.
            look_m = min(found)
        elif look_m >= REACH_M:
            return math.inf
        else:
            look_m = min(2 * look_m, REACH_M)


_SQUARE: Final = "near.north >= ? AND near.south <= ? AND near.east >= ? AND near.west <= ?"


def _positions(book: AddressBook, lat_e7: int, lon_e7: int, half_m: float) -> list[_House]:
    """All houses in a square, at their distance alone."""
    rows = book.rows(f"SELECT south, west FROM near WHERE {_SQUARE}", _sides(lat_e7, lon_e7, half_m))
    scale = math.cos(math.radians(lat_e7 / 1e7))
    return [_House(_flat_m(lat - lat_e7, (lon - lon_e7) * scale), 0, "") for lat, lon in rows]


def _within(book: AddressBook, lat_e7: int, lon_e7: int, radius_m: float) -> list[_House]:
    """The houses in a circle, the nearest first."""
    rows = book.rows(
        "SELECT south, west, house.street, house.number FROM near CROSS JOIN house ON house.id = near.id"
        f" WHERE {_SQUARE}",
        _sides(lat_e7, lon_e7, radius_m),
    )
    scale = math.cos(math.radians(lat_e7 / 1e7))
    found = [_House(_flat_m(lat - lat_e7, (lon - lon_e7) * scale), *house) for lat, lon, *house in rows]
    return sorted(house for house in found if house.distance_m <= radius_m + _M_PER_E7)


def _sides(lat_e7: int, lon_e7: int, half_m: float) -> tuple[int, int, int, int]:
    """South, north, west, east of the square around a position."""
    high = math.ceil(half_m / _M_PER_E7)
    # At the poles it would be without end.
    wide = math.ceil(high / max(0.01, math.cos(math.radians(lat_e7 / 1e7))))
    return lat_e7 - high, lat_e7 + high, lon_e7 - wide, lon_e7 + wide


def _flat_m(north_e7: float, east_e7: float) -> float:
    """Within a kilometre the earth is flat to some centimetres."""
    return math.hypot(north_e7, east_e7) * _M_PER_E7
