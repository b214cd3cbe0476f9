"""`fold`: the only way from the events of an alarm to its state."""

from functools import singledispatch

import msgspec

from egide.events import alarm as a
from egide.events import steps
from egide.events.base import Event
from egide.events.state import (
    TRAIL_KEPT,
    AlarmState,
    Fix,
    Help,
    Missed,
    Note,
    Report,
    Team,
    TeamLink,
    joined,
    zones_of,
)
from egide.protocol.envelope import Trigger

Changes = dict[str, object]


class Past(msgspec.Struct, frozen=True):
    """An event with its place in the journal, as `fold` wants it."""

    event: Event
    seq: int
    version: int
    at_us: int


def fold(state: AlarmState, past: Past) -> AlarmState:
    """The state after one more event. An event that says nothing about the alarm only moves the version."""
    changes = _changes(past.event, state, past.at_us)
    return msgspec.structs.replace(state, version=past.version, seq=past.seq, **changes)


@singledispatch
def _changes(event: Event, state: AlarmState, at_us: int) -> Changes:
    return {}


# --- from the phone -------------------------------------------------------------------------------------------------

_PRESSES = (a.PressReceived, a.PressedAgain, a.PressConflicted)

# Nobody has it, and it is on no board: it must be shown and taken as if it were new.
_RINGING: Changes = {
    "shown_by": (),
    "shown_at_us": 0,
    "acknowledged_by": "",
    "acknowledged_at_us": 0,
}
# Nobody was sent yet.
_NO_TEAM: Changes = {"team": None, "team_named_at_us": 0, "under_way_at_us": 0}
# A press for a closed alarm (safety rule 9): everything begins anew; the past stays, and a team that owes its report.
_REOPENED: Changes = {
    **_RINGING,
    **_NO_TEAM,
    "left_by": "",
    "left_why": "",
    "first_acknowledged_at_us": 0,
    "lead_zone": "",
    "zone_reference": "",
    "zone_confirmed_at_us": 0,
    "zone_moved_to": "",
    "zone_moved_since_us": 0,
    "handover_to": "",
    "handover_since_us": 0,
    "no_patrol": (),
    "no_patrol_at_us": 0,
    "on_site_at_us": 0,
    "help": None,
    "report": None,
    "missed": (),
}


