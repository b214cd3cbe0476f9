"""The running clocks of an alarm in words: what comes next, who must act, and how late it is."""

from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.events.steps import (
    CENTRE_HANDED_OVER,
    HELP_SEEN,
    SHOWN,
    SUPERVISOR_CAME,
    ZONE_CONFIRMED,
    ZONE_HANDED_OVER,
)
from egide.alarm.ladder import SUPERVISOR, Clock, clocks
from egide.alarm.rows import TEAM, ZONE
from egide.alarm.rules import zones_to_inform
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP


@dataclass(frozen=True)
class Due:
    """A running clock: what is due, from whom, when, and how many deadlines have passed; what is said beside it, and
    for when."""

    word: str
    who: str
    due_ms: int
    missed: int
    remark: str = ""
    remark_ms: int = 0
    remark_words: str = ""


def dues_of(state: AlarmState) -> list[Due]:
    """The clocks that run; how late a step is counts from its first deadline."""
    noted = [missed.step for missed in state.missed]
    return [_due(state, clock, noted.count(clock.step)) for clock in clocks(state)]


def who_acts(state: AlarmState, step: str) -> str:
    """Who must take this step: "desk", "zone 5324", "team M 12", as short as people say it."""
    if step == SUPERVISOR_CAME:
        return gettext("supervisor")
    acts = STEP[step].acts
    if acts == ZONE:
        return (gettext("zone %(zone)s") % {"zone": state.lead.zone}).strip()
    if acts == TEAM:
        team = state.team.named.call_sign if state.team.named else ""
        return (gettext("team %(team)s") % {"team": team}).strip()
    return gettext("desk")


def _due(state: AlarmState, clock: Clock, missed: int) -> Due:
    row, due_ms = STEP[clock.step], clock.first_due_at_us // 1000
    word, who, remark = gettext(row.ahead), who_acts(state, clock.step), row.remark(state)
    if remark is None:
        return Due(word, who, due_ms, missed)
    return Due(word, who, due_ms, missed, gettext(remark.text), remark.at_us // 1000, remark.words)


def zone_to_ring(state: AlarmState, step: str) -> str:
    """The zone that is rung when this step is late: of whoever must take it, or must be told; "" where it is the
    centre's own."""
    if step == ZONE_CONFIRMED:
        return next(iter(zones_to_inform(state)), "")
    if step == ZONE_HANDED_OVER:
        return state.lead.zone_moved_to
    if STEP[step].acts == TEAM:
        # The latest team's: another zone may lead since.
        team = state.team.named or next(iter(reversed(state.team.earlier)), None)
        return team.zone if team else state.lead.zone
    return state.lead.zone if STEP[step].acts == ZONE else ""


@dataclass(frozen=True)
class Coming:
    """The step that is waited for and who must act, in words; `due_ms` is its first deadline."""

    step: str
    word: str
    who: str
    due_ms: int


def coming_of(state: AlarmState, asked: str = "") -> Coming | None:
    """What is due first, a team in danger before all; None where no clock runs. `asked` names the centre that is to
    take over.

    That an alarm is shown is no task for the reader of this.
    """
    ahead = [clock for clock in clocks(state) if clock.step != SHOWN]
    if not ahead:
        return None
    first = min(ahead, key=lambda clock: (clock.step != HELP_SEEN, clock.first_due_at_us))
    who = asked if asked and first.step == CENTRE_HANDED_OVER else who_acts(state, first.step)
    is_told = any(missed.step == first.step and missed.action == SUPERVISOR for missed in state.missed)
    if is_told and first.step != SUPERVISOR_CAME:
        who = gettext("%(who)s and supervisor") % {"who": who}
    return Coming(first.step, gettext(STEP[first.step].ahead), who, first.first_due_at_us // 1000)
