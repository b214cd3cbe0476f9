"""Alarms as their events add up, remembered between requests so that each event is unsealed only once."""

import sqlite3
import threading

import msgspec

from egide.common.sealing import UnsealError
from egide.events.fold import Past, fold
from egide.events.state import AlarmState, joined
from egide.journal.chain import Stored
from egide.journal.errors import JournalError
from egide.journal.keys import KeyErased
from egide.journal.service import Journal

_KEPT = 500
UNREADABLE = "unreadable"


class Alarms:
    """Folds alarms from the journal; keeps the states of the latest ones.

    Safe between threads: two that fold the same alarm at once come to the same state.
    """

    def __init__(self) -> None:
        self._states: dict[str, AlarmState] = {}
        self._lock = threading.Lock()

    def state(self, journal: Journal, alarm: str) -> AlarmState | None:
        """The alarm as it stands now; None when there is none or its key was erased.

        When the journal cannot be read, the state that this process saw last: a briefing must not vanish with a disk.
        """
        try:
            state = self._caught_up(journal, alarm)
        except KeyErased:
            with self._lock:
                self._states.pop(alarm, None)
            return None
        except (JournalError, sqlite3.Error):
            return self._states.get(alarm)
        if state is not None:
            self._keep(state)
        return state

    def _caught_up(self, journal: Journal, alarm: str) -> AlarmState | None:
        """Raises KeyErased, also for what is remembered of a case that was erased meanwhile."""
        state = self._states.get(alarm) or AlarmState(alarm=alarm)
        if state.case:
            journal.keys.case_key(state.case)
        for row in journal.stream(f"alarm:{alarm}", after_version=state.version):
            state = _folded(journal, state, row)
        return state if state.version else None

    def _keep(self, state: AlarmState) -> None:
        with self._lock:
            self._states[state.alarm] = state
            while len(self._states) > _KEPT:
                del self._states[next(iter(self._states))]


def _folded(journal: Journal, state: AlarmState, row: Stored) -> AlarmState:
    """The state after one more row. One that cannot be read is passed over and flagged: the alarm must not vanish."""
    try:
        event = journal.open_event(row)
    except (UnsealError, KeyError, msgspec.MsgspecError):
        flags = joined(state.flags, UNREADABLE)
        return msgspec.structs.replace(state, version=row.version, seq=row.seq, flags=flags)
    return fold(state, Past(event, row.seq, row.version, row.at_us))
