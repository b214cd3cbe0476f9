"""`fold`: the only way from the events of an alarm to its state."""

import msgspec

from egide.alarm import events as a
from egide.alarm import (
    fold_sent,  # noqa: F401  what pushes and answers by SMS change becomes known to `changes_by`
    fold_talk,  # noqa: F401  what sound and silent text change becomes known to `changes_by`
    fold_team,  # noqa: F401  what zone and team change becomes known to `changes_by`
)
from egide.alarm.changing import RINGING, Changes, changes_by, reopened, unmissed
from egide.alarm.events import steps
from egide.alarm.state import (
    EARLIER_KEPT,
    SOURCES_KEPT,
    TRAIL_KEPT,
    AlarmState,
    EarlierPress,
    Fix,
    Note,
    SourcePress,
    changed,
    joined,
    zones_of,
)
from egide.alarm.undoing import undoable_after
from egide.events.base import Event
from egide.protocol.envelope import Position, Trigger


class Past(msgspec.Struct, frozen=True):
    """An event with its place in the journal, as `fold` wants it."""

    event: Event
    seq: int
    version: int
    at_us: int


class Unread(msgspec.Struct, frozen=True):
    """An event that this version cannot read: its place in the journal, and its clear columns."""

    seq: int
    version: int
    at_us: int
    case: str
    centres: tuple[str, ...]
    zones: tuple[str, ...]


def fold(state: AlarmState, past: Past) -> AlarmState:
    """The state after one more event. An event that says nothing about the alarm only moves the version."""
    changes = changes_by(past.event, state, past.at_us)
    undoable = undoable_after(state, past.event, past.version, past.at_us, changes)
    return changed(state, version=past.version, seq=past.seq, undoable=undoable, **changes)


def pass_over(state: AlarmState, unread: Unread) -> AlarmState:
    """The state after an event that cannot be read: counted, shown to those concerned, and no reason to stop.

    Where it is the first one, the alarm rings, and its clocks run from here.
    """
    return changed(
        state,
        version=unread.version,
        seq=unread.seq,
        unread=state.unread + 1,
        device=state.device or state.alarm.rpartition("-")[0],
        case=state.case or unread.case,
        centres=joined(state.centres, *unread.centres),
        zones=joined(state.zones, *unread.zones),
        received_at_us=state.received_at_us or unread.at_us,
        opened_at_us=state.opened_at_us or unread.at_us,
        rings_since_us=state.rings_since_us or unread.at_us,
        last_contact_us=state.press.last_contact_us or unread.at_us,
        # Nobody here knows what was done meanwhile.
        undoable=(),
    )


# --- from the phone -------------------------------------------------------------------------------------------------

# Seconds on the way that are no news: networks are slow, and phones tell whole seconds.
HELD_UP_S = 10
# What a position can say of its age (contracts/envelope.cddl).
MOST_AGE_S = 65_535

_PRESSES = (a.PressReceived, a.PressedAgain, a.PressConflicted)


