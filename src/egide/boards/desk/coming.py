"""What comes next in an alarm, in a few words: the step, who must act, and until when. Pure but for the language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from egide.alarm.events.steps import CENTRE_HANDED_OVER, HELP_SEEN, SHOWN
from egide.alarm.ladder import SUPERVISOR, clocks
from egide.alarm.rows import TEAM, ZONE
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP


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

    That an alarm is shown is no task for whoever reads this.
    """
    ahead = [clock for clock in clocks(state) if clock.step != SHOWN]
    if not ahead:
        return None
    first = min(ahead, key=lambda clock: (clock.step != HELP_SEEN, clock.first_due_at_us))
    who = asked if asked and first.step == CENTRE_HANDED_OVER else _who(state, STEP[first.step].acts)
    if any(missed.step == first.step and missed.action == SUPERVISOR for missed in state.missed):
        who = _("%(who)s and supervisor") % {"who": who}
    return Coming(first.step, _(STEP[first.step].ahead), who, first.first_due_at_us // 1000)


def _who(state: AlarmState, acts: str) -> str:
    """ "desk", "zone 5324", "team M 12": as short as people say it."""
    if acts == ZONE:
        return (_("zone %(zone)s") % {"zone": state.lead.zone}).strip()
    if acts == TEAM:
        return (_("team %(team)s") % {"team": state.team.named.call_sign if state.team.named else ""}).strip()
    return _("desk")
