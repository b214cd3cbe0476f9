"""Alarms as their events add up, remembered between requests so that each event is unsealed only once."""

import sqlite3

from egide.events.state import AlarmState, Past, fold
from egide.journal.errors import JournalError
from egide.journal.keys import KeyErased
from egide.journal.service import Journal

_KEPT = 500


class Alarms:
    """Folds alarms from the journal; keeps the states of the latest ones.

    Safe between threads: two that fold the same alarm at once come to the same state.
    """

    def __init__(self) -> None:
        self._states: dict[str, AlarmState] = {}

    def state(self, journal: Journal, alarm: str) -> AlarmState | None:
        """The alarm as it stands now; None when there is none or its key was erased.

        When the journal cannot be read, the state that this process saw last: a briefing must not vanish with a disk.
        """
        try:
            state = self._caught_up(journal, alarm)
        except KeyErased:
            self._states.pop(alarm, None)
            return None
        except (JournalError, sqlite3.Error):
            return self._states.get(alarm)
        if state is not None:
            self._keep(state)
        return state

    def _caught_up(self, journal: Journal, alarm: str) -> AlarmState | None:
        state = self._states.get(alarm) or AlarmState(alarm=alarm)
        for row in journal.stream(f"alarm:{alarm}", after_version=state.version):
            state = fold(state, Past(journal.open_event(row), row.seq, row.version, row.at_us))
        return state if state.version else None

    def _keep(self, state: AlarmState) -> None:
        self._states[state.alarm] = state
        while len(self._states) > _KEPT:
            self._states.pop(next(iter(self._states)), None)
