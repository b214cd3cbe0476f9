"""Where an alarm comes from, in words and figures."""

from dataclasses import dataclass

from egide.alarm.events import Route
from egide.boards.shown.words import coordinates_of, place_of


@dataclass(frozen=True)
class Spot:
    """The position in words and figures. `taken_at_ms` is the fix's own time, 0 where there is none."""

    basis: str
    place: str
    accuracy_m: int | None = None
    taken_at_ms: int = 0
    coordinates: str = ""
    geo: str = ""
    outside: str = ""


def spot_of(route: Route | None) -> Spot:
    """Where the alarm comes from, as far as it is known."""
    if route is None or route.position is None:
        return Spot(basis=route.basis if route else "none", place="", outside=route.outside if route else "")
    coordinates = coordinates_of(route.position)
    at = coordinates.replace(" ", "")
    return Spot(
        basis=route.basis,
        place=place_of(route),
        accuracy_m=route.position.accuracy_m,
        taken_at_ms=(route.position_at_us or 0) // 1000,
        coordinates=coordinates,
        # RFC 5870; the query is what Android's navigation apps mark, others ignore it.
        geo=f"geo:{at}?q={at}",
        outside=route.outside,
    )
