"""One alarm as its events add up: `fold` is the only way from events to a state, for intake, routing and desk alike."""

from functools import reduce

import msgspec

from egide.events import alarm as a
from egide.events.base import Event
from egide.events.steps import ON_SITE, TEAM_NAMED, UNDER_WAY, ZONE_CONFIRMED
from egide.protocol.envelope import Battery, Position, Trigger

RECEIVED, ROUTED, SHOWN, ACKNOWLEDGED, CLOSED = "received", "routed", "shown", "acknowledged", "closed"

# Positions that a board draws: one hour at one each five seconds. The journal keeps them all.
TRAIL_KEPT = 720

# A zone that holds less of the position's circle than this is not told: its officers have no need to know.
NEIGHBOUR_SHARE = 0.05


class Fix(msgspec.Struct, frozen=True):
    """A position with the server's time of its arrival; its own age is inside."""

    position: Position
    at_us: int


class Note(msgspec.Struct, frozen=True):
    """A note of an operator."""

    user: str
    text: str
    at_us: int


class Team(msgspec.Struct, frozen=True):
    """Who was sent."""

    zone: str
    call_sign: str
    telephone: str


class Missed(msgspec.Struct, frozen=True):
    """A deadline that passed, with what it set off."""

    step: str
    rung: int
    action: str
    due_at_us: int
    centre: str = ""


