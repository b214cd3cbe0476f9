"""What a team's page shows: where, who leads, what the centre wrote for it, which bans the position breaches."""

from dataclasses import dataclass
from typing import Any

import msgspec

from egide.access.rules import Scope
from egide.alarm.rows import PAGE, TEAM, Speaker
from egide.alarm.state import AlarmState
from egide.boards.service import last_position
from egide.boards.shown.acts import acts_of, undo_of
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.map import around, map_of
from egide.outbox.service import clock


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


def now_context(actor: Actor) -> dict[str, Any]:
    """All that changes while the team is on its way; everything else is the file."""
    state, speaker = actor.state, Speaker(TEAM, call_sign=actor.call_sign)
    (shown,) = shown_of([state], unnamed=[state])
    named = state.team.named
    can = [act.name for act in acts_of(state, speaker) if act.lane != PAGE]
    return {
        "actor": actor,
        "state": state,
        "shown": shown,
        "notes": [note for note in shown.notes if note.for_team],
        "now_ms": clock().now_us() // 1000,
        "is_sent": not actor.call_sign or named is None or named.call_sign == actor.call_sign,
        "can": can,
        "undo": undo_of(state, actor.by, clock().now_us()) if actor.may_report else None,
        "map": msgspec.json.encode(map_of(state, shown.ground)).decode(),
    }


def places_of(state: AlarmState) -> dict[str, Any]:
    """Named places around the position, and the zones that lead or should: what the map draws beside the alarm."""
    position = last_position(state)
    if position is None:
        return {"type": "FeatureCollection", "features": []}
    wanted = {state.lead.zone, state.lead.route.zone if state.lead.route else ""}
    return around(position.lat_e7 / 1e7, position.lon_e7 / 1e7, wanted)
