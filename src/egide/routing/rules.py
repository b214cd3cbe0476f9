"""Pure rules of routing: to whom an alarm goes, from the best position known, and when it is routed anew."""

from collections.abc import Callable

from egide.alarm.events import AlarmRouted, Candidate, Ladder, Place, PositionLocated, Route
from egide.alarm.rules import placed_source
from egide.alarm.state import AlarmState, Fix
from egide.events.base import Event
from egide.geography.locate import Location
from egide.protocol.envelope import Position

# An older fix is where she was, not where she is: the desk says so.
STALE_S = 120

Locate = Callable[[int, int, float], Location]
LadderOf = Callable[[str], Ladder]


def decide_route(state: AlarmState, locate: Locate, now_us: int, ladder_of: LadderOf) -> list[Event]:
    """The first route, a new one when zone or centre changed, or the news that the position was placed.

    The first route freezes the ladder of its centre into the alarm.

    A position of a source that is no phone serves where no phone gave any; `basis` says whose word it is.
    Without any position the home zone of the file stands in, and `basis` says so (safety rules 2 and 7).
    """
    route = _route(state, locate, now_us)
    known = state.lead.route
    if not route.centre:
        # Its first event cannot be read: unrouted it stays with every supervisor, instead of going to nobody.
        return []
    if known is not None and (route.basis == "home" or known == route):
        return []
    if known is None or (known.zone, known.centre) != (route.zone, route.centre):
        frozen = None if state.ladder else ladder_of(route.centre)
        return [AlarmRouted(route=route, ladder=frozen)]
    return [PositionLocated(route=route)]


def _route(state: AlarmState, locate: Locate, now_us: int) -> Route:
    origin = state.origin
    if not state.press.trail:
        placed = placed_source(state)
        if placed is not None and placed.position is not None:
            return _located(state, locate, placed.position, placed.position_from, placed.taken_at_us)
        return Route(
            zone=origin.home_zone, centre=origin.home_centre, managing_zone=origin.managing_zone, basis="home"
        )
    fix = state.press.trail[-1]
    is_current = not state.press.without_fix and _age_s(fix, now_us) <= STALE_S
    basis = "position" if is_current else "last known"
    return _located(state, locate, fix.position, basis, fix.taken_at_us)


def _located(state: AlarmState, locate: Locate, position: Position, basis: str, at_us: int) -> Route:
    location = locate(position.lat_e7, position.lon_e7, position.accuracy_m)
    origin = state.origin
    return Route(
        zone=location.zone or location.nearest_zone or origin.home_zone,
        # Neither zone nor neighbour is known: the home centre gets the alarm and decides by hand.
        centre=location.centre or origin.home_centre,
        managing_zone=origin.managing_zone,
        basis=basis,
        outside=location.outside or "",
        candidates=tuple(Candidate(share.zone, round(share.share, 4)) for share in location.candidates),
        border_m=location.border_m,
        place=_place(location),
        position=position,
        position_at_us=at_us,
    )


def _age_s(fix: Fix, now_us: int) -> float:
    return (now_us - fix.taken_at_us) / 1e6


def _place(location: Location) -> Place | None:
    near = location.place
    return None if near is None else Place(near.name, near.distance_m, near.bearing_deg, near.compass)
