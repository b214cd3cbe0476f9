"""Rows of the list as HTML, painted once for all boards that show the same: two hundred of them ask every second."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from egide.boards.desk.presenting import Row
from egide.boards.desk.whereabouts import language
from egide.journal.service import KeyStore

# Some seconds of fifty alarms that move, as a few centres and languages see them.
_KEPT = 2000

Look = tuple[object, ...]


class Painter:
    """Remembers the rows that it painted last, by everything that they show; nothing of a case that was erased."""

    def __init__(self, keys: KeyStore) -> None:
        self._painted: dict[Look, tuple[str, SafeString]] = {}
        keys.on_erased(self._forget)

    def paint(self, rows: list[Row], user: str) -> list[SafeString]:
        """The rows as `user` sees them, in their order."""
        return [self._row(row, "yes" if user in row.state.lead.shown_by else "no") for row in rows]

    def _row(self, row: Row, shown: str) -> SafeString:
        look = _look_of(row, shown)
        known = self._painted.get(look)
        if known is not None:
            return known[1]
        painted = render_to_string("desk/board_row.html", {"row": row, "shown": shown})
        if len(self._painted) >= _KEPT:
            self._painted = {}
        self._painted[look] = row.state.case, painted
        return painted

    def _forget(self, case: str) -> None:
        self._painted = {look: one for look, one in self._painted.items() if one[0] != case}


def _look_of(row: Row, shown: str) -> Look:
    """All that decides what a row looks like: the alarm's version stands for its state."""
    seen = (
        row.state.alarm,
        row.state.version,
        row.name,
        row.zone,
        row.taken_by,
        row.flags,
        row.lead,
        row.late,
    )
    return (language(), shown, row.left, row.mine, row.rings, row.urgency, *seen)


@lru_cache(maxsize=2)
def painter(keys: KeyStore) -> Painter:
    """The painter of this process's installation."""
    return Painter(keys)