@_changes.register
def _(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    changes: Changes = {
        "device": event.device,
        "case": event.case,
        "last_contact_us": at_us,
        "received_at_us": state.received_at_us or at_us,
        "opened_at_us": state.opened_at_us or at_us,
        "rings_since_us": state.rings_since_us or at_us,
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
        changes |= _pressed(event, state, at_us)
    if isinstance(event, a.CancelReceived):
        changes["cancelled_at_us"] = at_us
    return changes


def _pressed(event: a.FromPhone, state: AlarmState, at_us: int) -> Changes:
    changes: Changes = {"presses": state.presses + 1, "last_press_us": at_us}
    if isinstance(event, a.PressConflicted):
        changes["flags"] = joined(state.flags, *event.flags, "possible-clone")
    else:
        known = tuple(flag for flag in state.flags if flag != "press-missing")
        changes["flags"] = joined(known, *event.flags)
    first = isinstance(event, a.PressReceived) or (
        isinstance(event, a.PressConflicted) and not state.pressed_at_s
    )
    if first:
        changes |= {"trigger": event.trigger, "pressed_at_s": event.sent_at_s}
    if state.is_open:
        return changes
    return changes | _REOPENED | _team_before(state) | _open_again(state, at_us)


def _team_before(state: AlarmState) -> Changes:
    """A team that has not written its report keeps its link, and stays known as one that was sent (safety rule 11)."""
    return {"earlier_teams": _all_teams(state)} if state.awaits_report else {"earlier_teams": (), "links": ()}


def _all_teams(state: AlarmState) -> tuple[Team, ...]:
    return (*state.earlier_teams, state.team) if state.team else state.earlier_teams


def _open_again(state: AlarmState, at_us: int) -> Changes:
    return {
        "reopened": state.reopened + 1,
        "opened_at_us": at_us,
        "rings_since_us": at_us,
        "closed_by": "",
        "closed_at_us": 0,
        "outcome": "",
        "reason": "",
        "followed_up_by": "",
        "followed_up_at_us": 0,
    }


# --- where it belongs -----------------------------------------------------------------------------------------------


@_changes.register
def _(event: a.PositionLocated, state: AlarmState, at_us: int) -> Changes:
    return {"route": event.route, "zones": joined(state.zones, *zones_of(event.route))}


@_changes.register
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
        "routed_at_us": state.routed_at_us or at_us,
        "ladder": state.ladder or event.ladder,
        "centres": joined(state.centres, route.centre),
        "zones": joined(state.zones, *zones_of(route)),
        "lead_centre": state.lead_centre or route.centre,
        **moved,
        **_unmissed(state, *began),
    }


def _centre_moved(state: AlarmState, route: a.Route, at_us: int) -> Changes:
    """Who led goes on leading until a named person of the new centre accepts (safety rule 2).

    On a train the position crosses one border after the other: the clock runs since the first of them.
    """
    known = state.route.centre if state.route else ""
    if route.centre == known:
        return {}
    if route.centre == (state.lead_centre or route.centre):
        return {"handover_to": "", "handover_since_us": 0}
    return {"handover_to": route.centre, "handover_since_us": state.handover_since_us or at_us}


def _zone_moved(state: AlarmState, route: a.Route, at_us: int) -> Changes:
    known = state.route.zone if state.route else route.zone
    if route.zone == known or not state.lead_zone:
        return {}
    if route.zone == state.lead_zone:
        return {"zone_moved_to": "", "zone_moved_since_us": 0}
    return {"zone_moved_to": route.zone, "zone_moved_since_us": state.zone_moved_since_us or at_us}


@_changes.register
def _(event: a.HandoverOffered, state: AlarmState, at_us: int) -> Changes:
    return {
        "handover_to": event.centre,
        "handover_since_us": at_us,
        "centres": joined(state.centres, event.centre),
        **_unmissed(state, steps.CENTRE_HANDED_OVER),
    }


@_changes.register
def _(event: a.HandoverAccepted, state: AlarmState, at_us: int) -> Changes:
    return {
        "lead_centre": event.centre,
        "centres": joined(state.centres, event.centre),
        "handover_to": "",
        "handover_since_us": 0,
        **_taken(state, event.user, at_us),
    }


@_changes.register
def _(event: a.LeadKept, state: AlarmState, at_us: int) -> Changes:
    if event.what == "centre":
        return {"handover_to": "", "handover_since_us": 0}
    return {"zone_moved_to": "", "zone_moved_since_us": 0}


# --- at the desk ----------------------------------------------------------------------------------------------------


@_changes.register
def _(event: a.ShownOnBoard, state: AlarmState, at_us: int) -> Changes:
    return {"shown_by": (*state.shown_by, event.user), "shown_at_us": state.shown_at_us or at_us}


@_changes.register
def _(event: a.AlarmAcknowledged, state: AlarmState, at_us: int) -> Changes:
    return {} if state.acknowledged_by else _taken(state, event.user, at_us)


def _taken(state: AlarmState, user: str, at_us: int) -> Changes:
    return {
        "acknowledged_by": user,
        "acknowledged_at_us": state.acknowledged_at_us or at_us,
        "first_acknowledged_at_us": state.first_acknowledged_at_us or at_us,
        "left_by": "",
        "left_why": "",
    }


@_changes.register
def _(event: a.OperatorLeft, state: AlarmState, at_us: int) -> Changes:
    return {
        **_RINGING,
        "rings_since_us": at_us,
        "left_by": event.user,
        "left_why": event.why,
        **_unmissed(state, steps.SHOWN, steps.ACKNOWLEDGED),
    }


@_changes.register
def _(event: a.LocalisationAsked, state: AlarmState, at_us: int) -> Changes:
    return {"localisation_by": event.user, "localisation_at_us": at_us}


@_changes.register
def _(event: a.NoteAdded, state: AlarmState, at_us: int) -> Changes:
    return {"notes": (*state.notes, Note(event.user, event.text, at_us, event.for_team))}


@_changes.register
def _(event: a.AlarmClosed, state: AlarmState, at_us: int) -> Changes:
    return {
        "closed_by": event.user,
        "closed_at_us": at_us,
        "outcome": event.outcome,
        "reason": event.reason,
        **_unmissed(state, steps.REPORTED),
    }


@_changes.register
def _(event: a.FollowUpDone, state: AlarmState, at_us: int) -> Changes:
    return {"followed_up_by": event.user, "followed_up_at_us": at_us}


# --- zone and team --------------------------------------------------------------------------------------------------


@_changes.register
def _(event: a.ZoneConfirmed, state: AlarmState, at_us: int) -> Changes:
    changes: Changes = {
        "lead_zone": event.zone,
        "zone_reference": event.reference,
        "zone_confirmed_at_us": at_us,
        "zone_moved_to": "",
        "zone_moved_since_us": 0,
        "zones": joined(state.zones, event.zone),
        "no_patrol": tuple(zone for zone in state.no_patrol if zone != event.zone),
    }
    if state.team and state.team.zone != event.zone and not state.on_site_at_us:
        # The zone that leads now sends a team of its own; the first one may still arrive, and is shown.
        changes |= _NO_TEAM | {"earlier_teams": _all_teams(state)}
        return changes | _unmissed(state, steps.TEAM_NAMED, steps.UNDER_WAY, steps.ON_SITE)
    return changes | _unmissed(state, steps.TEAM_NAMED)


@_changes.register
def _(event: a.NoPatrolFree, state: AlarmState, at_us: int) -> Changes:
    # Somebody else has to be informed: that step and those after it begin anew.
    return {
        "no_patrol": joined(state.no_patrol, event.zone),
        "no_patrol_at_us": at_us,
        "zone_confirmed_at_us": 0,
        "earlier_teams": _all_teams(state),
        **_NO_TEAM,
        **_unmissed(state, steps.ZONE_CONFIRMED, steps.TEAM_NAMED, steps.UNDER_WAY, steps.ON_SITE),
    }


@_changes.register
def _(event: a.TeamNamed, state: AlarmState, at_us: int) -> Changes:
    # Another team has another way to go: its clocks start anew.
    return {
        "team": Team(event.zone, event.call_sign, event.telephone),
        "earlier_teams": _all_teams(state),
        "team_named_at_us": at_us,
        "under_way_at_us": 0,
        "on_site_at_us": 0,
        **_unmissed(state, steps.UNDER_WAY, steps.ON_SITE),
    }


@_changes.register
def _(event: a.TeamLinkMade, state: AlarmState, at_us: int) -> Changes:
    call_sign = state.team.call_sign if state.team else ""
    made = TeamLink(event.link, event.code, event.user, at_us, event.expires_at_s, call_sign)
    return {"links": (*state.links, made)}


@_changes.register
def _(event: a.TeamLinkOpened, state: AlarmState, at_us: int) -> Changes:
    def opened(link: TeamLink) -> TeamLink:
        if link.link != event.link or link.device:
            return link
        return msgspec.structs.replace(link, device=event.device, opened_at_us=at_us)

    return {"links": tuple(opened(link) for link in state.links)}


@_changes.register
def _(event: a.TeamUnderWay, state: AlarmState, at_us: int) -> Changes:
    return {"under_way_at_us": state.under_way_at_us or at_us, **_tapped(state, event.tap)}


@_changes.register
def _(event: a.TeamOnSite, state: AlarmState, at_us: int) -> Changes:
    return {"on_site_at_us": state.on_site_at_us or at_us, **_tapped(state, event.tap)}


@_changes.register
def _(event: a.HelpNeeded, state: AlarmState, at_us: int) -> Changes:
    tapped = _tapped(state, event.tap)
    if state.is_open and state.help and not state.help.seen_by:
        # The call waits for its answer since it was first made: saying more gives nobody more time.
        position = event.position or state.help.position
        return {"help": Help(event.by, state.help.at_us, position), **tapped}
    changes: Changes = {
        "help": Help(event.by, at_us, event.position),
        **_unmissed(state, steps.HELP_SEEN),
        **tapped,
    }
    if state.is_open:
        return changes
    # A team in danger after the closing: its alarm is open again, with all that is known of the team.
    return changes | _RINGING | _open_again(state, at_us) | _unmissed(state, *steps.STEPS)


@_changes.register
def _(event: a.HelpSeen, state: AlarmState, at_us: int) -> Changes:
    return {"help": state.help and msgspec.structs.replace(state.help, seen_by=event.user)}


@_changes.register
def _(event: a.TeamReported, state: AlarmState, at_us: int) -> Changes:
    report = state.report or Report(event.by, event.outcome, event.text, at_us)
    return {"report": report, **_tapped(state, event.tap)}


@_changes.register
def _(event: a.StepMissed, state: AlarmState, at_us: int) -> Changes:
    missed = Missed(event.step, event.rung, event.action, event.due_at_us, event.centre)
    return {"missed": (*state.missed, missed), "centres": joined(state.centres, event.centre)}


def _tapped(state: AlarmState, tap: str) -> Changes:
    return {"taps": joined(state.taps, tap)}


def _unmissed(state: AlarmState, *words: str) -> Changes:
    """The missed deadlines besides those of these steps, whose clocks start anew."""
    return {"missed": tuple(missed for missed in state.missed if missed.step not in words)}