class AlarmState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a board needs of one alarm, besides the file."""

    alarm: str
    version: int = 0
    seq: int = 0
    device: str = ""
    case: str = ""
    origin: a.Origin = a.Origin("", "", "")
    trigger: int | None = None
    pressed_at_s: int = 0
    received_at_us: int = 0
    opened_at_us: int = 0
    last_contact_us: int = 0
    presses: int = 0
    last_press_us: int = 0
    battery: Battery | None = None
    link: int | None = None
    trail: tuple[Fix, ...] = ()
    without_fix: bool = False
    flags: tuple[str, ...] = ()
    duress: bool = False
    route: a.Route | None = None
    routed_at_us: int = 0
    centres: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    shown_at_us: int = 0
    acknowledged_by: str = ""
    acknowledged_at_us: int = 0
    ladder: a.Ladder | None = None
    lead_zone: str = ""
    zone_reference: str = ""
    zone_confirmed_at_us: int = 0
    no_patrol: tuple[str, ...] = ()
    no_patrol_at_us: int = 0
    team: Team | None = None
    team_named_at_us: int = 0
    under_way_at_us: int = 0
    on_site_at_us: int = 0
    missed: tuple[Missed, ...] = ()
    notes: tuple[Note, ...] = ()
    cancelled_at_us: int = 0
    reopened: int = 0
    closed_by: str = ""
    closed_at_us: int = 0
    outcome: str = ""
    reason: str = ""

    @property
    def state(self) -> str:
        """The word for how far the alarm has come; the phone learns nothing beyond "acknowledged"."""
        if self.closed_at_us:
            return CLOSED
        if self.acknowledged_at_us:
            return ACKNOWLEDGED
        if self.shown_at_us:
            return SHOWN
        return ROUTED if self.route else RECEIVED

    @property
    def is_open(self) -> bool:
        return not self.closed_at_us


class Past(msgspec.Struct, frozen=True):
    """An event with its place in the journal, as `fold` wants it."""

    event: Event
    seq: int
    version: int
    at_us: int


def fold_all(alarm: str, pasts: list[Past]) -> AlarmState:
    """The state after all events of the stream, oldest first."""
    return reduce(fold, pasts, AlarmState(alarm=alarm))


def fold(state: AlarmState, past: Past) -> AlarmState:
    """The state after one more event. An event that says nothing about the alarm only moves the version."""
    event, at_us = past.event, past.at_us
    changes: dict[str, object] = {"version": past.version, "seq": past.seq}
    if isinstance(event, a.FromPhone):
        changes |= _from_phone(state, event, at_us)
    if isinstance(event, a.PressReceived) or (
        isinstance(event, a.PressConflicted) and not state.pressed_at_s
    ):
        changes |= {"trigger": event.trigger, "pressed_at_s": event.sent_at_s}
    elif isinstance(event, a.CancelReceived):
        changes |= {"cancelled_at_us": at_us}
    elif isinstance(event, a.AlarmRouted | a.PositionLocated):
        changes |= _routed(state, event, at_us)
    elif isinstance(event, a.ShownOnBoard):
        changes |= {
            "shown_by": (*state.shown_by, event.user),
            "shown_at_us": state.shown_at_us or at_us,
        }
    elif isinstance(event, a.AlarmAcknowledged):
        changes |= {
            "acknowledged_by": state.acknowledged_by or event.user,
            "acknowledged_at_us": state.acknowledged_at_us or at_us,
        }
    elif isinstance(event, a.NoteAdded):
        changes |= {"notes": (*state.notes, Note(event.user, event.text, at_us))}
    elif isinstance(event, a.AlarmClosed):
        changes |= {
            "closed_by": event.user,
            "closed_at_us": at_us,
            "outcome": event.outcome,
            "reason": event.reason,
        }
    else:
        changes |= _on_the_way(state, event, at_us)
    return msgspec.structs.replace(state, **changes)


_PRESSES = (a.PressReceived, a.PressedAgain, a.PressConflicted)

# A press for a closed alarm (safety rule 9): it must be shown and taken as if it were new.
_REOPENED: dict[str, object] = {
    "shown_by": (),
    "shown_at_us": 0,
    "acknowledged_by": "",
    "acknowledged_at_us": 0,
    "lead_zone": "",
    "zone_reference": "",
    "zone_confirmed_at_us": 0,
    "no_patrol": (),
    "no_patrol_at_us": 0,
    "team": None,
    "team_named_at_us": 0,
    "under_way_at_us": 0,
    "on_site_at_us": 0,
    "missed": (),
    "closed_by": "",
    "closed_at_us": 0,
    "outcome": "",
    "reason": "",
}


def _from_phone(state: AlarmState, event: a.FromPhone, at_us: int) -> dict[str, object]:
    changes: dict[str, object] = {
        "device": event.device,
        "case": event.case,
        "last_contact_us": at_us,
        "received_at_us": state.received_at_us or at_us,
        "opened_at_us": state.opened_at_us or at_us,
        "battery": event.battery or state.battery,
        "link": state.link if event.link is None else event.link,
        "flags": joined(state.flags, *event.flags),
        "without_fix": event.position is None,
        "origin": event.origin or state.origin,
        "duress": state.duress or event.trigger == Trigger.DURESS,
    }
    if event.position is not None:
        changes["trail"] = (*state.trail[1 - TRAIL_KEPT :], Fix(event.position, at_us))
    if isinstance(event, _PRESSES):
        changes |= {"presses": state.presses + 1, "last_press_us": at_us}
    if isinstance(event, a.PressReceived | a.PressedAgain):
        known = tuple(flag for flag in state.flags if flag != "press-missing")
        changes["flags"] = joined(known, *event.flags)
    if isinstance(event, _PRESSES) and not state.is_open:
        changes |= _REOPENED | {"reopened": state.reopened + 1, "opened_at_us": at_us}
    if isinstance(event, a.PressConflicted):
        changes["flags"] = joined(state.flags, *event.flags, "possible-clone")
    return changes


def _routed(state: AlarmState, event: a.AlarmRouted | a.PositionLocated, at_us: int) -> dict[str, object]:
    frozen = event.ladder if isinstance(event, a.AlarmRouted) else None
    return {
        "route": event.route,
        "routed_at_us": state.routed_at_us or at_us,
        "ladder": state.ladder or frozen,
        "centres": joined(state.centres, event.route.centre),
        "zones": joined(state.zones, *zones_of(event.route)),
    }


def _on_the_way(state: AlarmState, event: Event, at_us: int) -> dict[str, object]:
    if isinstance(event, a.ZoneConfirmed):
        return {
            "lead_zone": event.zone,
            "zone_reference": event.reference,
            "zone_confirmed_at_us": at_us,
            "zones": joined(state.zones, event.zone),
            "no_patrol": tuple(zone for zone in state.no_patrol if zone != event.zone),
            "missed": _without(state, TEAM_NAMED),
        }
    if isinstance(event, a.NoPatrolFree):
        # Somebody else has to be informed: that step and those after it begin anew.
        return {
            "no_patrol": joined(state.no_patrol, event.zone),
            "no_patrol_at_us": at_us,
            "zone_confirmed_at_us": 0,
            "team": None,
            "team_named_at_us": 0,
            "under_way_at_us": 0,
            "missed": _without(state, ZONE_CONFIRMED, TEAM_NAMED, UNDER_WAY, ON_SITE),
        }
    if isinstance(event, a.TeamNamed):
        # Another team has another way to go: its clocks start anew.
        return {
            "team": Team(event.zone, event.call_sign, event.telephone),
            "team_named_at_us": at_us,
            "under_way_at_us": 0,
            "on_site_at_us": 0,
            "missed": _without(state, UNDER_WAY, ON_SITE),
        }
    if isinstance(event, a.TeamUnderWay):
        return {"under_way_at_us": state.under_way_at_us or at_us}
    if isinstance(event, a.TeamOnSite):
        return {"on_site_at_us": state.on_site_at_us or at_us}
    if isinstance(event, a.StepMissed):
        missed = Missed(event.step, event.rung, event.action, event.due_at_us, event.centre)
        return {"missed": (*state.missed, missed), "centres": joined(state.centres, event.centre)}
    return {}


def _without(state: AlarmState, *steps: str) -> tuple[Missed, ...]:
    """The missed deadlines besides those of `steps`, whose clocks start anew."""
    return tuple(missed for missed in state.missed if missed.step not in steps)


def zones_of(route: a.Route) -> tuple[str, ...]:
    """The zones that a route concerns: the leading one, the managing one, and neighbours well inside the circle."""
    neighbours = (near.zone for near in route.candidates if near.share >= NEIGHBOUR_SHARE)
    return joined((), route.zone, route.managing_zone, *neighbours)


def joined(known: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """`known` with those of `more` that are new and not empty, in order of appearance."""
    return tuple(dict.fromkeys((*known, *filter(None, more))))
