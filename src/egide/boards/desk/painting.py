"""Rows of the list as HTML, painted once for all boards that show the same, and the rows that changed.

Each listener sees what fetching the list would show them, and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from egide.access.rules import Scope
from egide.alarm.state import AlarmState
from egide.boards.desk.lanes import Failed, Test
from egide.boards.desk.presenting import AlarmRow, View, row_of, view_of
from egide.boards.desk.words import FAILURES
from egide.boards.service import covers
from egide.boards.shown.alarm import shown_of
from egide.boards.shown.words import language, unit_names
from egide.common.clock import utc
from egide.journal.service import KeyStore
from egide.outbox.service import journal

# Some seconds of fifty alarms that move, as a few centres and languages see them.
_KEPT = 2000

Look = tuple[object, ...]


@dataclass(frozen=True)
class Listener:
    """Somebody at a board. `hidden` are the cases of the files that bar them (safety rule 27)."""

    scope: Scope
    hidden: frozenset[str]
    language: str


@dataclass(frozen=True)
class ChangedRow:
    """What the listeners with these numbers see of an alarm now: its row, or "" once it is closed.

    Who may not see the alarm is not among them, and hears nothing of it.
    """

    alarm: str
    html: str
    listeners: tuple[int, ...]


class Painter:
    """Remembers what it painted last, by everything that it shows; nothing of a case that was erased."""

    def __init__(self, keys: KeyStore) -> None:
        self._painted: dict[Look, tuple[frozenset[str], SafeString]] = {}
        keys.on_erased(self._forget)

    def rows(self, rows: Iterable[AlarmRow]) -> list[SafeString]:
        """The rows in their order."""
        return [self.row(row) for row in rows]

    def row(self, row: AlarmRow) -> SafeString:
        """One row, painted unless one that shows the same was."""
        return self._paint(_look_of(row), "desk/board_row.html", {"row": row}, (row.state.case,))

    def lanes(self, failed: list[Failed], tests: list[Test]) -> SafeString:
        """What stands under the list: what could not be verified, and test presses."""
        if not failed and not tests:
            return SafeString()
        look, units = (language(), *failed, *tests), unit_names()
        context = {
            "failed": [
                {
                    "device": one.device,
                    "zone": units.zone(one.zone),
                    "reason": FAILURES.get(one.reason, one.reason),
                    "at": utc(one.at_us),
                }
                for one in failed
            ],
            "tests": [{"test": test, "zone": units.zone(test.zone), "at": utc(test.at_us)} for test in tests],
        }
        cases = {one.case for one in failed} | {one.case for one in tests}
        return self._paint(look, "desk/board_lanes.html", context, cases)

    def _paint(
        self, look: Look, template: str, context: Mapping[str, object], cases: Iterable[str]
    ) -> SafeString:
        known = self._painted.get(look)
        if known is not None:
            return known[1]
        painted = render_to_string(template, context)
        if len(self._painted) >= _KEPT:
            self._painted = {}
        self._painted[look] = frozenset(cases), painted
        return painted

    def _forget(self, case: str) -> None:
        self._painted = {look: one for look, one in self._painted.items() if case not in one[0]}


def _look_of(row: AlarmRow) -> Look:
    """All that decides what a row looks like: the alarm's version stands for its state."""
    seen = (
        row.state.alarm,
        row.state.version,
        row.shown.name,
        row.zone,
        row.shown.lead,
        row.flags,
        row.stance,
        row.coming,
        row.late,
    )
    return (language(), row.was_shown, row.left, row.mine, row.rings, row.urgency, *seen)


@lru_cache(maxsize=2)
def painter(keys: KeyStore) -> Painter:
    """The painter of this process's installation."""
    return Painter(keys)


def changed_rows(alarms: Sequence[str], listeners: Sequence[Listener]) -> list[ChangedRow]:
    """What each listener's list shows of these alarms now."""
    states = journal().last_known_alarms(alarms)
    return [row for state in states for row in _rows_of_one(state, listeners)]


def _rows_of_one(state: AlarmState, listeners: Sequence[Listener]) -> list[ChangedRow]:
    alike: dict[tuple[str, View], list[int]] = {}
    for number, listener in enumerate(listeners):
        if _may_see(state, listener):
            alike.setdefault((listener.language, view_of(state, listener.scope)), []).append(number)
    return [
        ChangedRow(state.alarm, _painted_in(wanted, state, view) if state.is_open else "", tuple(numbers))
        for (wanted, view), numbers in alike.items()
    ]


def _may_see(state: AlarmState, listener: Listener) -> bool:
    """As `boards.service.alarms_in_scope` decides for a reader who opens the list."""
    return listener.scope.has_desk and state.case not in listener.hidden and covers(listener.scope, state)


def _painted_in(wanted: str, state: AlarmState, view: View) -> str:
    with translation.override(wanted):
        (shown,) = shown_of([state])
        # A plain text: what is marked as safe for templates cannot be packed.
        return painter(journal().keys).row(row_of(shown, view))[:]
