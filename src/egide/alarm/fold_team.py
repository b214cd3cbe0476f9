"""What zone and team change in an alarm: who is informed, who goes, how far they are, what they need and report."""

import msgspec

from egide.alarm import events as a
from egide.alarm.changing import (
    NO_TEAM,
    RINGING,
    Changes,
    all_reports,
    all_teams,
    changes_by,
    open_again,
    unmissed,
)
from egide.alarm.events import steps
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.state import AlarmState, Delay, Help, Missed, Team, TeamFix, TeamLink, TeamReport, joined
from egide.alarm.table_steps import ROWS, SAID, STEP, STEPS, TELLING, UNSAID, WAY
from egide.events.base import REGISTRY, Event


@changes_by.register
def _(event: a.ZoneConfirmed, state: AlarmState, at_us: int) -> Changes:
    changes: Changes = {
        "zone": event.zone,
        "zone_reference": event.reference,
        "zone_confirmed_at_us": at_us,
        "zone_moved_to": "",
        "zone_moved_since_us": 0,
        "zones": joined(state.zones, event.zone),
        "no_patrol": tuple(zone for zone in state.lead.no_patrol if zone != event.zone),
    }
    if state.team.named and state.team.named.zone != event.zone and not state.team.on_site_at_us:
        # The zone that leads now sends a team of its own; the first one may still arrive, and is shown.
        changes |= NO_TEAM | {"earlier": all_teams(state)}
        return changes | unmissed(state, steps.TEAM_NAMED, steps.UNDER_WAY, steps.ON_SITE)
    return changes | unmissed(state, steps.TEAM_NAMED)


@changes_by.register
def _(event: a.NoPatrolFree, state: AlarmState, at_us: int) -> Changes:
    # Somebody else has to be informed: that step and those after it begin anew.
    return {
        "no_patrol": joined(state.lead.no_patrol, event.zone),
        "no_patrol_at_us": at_us,
        "zone_confirmed_at_us": 0,
        "earlier": all_teams(state),
        **NO_TEAM,
        **unmissed(state, steps.ZONE_CONFIRMED, steps.TEAM_NAMED, steps.UNDER_WAY, steps.ON_SITE),
    }


@changes_by.register
def _(event: a.TeamNamed, state: AlarmState, at_us: int) -> Changes:
    # Another team has another way to go: its clocks start anew. After a report it owes one of its own.
    before: Changes = {"earlier": all_teams(state)}
    if state.team.report:
        before = {"earlier": (), "links": (), "report": None, "earlier_reports": all_reports(state)}
    return {
        **before,
        "named": Team(event.zone, event.call_sign, event.telephone),
        "named_at_us": at_us,
        **UNSAID,
        **unmissed(state, *SAID, steps.REPORTED, steps.CLOSED),
    }


@changes_by.register
def _(event: a.TeamLinkMade, state: AlarmState, at_us: int) -> Changes:
    call_sign = state.team.named.call_sign if state.team.named else ""
    made = TeamLink(event.link, event.code, event.user, at_us, event.expires_at_s, call_sign)
    return {"links": (*state.team.links, made)}


@changes_by.register
def _(event: a.TeamLinkOpened, state: AlarmState, at_us: int) -> Changes:
    def opened(link: TeamLink) -> TeamLink:
        if link.link != event.link or link.device:
            return link
        return msgspec.structs.replace(link, device=event.device, opened_at_us=at_us)

    return {"links": tuple(opened(link) for link in state.team.links)}


def _said(event: Event, state: AlarmState, at_us: int) -> Changes:
    """A step of the team: the first who says it gives the time, and an operator's word takes that of team or zone from
    nobody, also where they said only a later step."""
    step = TELLING[event.kind]
    record = STEP[step].record
    words = {
        each: getattr(state.team, f"{STEP[each].record}_told") for each in SAID if STEP[each].done(state)
    }
    holds = any(words.get(each, BY_OPERATOR) != BY_OPERATOR for each in SAID[SAID.index(step) :])
    said: Changes = {
        f"{record}_at_us": STEP[step].done(state) or at_us,
        f"{record}_told": words.get(step, "") if holds else event.told,  # type: ignore[attr-defined]
        **_tapped(state, event.tap),  # type: ignore[attr-defined]
    }
    if step == steps.ON_SITE:
        # A team that is with her hears for itself (safety rule 23).
        said["listening_stopped_at_us"] = state.talk.listening_stopped_at_us or at_us
    return said


for _row in ROWS:
    if _row.event:
        changes_by.register(REGISTRY[_row.event], _said)


@changes_by.register
def _(event: a.TeamDelayed, state: AlarmState, at_us: int) -> Changes:
    said_at_us = at_us - event.age_s * 1_000_000
    call_sign = state.team.named.call_sign if state.team.named else ""
    delay = Delay(call_sign, said_at_us + event.in_s * 1_000_000, event.reason, event.told, at_us)
    return {"delay": delay, **_tapped(state, event.tap)}


@changes_by.register
def _(event: a.TeamPositioned, state: AlarmState, at_us: int) -> Changes:
    fix = TeamFix(event.by, event.position, at_us - event.age_s * 1_000_000)
    return {"fixes": (*(each for each in state.team.fixes if each.call_sign != event.by), fix)}


@changes_by.register
def _(event: a.StepCorrected, state: AlarmState, at_us: int) -> Changes:
    # The clock of what comes after begins anew, from the moment that counts now.
    after = WAY[WAY.index(event.step) + 1]
    record = STEP[event.step].record
    return {
        f"{record}_at_us": event.was_at_us,
        f"{record}_told": event.told if event.was_at_us else "",
        **_tapped(state, event.tap),
        **unmissed(state, after),
    }


@changes_by.register
def _(event: a.HelpNeeded, state: AlarmState, at_us: int) -> Changes:
    tapped = _tapped(state, event.tap)
    if state.is_open and state.help and not state.help.seen_by:
        # The call waits for its answer since it was first made: saying more gives nobody more time.
        position = event.position or state.help.position
        return {"help": Help(event.by, state.help.at_us, position), **tapped}
    changes: Changes = {
        "help": Help(event.by, at_us, event.position),
        **unmissed(state, steps.HELP_SEEN),
        **tapped,
    }
    if state.is_open:
        return changes
    # A team in danger after the closing: its alarm is open again, with all that is known of the team.
    return changes | RINGING | open_again(state, at_us) | unmissed(state, *STEPS)


@changes_by.register
def _(event: a.HelpSeen, state: AlarmState, at_us: int) -> Changes:
    return {"help": state.help and msgspec.structs.replace(state.help, seen_by=event.user)}


@changes_by.register
def _(event: a.TeamReported, state: AlarmState, at_us: int) -> Changes:
    known, tapped = state.team.report, _tapped(state, event.tap)
    if known is None:
        return {"report": TeamReport(event.by, event.outcome, event.text, at_us), **tapped}
    if not event.again:
        return tapped
    # The clock counts from the first report: nobody gets more time to close.
    report = TeamReport(event.by, event.outcome, event.text, known.at_us, again_at_us=at_us)
    return {"report": report, "earlier_reports": all_reports(state), **tapped}


@changes_by.register
def _(event: a.StepMissed, state: AlarmState, at_us: int) -> Changes:
    missed = Missed(event.step, event.rung, event.action, event.due_at_us, event.centre, event.because)
    return {"missed": (*state.missed, missed), "centres": joined(state.centres, event.centre)}


def _tapped(state: AlarmState, tap: str) -> Changes:
    return {"taps": joined(state.team.taps, tap)}
