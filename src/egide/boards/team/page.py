"""What a team's page shows: where, who leads, what the centre wrote for it, which bans the position breaches."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import get_language

from egide.access.rules import Scope
from egide.access.service import titles
from egide.alarm.events import Route
from egide.alarm.ladder import responsible
from egide.alarm.rows import PAGE, TEAM, Speaker
from egide.alarm.state import AlarmState, Note
from egide.boards import service
from egide.boards.service import Ban
from egide.boards.shown.acts import acts_of
from egide.boards.shown.clocks import dues_of
from egide.boards.shown.geography import atlas
from egide.boards.shown.words import OUTCOMES, place_of
from egide.outbox.service import clock

_FINE = 5  # digits of a degree: about a metre
_TRAIL_SHOWN = 200


@dataclass(frozen=True)
class Actor:
    """Who looks at a team's page. `call_sign` is empty for an officer of the zone; `by` stands in what they do.

    `base` is the address of the page; `may_report` whether taps are theirs to make. `device` is the hash of the secret
    of the device that opened a link, which lasts until `lasts_until_s`.
    """

    scope: Scope
    state: AlarmState
    by: str
    base: str
    call_sign: str = ""
    may_report: bool = True
    device: str = ""
    lasts_until_s: int = 0


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


@dataclass(frozen=True)
class Lead:
    """Who leads: the centre with its operator, the zone with the name that it gave, and who has to act now.

    `moved_to` and `handed_to` are the zone and the centre that are asked to take over; until then these lead.
    """

    centre: str
    operator: str
    zone: str
    reference: str
    now: str
    moved_to: str
    handed_to: str


@dataclass(frozen=True)
class NoteLine:
    """A note for the team, with its author."""

    by: str
    text: str
    at_ms: int


def now_context(actor: Actor) -> dict[str, Any]:
    """All that changes while the team is on its way; everything else is the file."""
    state, speaker = actor.state, Speaker(TEAM, call_sign=actor.call_sign)
    bans = service.bans_of(state)
    notes = [note for note in state.lead.notes if note.for_team]
    names = titles(_people(state, notes))
    return {
        "actor": actor,
        "state": state,
        "now_ms": clock().now_us() // 1000,
        "spot": spot_of(state.lead.route),
        "bans": bans,
        "file_key": " ".join([*(ban.relation.where for ban in bans), str(service.hides_address(state))]),
        "lead": lead_of(state, names),
        "notes": [NoteLine(names[note.user], note.text, note.at_us // 1000) for note in reversed(notes)],
        "help_by": names.get(state.help.by, "") if state.help else "",
        "help_seen_by": names.get(state.help.seen_by, "") if state.help else "",
        "closed_by": names.get(state.closing.closed_by, ""),
        "outcome": OUTCOMES.get(state.closing.outcome, state.closing.outcome),
        "is_sent": not actor.call_sign
        or state.team.named is None
        or state.team.named.call_sign == actor.call_sign,
        "dues": dues_of(state),
        "offered": " ".join(act.name for act in acts_of(state, speaker) if act.lane != PAGE),
        "map": msgspec.json.encode(map_of(state, bans)).decode(),
    }


def _people(state: AlarmState, notes: list[Note]) -> list[str]:
    helped = (state.help.by, state.help.seen_by) if state.help else ()
    return [state.lead.acknowledged_by, state.closing.closed_by, *helped, *(note.user for note in notes)]


def spot_of(route: Route | None) -> Spot:
    """Where the alarm comes from, as far as it is known."""
    if route is None or route.position is None:
        return Spot(basis=route.basis if route else "none", place="", outside=route.outside if route else "")
    lat, lon = (f"{value / 1e7:.{_FINE}f}" for value in (route.position.lat_e7, route.position.lon_e7))
    return Spot(
        basis=route.basis,
        place=place_of(route),
        accuracy_m=route.position.accuracy_m,
        taken_at_ms=(route.position_at_us or 0) // 1000,
        coordinates=f"{lat}, {lon}",
        # RFC 5870; the query is what Android's navigation apps mark, others ignore it.
        geo=f"geo:{lat},{lon}?q={lat},{lon}",
        outside=route.outside,
    )


def lead_of(state: AlarmState, names: dict[str, str]) -> Lead:
    """Who leads, with the names that are shown for accounts."""
    geography, language = atlas(), language_code()
    acting = responsible(state)
    now = ""
    if acting is not None:
        unit = geography.centre_name if acting.kind == "centre" else geography.zone_name
        person = names.get(acting.person, acting.person)
        now = " · ".join(filter(None, (unit(acting.id, language) if acting.id else "", person)))
    return Lead(
        centre=geography.centre_name(state.lead.centre, language) if state.lead.centre else "",
        operator=names.get(state.lead.acknowledged_by, ""),
        zone=geography.zone_name(state.lead.zone, language) if state.lead.zone else "",
        reference=state.lead.zone_reference,
        now=now,
        moved_to=geography.zone_name(state.lead.zone_moved_to, language) if state.lead.zone_moved_to else "",
        handed_to=geography.centre_name(state.lead.handover_to, language) if state.lead.handover_to else "",
    )


def map_of(state: AlarmState, bans: list[Ban]) -> dict[str, Any]:
    """What the map draws: degrees and metres."""
    position = service.last_position(state)
    return {
        "duress": state.press.duress,
        "old": bool(state.lead.route and state.lead.route.basis == "last known"),
        "position": position
        and {**_degrees(position.lat_e7, position.lon_e7), "accuracy": position.accuracy_m},
        "trail": [
            _degrees(fix.position.lat_e7, fix.position.lon_e7) for fix in state.press.trail[-_TRAIL_SHOWN:]
        ],
        "bans": [
            {
                **_degrees(ban.area.lat_e7, ban.area.lon_e7),
                "radius": ban.area.radius_m,
                "kind": ban.kind,
                "inside": ban.relation.where == "inside",
            }
            for ban in bans
        ],
    }


def around(state: AlarmState) -> dict[str, Any]:
    """Named places and the outlines of the zones around the position, for a map without streets."""
    position = service.last_position(state)
    if position is None:
        return {"places": [], "zones": []}
    at, geography = _degrees(position.lat_e7, position.lon_e7), atlas()
    wanted = {state.lead.zone, state.lead.route.zone if state.lead.route else ""}
    return {
        "places": [
            {"name": place.name, "lat": place.lat, "lon": place.lon}
            for place in geography.places_near(at["lat"], at["lon"])
        ],
        "zones": [
            {"id": zone.id, "name": zone.names.get(language_code(), zone.name), "polygons": zone.polygons}
            for zone in geography.near(at["lat"], at["lon"])
            if zone.id in wanted
        ],
    }


def language_code() -> str:
    """The reader's language, two letters."""
    return (get_language() or "en")[:2]


def _degrees(lat_e7: int, lon_e7: int) -> dict[str, float]:
    return {"lat": lat_e7 / 1e7, "lon": lon_e7 / 1e7}
