"""The running clocks of an alarm in words: which step is due, and how late it is."""

from dataclasses import dataclass

from egide.alarm.state import AlarmState
from egide.response.words import STEPS
from egide.routing.ladder import clocks


@dataclass(frozen=True)
class Due:
    """A running clock: what is due, when, and how many deadlines have passed."""

    word: str
    due_ms: int
    missed: int


def dues_of(state: AlarmState) -> list[Due]:
    """The clocks that run; how late a step is counts from its first deadline."""
    noted = [missed.step for missed in state.missed]
    return [
        Due(str(STEPS[clock.step]), clock.first_due_at_us // 1000, noted.count(clock.step))
        for clock in clocks(state)
    ]
