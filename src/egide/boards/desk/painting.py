"""The list as HTML, painted once for all boards that show the same: two hundred of them ask every second."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from egide.boards.desk.lanes import Failed, Test
from egide.boards.desk.presenting import AlarmRow
from egide.boards.desk.words import FAILURES
from egide.boards.shown.words import language
from egide.common.clock import utc
from egide.journal.service import KeyStore

# Some seconds of fifty alarms that move, as a few centres and languages see them.
_KEPT = 2000

Look = tuple[object, ...]


class Painter:
    """Remembers what it painted last, by everything that it shows; nothing of a case that was erased."""

    def __init__(self, keys: KeyStore) -> None:
        self._painted: dict[Look, tuple[frozenset[str], SafeString]] = {}
        keys.on_erased(self._forget)

    def rows(self, rows: list[AlarmRow], user: str) -> list[SafeString]:
        """The rows as `user` sees them, in their order."""
        return [self._row(row, "yes" if user in row.state.lead.shown_by else "no") for row in rows]

    def lanes(self, failed: list[Failed], tests: list[Test]) -> SafeString:
        """What stands under the list: what could not be verified, and test presses."""
        if not failed and not tests:
            return SafeString()
        look = (language(), *failed, *tests)
        context = {
            "failed": [
                {"device": one.device, "reason": FAILURES.get(one.reason, one.reason), "at": utc(one.at_us)}
                for one in failed
            ],
            "tests": [{"test": test, "at": utc(test.at_us)} for test in tests],
        }
        cases = {one.case for one in failed} | {one.case for one in tests}
        return self._paint(look, "desk/board_lanes.html", context, cases)

    def _row(self, row: AlarmRow, is_shown: str) -> SafeString:
        context = {"row": row, "is_shown": is_shown}
        return self._paint(_look_of(row, is_shown), "desk/board_row.html", context, (row.state.case,))

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


def _look_of(row: AlarmRow, is_shown: str) -> Look:
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
    return (language(), is_shown, row.left, row.mine, row.rings, row.urgency, *seen)


@lru_cache(maxsize=2)
def painter(keys: KeyStore) -> Painter:
    """The painter of this process's installation."""
    return Painter(keys)
