"""The running clocks of an alarm in words: which step is due, and how late it is."""

from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.ladder import Clock, clocks
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP
from egide.boards.shown.words import STEPS


@dataclass(frozen=True)
class Due:
    """A running clock: what is due, when, and how many deadlines have passed; what is said beside it, and for when."""

    word: str
    due_ms: int
    missed: int
    remark: str = ""
    remark_ms: int = 0
    remark_words: str = ""


def dues_of(state: AlarmState) -> list[Due]:
    """The clocks that run; how late a step is counts from its first deadline."""
    noted = [missed.step for missed in state.missed]
    return [_due(state, clock, noted.count(clock.step)) for clock in clocks(state)]


def _due(state: AlarmState, clock: Clock, missed: int) -> Due:
    due_ms, remark = clock.first_due_at_us // 1000, STEP[clock.step].remark(state)
    if remark is None:
        return Due(str(STEPS[clock.step]), due_ms, missed)
    return Due(
        str(STEPS[clock.step]), due_ms, missed, gettext(remark.text), remark.at_us // 1000, remark.words
    )