@changes_by.register
def _(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    if event.is_from_earlier_phone:
        return _from_earlier_phone(event, state, at_us)
    changes: Changes = {
        "device": event.device,
        "case": event.case,
        "last_contact_us": at_us,
        "received_at_us": state.received_at_us or at_us,
        "opened_at_us": state.opened_at_us or at_us,
        "rings_since_us": state.rings_since_us or at_us,
        "battery": event.battery or state.press.battery,
        "link": state.press.link if event.link is None else event.link,
        "flags": joined(state.press.flags, *event.flags),
        "without_fix": event.position is None,
        "origin": event.origin or state.origin,
        "duress": state.press.duress or event.trigger == Trigger.DURESS,
    }
    lag_s = at_us // 1_000_000 - event.sent_at_s
    changes["lag_s"] = lag_s if state.press.lag_s is None else min(state.press.lag_s, lag_s)
    if event.position is not None:
        changes["trail"] = _trail(state, Fix(_aged(event.position, _held_up_s(event, state, lag_s)), at_us))
    if isinstance(event, _PRESSES):
        changes |= _pressed(event, state, at_us)
    if isinstance(event, a.CancelReceived):
        changes["cancelled_at_us"] = at_us
    return changes


def _from_earlier_phone(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    """A press of a phone that no longer speaks for its kit: it rings, and stands beside; nothing else is touched."""
    changes = _heard_of(event.device, event.case, event.origin, state, at_us)
    beside = EarlierPress(event.device, event.position, at_us)
    changes["earlier_presses"] = (*state.press.earlier_presses, beside)[-EARLIER_KEPT:]
    return changes | _pressed(event, state, at_us)


def _heard_of(device: str, case: str, origin: a.Origin | None, state: AlarmState, at_us: int) -> Changes:
    """What an alarm needs that is opened by somebody who does not speak for the phone."""
    return {
        "device": state.device or device,
        "case": case,
        "last_contact_us": state.press.last_contact_us or at_us,
        "received_at_us": state.received_at_us or at_us,
        "opened_at_us": state.opened_at_us or at_us,
        "rings_since_us": state.rings_since_us or at_us,
        "origin": origin or state.origin,
    }


def _held_up_s(event: a.FromPhone, state: AlarmState, lag_s: int) -> int:
    """How long a message was on its way: longer than the quickest one. A clock that is wrong lags the same for all.

    The first message has nothing to be compared with: if it looks late, it counts as late.
    """
    if state.press.lag_s is None:
        return lag_s if "late" in event.flags else 0
    held_up_s = lag_s - min(state.press.lag_s, lag_s)
    return held_up_s if held_up_s > HELD_UP_S else 0


def _aged(position: Position, held_up_s: int) -> Position:
    """The position with the time that it was under way: one that arrives late is never shown as a fresh one."""
    if not held_up_s:
        return position
    return msgspec.structs.replace(position, age_s=min(MOST_AGE_S, position.age_s + held_up_s))


def _trail(state: AlarmState, fix: Fix) -> tuple[Fix, ...]:
    """The last one is where she was last, whatever arrived last."""
    known = state.press.trail[1 - TRAIL_KEPT :]
    if known and fix.taken_at_us < known[-1].taken_at_us:
        return (*known[:-1], fix, known[-1])
    return (*known, fix)


def _pressed(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    changes: Changes = {"presses": state.press.presses + 1, "last_press_us": at_us}
    if isinstance(event, a.PressConflicted):
        changes["flags"] = joined(state.press.flags, *event.flags, "possible-clone")
    else:
        known = tuple(flag for flag in state.press.flags if flag != "press-missing")
        changes["flags"] = joined(known, *event.flags)
    first = isinstance(event, a.PressReceived) or (
        isinstance(event, a.PressConflicted) and not state.press.pressed_at_s
    )
    if first:
        changes |= {"trigger": event.trigger, "pressed_at_s": event.sent_at_s}
    if state.is_open:
        return changes
    return changes | reopened(state, at_us)


@changes_by.register
def _(event: a.SourcePressed, state: AlarmState, at_us: int) -> Changes:
    """A device that is no phone says that somebody pressed: it rings, and stands beside. What phones said stays: where
    they are, how they stand, when they were heard."""
    beside = SourcePress(
        event.source, event.road, event.proof, event.carrier, event.position, event.position_from, at_us
    )
    return {
        **_heard_of(event.source, event.case, event.origin, state, at_us),
        "source_presses": (*state.press.source_presses, beside)[-SOURCES_KEPT:],
        "flags": joined(state.press.flags, *event.flags),
        "presses": state.press.presses + 1,
        "last_press_us": at_us,
        **({} if state.is_open else reopened(state, at_us)),
    }


# --- where it belongs -----------------------------------------------------------------------------------------------


@changes_by.register
def _(event: a.PositionLocated, state: AlarmState, at_us: int) -> Changes:
    return {"route": event.route, "zones": joined(state.zones, *zones_of(event.route))}


@changes_by.register
def _(event: a.AlarmRouted, state: AlarmState, at_us: int) -> Changes:
    route = event.route
    moved = _centre_moved(state, route, at_us) | _zone_moved(state, route, at_us)
    began = [
        step
        for step, key in (
            (steps.CENTRE_HANDED_OVER, "handover_since_us"),
            (steps.ZONE_HANDED_OVER, "zone_moved_since_us"),
        )
        if moved.get(key) == at_us
    ]
    return {
        "route": route,
        "routed_at_us": state.lead.routed_at_us or at_us,
        "ladder": state.ladder or event.ladder,
        "centres": joined(state.centres, route.centre),
        "zones": joined(state.zones, *zones_of(route)),
        "centre": state.lead.centre or route.centre,
        **moved,
        **unmissed(state, *began),
    }


def _centre_moved(state: AlarmState, route: a.Route, at_us: int) -> Changes:
    """Who led goes on leading until a named person of the new centre accepts (safety rule 2).

    On a train the position crosses one border after the other: the clock runs since the first of them.
    """
    known = state.lead.route.centre if state.lead.route else ""
    if route.centre == known:
        return {}
    if route.centre == (state.lead.centre or route.centre):
        return {"handover_to": "", "handover_since_us": 0}
    return {"handover_to": route.centre, "handover_since_us": state.lead.handover_since_us or at_us}


def _zone_moved(state: AlarmState, route: a.Route, at_us: int) -> Changes:
    known = state.lead.route.zone if state.lead.route else route.zone
    if route.zone == known or not state.lead.zone:
        return {}
    if route.zone == state.lead.zone:
        return {"zone_moved_to": "", "zone_moved_since_us": 0}
    return {"zone_moved_to": route.zone, "zone_moved_since_us": state.lead.zone_moved_since_us or at_us}


@changes_by.register
def _(event: a.HandoverOffered, state: AlarmState, at_us: int) -> Changes:
    return {
        "handover_to": event.centre,
        "handover_since_us": at_us,
        "centres": joined(state.centres, event.centre),
        **unmissed(state, steps.CENTRE_HANDED_OVER),
    }


@changes_by.register
def _(event: a.HandoverAccepted, state: AlarmState, at_us: int) -> Changes:
    return {
        "centre": event.centre,
        "centres": joined(state.centres, event.centre),
        "handover_to": "",
        "handover_since_us": 0,
        **_acknowledged(state, event.user, at_us),
    }


@changes_by.register
def _(event: a.LeadKept, state: AlarmState, at_us: int) -> Changes:
    if event.what == "centre":
        return {"handover_to": "", "handover_since_us": 0}
    return {"zone_moved_to": "", "zone_moved_since_us": 0}


# --- at the desk ----------------------------------------------------------------------------------------------------


@changes_by.register
def _(event: a.ShownOnBoard, state: AlarmState, at_us: int) -> Changes:
    return {"shown_by": (*state.lead.shown_by, event.user), "shown_at_us": state.lead.shown_at_us or at_us}


@changes_by.register
def _(event: a.AlarmAcknowledged, state: AlarmState, at_us: int) -> Changes:
    if state.lead.acknowledged_by:
        return {}
    lead = state.lead.centre or event.centre
    led: Changes = {"centre": lead, "centres": joined(state.centres, event.centre)}
    if state.lead.handover_to == lead:
        # It was offered before anybody led, and the centre that was asked has it: nothing is left to hand over.
        led |= {"handover_to": "", "handover_since_us": 0}
    return led | _acknowledged(state, event.user, at_us)


def _acknowledged(state: AlarmState, user: str, at_us: int) -> Changes:
    return {
        "acknowledged_by": user,
        "acknowledged_at_us": state.lead.acknowledged_at_us or at_us,
        "first_acknowledged_at_us": state.lead.first_acknowledged_at_us or at_us,
        "left_by": "",
        "left_why": "",
    }


@changes_by.register
def _(event: a.OperatorLeft, state: AlarmState, at_us: int) -> Changes:
    return {
        **RINGING,
        "rings_since_us": at_us,
        "left_by": event.user,
        "left_why": event.why,
        **unmissed(state, steps.SHOWN, steps.ACKNOWLEDGED),
    }


@changes_by.register
def _(event: a.LocalisationAsked, state: AlarmState, at_us: int) -> Changes:
    return {"localisation_by": event.user, "localisation_at_us": at_us}


@changes_by.register
def _(event: a.PhoneBlocked, state: AlarmState, at_us: int) -> Changes:
    return {"blocked_phones": joined(state.press.blocked_phones, event.device)}


@changes_by.register
def _(event: a.NoteAdded, state: AlarmState, at_us: int) -> Changes:
    return {"notes": (*state.lead.notes, Note(event.user, event.text, at_us, event.for_team))}


@changes_by.register
def _(event: a.AlarmClosed, state: AlarmState, at_us: int) -> Changes:
    return {
        "closed_by": event.user,
        "closed_at_us": at_us,
        "outcome": event.outcome,
        "reason": event.reason,
        # Where teams were is nobody's business any more; reopened, they tell it anew.
        "fixes": (),
        **unmissed(state, steps.REPORTED),
    }


@changes_by.register
def _(event: a.SupervisorAsked, state: AlarmState, at_us: int) -> Changes:
    asked: Changes = {"supervisor_asked_by": event.user, "supervisor_asked_at_us": at_us, "supervisor": ""}
    return asked | unmissed(state, steps.SUPERVISOR_CAME)


@changes_by.register
def _(event: a.SupervisorCame, state: AlarmState, at_us: int) -> Changes:
    return {"supervisor": event.user}


@changes_by.register
def _(event: a.FollowUpDone, state: AlarmState, at_us: int) -> Changes:
    return {"followed_up_by": event.user, "followed_up_at_us": at_us}
