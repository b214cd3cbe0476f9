"""The map on the page of a file: its places and the circles of its bans in force, drawn, and the same in words.

A non-disclosed address is for the managing zone alone, and so is where the circles of a ban lie: one may be drawn
around an address that stands nowhere else in the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from egide.access.pages.street_map import Maps, maps_of
from egide.access.rules import Scope
from egide.casework.file import facts as f
from egide.casework.file import words as w
from egide.casework.file.reading import File
from egide.casework.file.rules import areas_of, is_in_force
from egide.casework.pages.presenting import Value, manages
from egide.outbox.days import today

_HIDDEN = "◼"


@dataclass(frozen=True)
class Circle:
    """One circle of the map in words: what is there, of what size. A ban says by whom and until when it is."""

    name: Value
    label: str
    area: f.Area
    non_disclosed: bool = False
    is_ban: bool = False
    issuer: str = ""
    ends: date | None = None


@dataclass(frozen=True)
class Ground:
    """What is drawn: `told` is for `casework/ground.js`, as JSON. Whether something is not drawn for this reader."""

    maps: Maps
    told: str
    circles: tuple[Circle, ...]
    hides_address: bool
    hides_bans: bool


def ground_of(file: File, scope: Scope) -> Ground | None:
    """The map for this reader; None where there is nothing to draw for them."""
    writes = manages(scope, file.case)
    places, bans = tuple(_places(file, writes)), tuple(_bans(file))
    circles = (*places, *bans) if writes else places
    if not circles:
        return None
    told = {
        "places": [_drawn(one) for one in circles if not one.is_ban],
        "bans": [_drawn(one) for one in circles if one.is_ban],
    }
    return Ground(
        maps=maps_of(),
        told=msgspec.json.encode(told).decode(),
        circles=circles,
        hides_address=len(places) < len(file.places),
        hides_bans=bool(bans) and not writes,
    )


def _places(file: File, writes: bool) -> Iterator[Circle]:
    for row in file.places:
        if writes or not row.non_disclosed:
            name = w.PLACES.get(row.facts.kind, row.facts.kind)
            yield Circle(name, row.facts.address, row.facts.area, non_disclosed=row.non_disclosed)


def _bans(file: File) -> Iterator[Circle]:
    for measure in (row.facts for row in file.measures if is_in_force(row.facts, today())):
        name = w.MEASURES.get(measure.kind, measure.kind)
        for area in areas_of(measure):
            yield Circle(name, area.label, area, is_ban=True, issuer=measure.issuer, ends=measure.ends)


def _drawn(circle: Circle) -> dict[str, Any]:
    """As `egide/map.js` draws it: degrees and metres, with the word beside it."""
    return {
        "lat": circle.area.lat_e7 / 1e7,
        "lon": circle.area.lon_e7 / 1e7,
        "radius": circle.area.radius_m,
        "name": f"{_HIDDEN} {circle.name}" if circle.non_disclosed else str(circle.name),
    }
