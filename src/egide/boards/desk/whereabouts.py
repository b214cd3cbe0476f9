"""Where an alarm is, in words and for the map: position, silence of the phone, a team that asks for help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from egide.access.rules import Scope
from egide.access.templatetags.units import metres
from egide.alarm.leading import acting_centre
from egide.alarm.state import AlarmState
from egide.boards.desk.motion import motion_of, pace_m_s, taken_at_s
from egide.boards.desk.words import HEADINGS
from egide.boards.geography import Atlas
from egide.boards.service import Ground, last_position
from egide.boards.shown.map import circle, degrees, map_of
from egide.boards.shown.numbers import PlaceNumbers, numbers_of
from egide.boards.shown.words import COMPASS, language
from egide.geography.ground import bearing_deg, distance_m
from egide.protocol.envelope import Position
from egide.rollout.service import ABROAD, CENTRE, COUNTRIES, ZONE

_ROSE = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Jurisdiction:
    """What the desk says of a position beside its place and figures: whose zone, how near its border, which land."""

    zone: str
    managing_zone: str
    shares: tuple[tuple[str, int], ...] = ()
    border_m: int | None = None
    outside: str = ""
    country: str = ""
    neighbours: tuple[PlaceNumbers, ...] = ()


@dataclass(frozen=True)
class LastMove:
    """The last fix and the movement up to it. `pace_mm_s` is how fast the circle around the fix grows meanwhile."""

    taken_ms: int
    speed_km_h: int | None
    heading: str
    accuracy_m: int
    pace_mm_s: int


@dataclass(frozen=True)
class TeamPosition:
    """How the position of a team that needs help lies, seen from the person and from the nearest place."""

    from_person: str
    place: str


def jurisdiction_of(state: AlarmState, atlas: Atlas, scope: Scope) -> Jurisdiction:
    """Whose zone the position lies in; abroad, with the neighbours' numbers that the reader's centre holds."""
    route = state.lead.route
    managing = atlas.zone_name(state.origin.managing_zone, language())
    if route is None:
        return Jurisdiction(zone="", managing_zone=managing)
    centre = acting_centre(state, scope.centres)
    country = route.outside.removeprefix("abroad:") if route.outside.startswith("abroad:") else ""
    return Jurisdiction(
        zone=atlas.zone_name(route.zone, language()),
        managing_zone=managing,
        shares=tuple(
            (atlas.zone_name(share.zone, language()), round(share.share * 100))
            for share in route.candidates
            if round(share.share * 100) > 0
        ),
        border_m=route.border_m,
        outside=route.outside.split(":")[0],
        country=str(COUNTRIES.get(country, country)),
        neighbours=tuple(numbers_of(scope, ABROAD, {centre: atlas.centre_name(centre, language())}, country))
        if country
        else (),
    )


def dialog_numbers(scope: Scope, zones: Mapping[str, str], atlas: Atlas) -> dict[str, list[PlaceNumbers]]:
    """Whom to ring in the dialogs that inform a zone (`zones`: id to name) or ask another centre."""
    centres = {
        code: atlas.centre_name(code, language())
        for code in sorted(atlas.centres)
        if code not in scope.centres
    }
    return {"zones": numbers_of(scope, ZONE, zones), "centres": numbers_of(scope, CENTRE, centres)}


def last_move_of(state: AlarmState) -> LastMove | None:
    """What is shown of a phone that fell silent (safety rule 6); None when no position ever came."""
    if not state.press.trail:
        return None
    motion = motion_of(state.press.trail)
    heading = "" if motion is None or motion.heading_deg is None else _compass(motion.heading_deg)
    return LastMove(
        taken_ms=round(taken_at_s(state.press.trail[-1]) * 1000),
        speed_km_h=motion.speed_km_h if motion else None,
        heading=str(HEADINGS[heading]) if heading else "",
        accuracy_m=state.press.trail[-1].position.accuracy_m,
        pace_mm_s=round(pace_m_s(motion) * 1000),
    )


def help_place(state: AlarmState, atlas: Atlas) -> TeamPosition | None:
    """Where the team that needs help is; None when its phone gave no position (safety rule 14)."""
    at = state.help.position if state.help else None
    if at is None:
        return None
    person = last_position(state)
    return TeamPosition(
        from_person=_seen_from(person.lat_e7, person.lon_e7, at) if person else "",
        place=_nearest_place(at, atlas),
    )


def _seen_from(lat_e7: int, lon_e7: int, at: Position) -> str:
    length_m = distance_m(lat_e7, lon_e7, at.lat_e7, at.lon_e7)
    if length_m <= at.accuracy_m:
        return _("where the person is")
    compass = _compass(bearing_deg(lat_e7, lon_e7, at.lat_e7, at.lon_e7))
    return _("%(distance)s %(compass)s of the person") % {
        "distance": metres(length_m),
        "compass": COMPASS[compass],
    }


def _nearest_place(at: Position, atlas: Atlas) -> str:
    near = [
        (distance_m(round(place.lat * 1e7), round(place.lon * 1e7), at.lat_e7, at.lon_e7), place)
        for place in atlas.places_near(at.lat_e7 / 1e7, at.lon_e7 / 1e7)
    ]
    if not near:
        return ""
    length_m, place = min(near, key=lambda found: found[0])
    bearing = bearing_deg(round(place.lat * 1e7), round(place.lon * 1e7), at.lat_e7, at.lon_e7)
    return _("%(distance)s %(compass)s of %(place)s (%(bearing)s°)") % {
        "distance": metres(length_m),
        "compass": COMPASS[_compass(bearing)],
        "place": place.name,
        "bearing": round(bearing) % 360,
    }


def _compass(bearing: float) -> str:
    return _ROSE[round(bearing / 45) % 8]


def desk_map_of(state: AlarmState, ground: Ground) -> dict[str, Any]:
    """What the desk's map draws beside what every map does: silence, help, zones. Degrees, metres, milliseconds."""
    move, route = last_move_of(state), state.lead.route
    help_at = state.help.position if state.help and state.is_open else None
    return map_of(state, ground) | {
        "alarm": state.alarm,
        "silence": move
        and {
            "heard": state.press.last_contact_us // 1000,
            "taken": move.taken_ms,
            "pace": move.pace_mm_s / 1000,
        },
        "help": circle(help_at),
        "teams": [
            {**degrees(fix.position.lat_e7, fix.position.lon_e7), "name": fix.call_sign}
            for fix in state.team.fixes
        ],
        "border": route.border_m if route else None,
        "outside": bool(route and route.outside),
        "zone": route.zone if route else "",
        "touched": [share.zone for share in route.candidates] if route else [],
        "managing": state.origin.managing_zone,
    }
