"""Whose devices an event of an alarm wakes, and which rung of the ladder that belongs to. Pure."""

import hashlib

import msgspec

from egide.alarm import events as a
from egide.alarm.events.steps import SHOWN, SUPERVISOR_CAME
from egide.alarm.ladder import PUSH, SUPERVISOR, noted, responsible, running
from egide.alarm.rules import needs_help
from egide.alarm.sent import Push
from egide.alarm.state import AlarmState, zones_of
from egide.events.base import Event
from egide.events.register import FileAsked, FileOpened
from egide.journal.chain import Stored
from egide.protocol.envelope import Trigger

ZONE, TEAM = "zone", "team"
# People who were woken a moment ago look at the page: it shows what came since.
PAUSE_US = 10_000_000
# What happened longer ago wakes nobody: people were notified another way by then.
FORGOTTEN_US = 600_000_000
_WAKE_SIGNS = 32
_PRESSES = (a.PressedAgain, a.PressConflicted, a.SourcePressed)
# The kinds of events that can wake somebody.
WAKING = frozenset(
    kind.__name__
    for kind in (
        *_PRESSES,
        a.AlarmRouted,
        a.PositionLocated,
        a.ZoneConfirmed,
        a.NoPatrolFree,
        a.HelpNeeded,
        a.HelpSeen,
        a.StepMissed,
        a.NoteAdded,
        a.CancelReceived,
        a.AlarmClosed,
    )
)


# What a zone hears of beside alarms, where the row names it: somebody asks for a file of theirs, or has opened one.
TELLING = frozenset({FileAsked.__name__, FileOpened.__name__})


class Wake(msgspec.Struct, frozen=True):
    """One wake-up of all devices of a zone or team. `id` is the same whenever the same event is looked at again."""

    id: str
    to: str
    unit: str
    step: str
    rung: int
    attempt: int = 1


def wakes_of(event: Event, state: AlarmState, seq: int, at_us: int, now_us: int) -> list[Wake]:
    """Who is to be woken by `event` (number `seq`, of `at_us`), which the alarm `state` already knows."""
    if not 0 <= now_us - at_us < FORGOTTEN_US:
        return []
    units = [
        *((ZONE, zone) for zone in _zones(event, state)),
        *((TEAM, sign) for sign in _teams(event, state, at_us)),
    ]
    step = _step(state)
    return [
        Wake(_id(seq, to, unit), to, unit, step, noted(state, step))
        for to, unit in dict.fromkeys(units)
        if not _knows(_last(state, to, unit), at_us)
    ]


def tellings_of(row: Stored, now_us: int) -> list[Wake]:
    """The zones that are to be woken because somebody asks for a file of theirs, or has opened one for a reason."""
    if not 0 <= now_us - row.at_us < FORGOTTEN_US:
        return []
    return [Wake(_id(row.seq, ZONE, zone), ZONE, zone, step="", rung=0) for zone in row.zones]


def is_settled(wake: Wake, state: AlarmState) -> bool:
    """Whether a wake-up that failed need not be tried again: the alarm is over, or a later one was sent."""
    last = _last(state, wake.to, wake.unit)
    return not state.is_open or last is None or last.wake != wake.id or last.was_woken


def _zones(event: Event, state: AlarmState) -> tuple[str, ...]:
    if isinstance(event, a.AlarmRouted | a.PositionLocated):
        return tuple(zone for zone in zones_of(event.route) if _is_new(state, zone))
    if isinstance(event, a.ZoneConfirmed):
        return (event.zone,)
    if isinstance(event, a.NoPatrolFree):
        return tuple(zone for zone in state.zones if zone != event.zone)
    if isinstance(event, _PRESSES):
        # Closed for an hour, then pressed again: everybody has to begin anew.
        return state.zones if state.opened_at_us == state.press.last_press_us else _leading(state)
    if isinstance(event, a.HelpNeeded):
        return _leading(state)
    return _leading(state) if isinstance(event, a.StepMissed) and _is_for_zone(event, state) else ()


def _teams(event: Event, state: AlarmState, at_us: int) -> tuple[str, ...]:
    """What happened before the team was named is on its page from the beginning."""
    if state.team.named is None or state.team.report is not None or at_us <= state.team.named_at_us:
        return ()
    is_news = (
        isinstance(event, (*_PRESSES, a.AlarmRouted, a.HelpSeen, a.AlarmClosed))
        or (isinstance(event, a.NoteAdded) and event.for_team)
        or (isinstance(event, a.FromPhone) and event.trigger == Trigger.DURESS)
    )
    return (state.team.named.call_sign,) if is_news else ()


def _is_for_zone(event: a.StepMissed, state: AlarmState) -> bool:
    """The zone is notified directly when the centre is silent, also to its team, and when its own steps are overdue."""
    if event.because == PUSH or event.step == SUPERVISOR_CAME:
        return False
    acting = responsible(state)
    is_its_own = needs_help(state) or (acting is not None and acting.kind == ZONE)
    return event.action == SUPERVISOR or is_its_own


def _leading(state: AlarmState) -> tuple[str, ...]:
    zone = state.lead.zone or (state.lead.route.zone if state.lead.route else "")
    return (zone,) if zone else ()


def _is_new(state: AlarmState, zone: str) -> bool:
    """Whether a zone was not woken yet since the alarm began, or began anew."""
    last = _last(state, ZONE, zone)
    return last is None or last.at_us < state.opened_at_us


def _knows(last: Push | None, at_us: int) -> bool:
    return last is not None and last.at_us > at_us - PAUSE_US


def _last(state: AlarmState, to: str, unit: str) -> Push | None:
    return next((push for push in state.pushes if (push.to, push.unit) == (to, unit)), None)


def _step(state: AlarmState) -> str:
    """The step that waits for people, whose ladder goes on when nobody can be woken."""
    return next((step for step, _since_us in running(state) if step != SHOWN), "")


def _id(seq: int, to: str, unit: str) -> str:
    """Fit for a Topic (RFC 8030, section 5.4): at most 32 signs of base64url."""
    return hashlib.sha256(f"egide-wake-1\0{seq}\0{to}\0{unit}".encode()).hexdigest()[:_WAKE_SIGNS]
