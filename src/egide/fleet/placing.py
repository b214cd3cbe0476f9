"""Where something stands that an officer names on a form of kits: by the same words, map and addresses as in files."""

from dataclasses import dataclass

from django import forms

from egide.casework.forms.positions import NAMED_RADIUS_M, parse_position, places_around
from egide.casework.pages.picking import Picking, has_addresses, picking_of
from egide.common.folding import fold
from egide.protocol.envelope import Position, Source

LEAST_M, MOST_M = 1, 5000


class NoPlace(ValueError):
    """What was typed is no place; `str` of it is a sentence for who typed it."""


@dataclass(frozen=True)
class Placing:
    """What a form needs to ask for a place: the map where there are streets, and whether there are addresses."""

    picking: Picking | None
    suggests: bool
    names: tuple[str, ...]


def placing_in(zone: str) -> Placing:
    """For officers of this zone."""
    names = tuple(sorted({place.name for place in places_around(zone)}))
    return Placing(picking_of(zone, "place"), has_addresses("place"), names)


def place_typed(text: str, radius: str, zone: str) -> Position | None:
    """None where nothing was typed. `radius` in metres. Raises NoPlace."""
    if not text.strip():
        return None
    if not radius.strip().isdecimal() or not LEAST_M <= int(radius) <= MOST_M:
        raise NoPlace("radius")
    known = {fold(place.name): place for place in places_around(zone)}
    try:
        found = parse_position(text, known)
    except forms.ValidationError as error:
        raise NoPlace(" ".join(error.messages)) from error
    # The name of a town stands for its middle.
    radius_m = max(int(radius), NAMED_RADIUS_M) if found.is_named else int(radius)
    return Position(found.lat_e7, found.lon_e7, radius_m, 0, Source.MANUAL)
