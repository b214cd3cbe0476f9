"""What a team's page shows: where, who leads, what the centre wrote for it, which bans the position breaches."""

from dataclasses import dataclass
from typing import Any

import msgspec

from egide.access.rules import Scope
from egide.access.service import titles
from egide.alarm.rows import PAGE, TEAM, Speaker
from egide.alarm.state import AlarmState, Note
from egide.boards import service
from egide.boards.geography import atlas
from egide.boards.service import Ban
from egide.boards.shown.acts import acts_of
from egide.boards.shown.clocks import dues_of
from egide.boards.shown.lead import lead_of
from egide.boards.shown.position import spot_of
from egide.boards.shown.words import OUTCOMES, language
from egide.outbox.service import clock

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
            {"id": zone.id, "name": zone.names.get(language(), zone.name), "polygons": zone.polygons}
            for zone in geography.near(at["lat"], at["lon"])
            if zone.id in wanted
        ],
    }


def _degrees(lat_e7: int, lon_e7: int) -> dict[str, float]:
    return {"lat": lat_e7 / 1e7, "lon": lon_e7 / 1e7}
