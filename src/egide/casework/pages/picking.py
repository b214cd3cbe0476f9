"""A map beside the fields of a form that say where something is."""

from typing import NamedTuple

from egide.access.pages.street_map import Maps, maps_of
from egide.casework.forms.positions import places_around

# Parts of a file whose form asks for a place, or may have one beside it.
_PARTS = frozenset({"place", "measure", "perpetrator"})


class Picking(NamedTuple):
    """The maps in force, and where they begin: degrees, latitude first."""

    maps: Maps
    middle: str


def picking_of(zone: str, part: str) -> Picking | None:
    """What a form of this part needs to choose a place on the map; None where there are no streets to choose by."""
    if part not in _PARTS:
        return None
    maps, places = maps_of(), places_around(zone)
    if not maps.has_streets or not places:
        return None
    lat = sum(place.lat for place in places) / len(places)
    lon = sum(place.lon for place in places) / len(places)
    return Picking(maps, f"{lat:.5f},{lon:.5f}")
