"""Where an alarm comes from, and where a team that needs help is, in words and figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from egide.alarm.events import REGISTERED, REPORTED, Route
from egide.alarm.state import AlarmState, TeamFix
from egide.boards.geography import address_near, crossing_near, point_near
from egide.boards.service import last_position
from egide.boards.shown.words import Words, coordinates_of, language, place_of
from egide.geography.ground import distance_m
from egide.protocol.envelope import Position, Source

# Of a source that is no phone (decision 0104).
_WORDS: Words = {
    REGISTERED: _("Registered address of the device"),
    REPORTED: _("Position that a tracker reports"),
}
# 60 km/h.
_M_IN_A_MINUTE = 1_000


@dataclass(frozen=True)
class ShownPosition:
    """The position. `basis` is that of the route, "none" before there is one; `taken_at_ms` the fix's own time;
    `is_by_hand`: somebody entered it, nothing measured it. `address`, `crossing` and `point` of reference: near it,
    from the authority's lists and map.

    Where there is no position, nothing is written of it.
    """

    basis: str
    address: str = ""
    crossing: str = ""
    point: str = ""
    place: str = ""
    accuracy_m: int | None = None
    taken_at_ms: int = 0
    coordinates: str = ""
    geo: str = ""
    is_by_hand: bool = False

    @property
    def word(self) -> str:
        """Whose word it is, where no phone gave it; else empty."""
        return str(_WORDS.get(self.basis, ""))


@dataclass(frozen=True)
class TeamAway:
    """Where a team was last, by its own wish: how far from the person in a straight line, and the minutes that this
    takes at 60 km/h; None where nobody knows where the person is."""

    call_sign: str
    at_ms: int
    accuracy_m: int
    distance_m: int | None
    minutes: int | None


@dataclass(frozen=True)
class Help:
    """A team's call for help, and who has seen it. `coordinates` are empty when its phone gave no position."""

    by: str
    seen_by: str
    at_ms: int
    address: str
    coordinates: str
    accuracy_m: int


def is_by_hand(position: Position) -> bool:
    """Whether somebody entered it, as for a box that stands at an address (docs/box.md)."""
    return position.source == Source.MANUAL


def position_of(route: Route | None) -> ShownPosition:
    """Where the alarm comes from, as far as it is known."""
    if route is None:
        return ShownPosition("none")
    if route.position is None:
        return ShownPosition(route.basis, place=place_of(route))
    coordinates = coordinates_of(route.position)
    at = coordinates.replace(" ", "")
    return ShownPosition(
        basis=route.basis,
        address=address_of(route.position),
        crossing=crossing_near(route.position, language()),
        point=point_near(route.position, language()),
        place=place_of(route),
        accuracy_m=route.position.accuracy_m,
        taken_at_ms=(route.position_at_us or 0) // 1000,
        coordinates=coordinates,
        # RFC 5870; the query is what Android's navigation apps mark, others ignore it.
        geo=f"geo:{at}?q={at}",
        is_by_hand=is_by_hand(route.position),
    )


def help_of(state: AlarmState, people: Mapping[str, str]) -> Help | None:
    """The call for help that stands, None when there is none; `people` are titles by account."""
    called = state.help
    if called is None:
        return None
    return Help(
        by=people.get(called.by, ""),
        seen_by=people.get(called.seen_by, ""),
        at_ms=called.at_us // 1000,
        address=address_of(called.position) if called.position else "",
        coordinates=coordinates_of(called.position) if called.position else "",
        accuracy_m=called.position.accuracy_m if called.position else 0,
    )


def teams_of(state: AlarmState) -> list[TeamAway]:
    """The teams that tell where they are, the nearest first."""
    teams = [_away(fix, last_position(state)) for fix in state.team.fixes]
    return sorted(teams, key=lambda team: (team.distance_m is None, team.distance_m, team.call_sign))


def _away(fix: TeamFix, person: Position | None) -> TeamAway:
    at, distance = fix.position, None
    if person is not None:
        distance = round(distance_m(at.lat_e7, at.lon_e7, person.lat_e7, person.lon_e7))
    return TeamAway(
        call_sign=fix.call_sign,
        at_ms=fix.at_us // 1000,
        accuracy_m=at.accuracy_m,
        distance_m=distance,
        minutes=None if distance is None else -(-distance // _M_IN_A_MINUTE),
    )


def address_of(position: Position) -> str:
    """What the authority's list says of where this is; empty where there is none, or nothing may be said."""
    near = address_near(position, language())
    return near.text if near else ""
