"""What is true only now, and lost without harm: which boards are there.

Apart from the journal, so that no board's sign of life ever delays an alarm.
"""

import msgspec

from egide.common.config import Config
from egide.journal.engines.base import Connection
from egide.journal.engines.chosen import presence_of
from egide.journal.errors import or_unavailable

_NOTE = """
INSERT INTO board VALUES (?,?,?,?,?) ON CONFLICT (board) DO UPDATE SET "user" = excluded."user",
  centre = excluded.centre, seen_at_us = excluded.seen_at_us, active_at_us = excluded.active_at_us
"""
# A board that was not heard of for this long is forgotten.
KEPT_US = 86_400 * 1_000_000


class BoardSeen(msgspec.Struct, frozen=True):
    """A board's latest sign of life, and when its operator last moved a hand. `board` is a random id of the page."""

    board: str
    user: str
    centre: str
    seen_at_us: int
    active_at_us: int


class Presence:
    """presence.db beside the journal, or tables there. Nothing here is forced to the disk."""

    @or_unavailable
    def __init__(self, config: Config) -> None:
        self._open(config)
        self._prepare()

    @classmethod
    def open_later(cls, config: Config) -> "Presence":
        """The same for a process that begins while the journal's database is away: whether its tables are there is
        found out with the first question."""
        presence = cls.__new__(cls)
        presence._open(config)
        return presence

    def _open(self, config: Config) -> None:
        self._place = presence_of(config)
        self._is_prepared = False

    def _prepare(self) -> None:
        if not self._is_prepared:
            self._place.prepare()
            self._is_prepared = True

    @property
    def connection(self) -> Connection:
        """This thread's own."""
        self._prepare()
        return self._place.connection

    @or_unavailable
    def note_board(self, board: str, user: str, centre: str, now_us: int, idle_us: int) -> None:
        """A board is there; its operator's last movement was `idle_us` microseconds ago."""
        self.connection.execute(_NOTE, (board, user, centre, now_us, now_us - max(0, idle_us)))
        self.connection.execute("DELETE FROM board WHERE seen_at_us < ?", (now_us - KEPT_US,))

    @or_unavailable
    def forget_user(self, user: str) -> None:
        """Somebody who signed out is at no board."""
        self.connection.execute('DELETE FROM board WHERE "user" = ?', (user,))

    @or_unavailable
    def boards(self) -> list[BoardSeen]:
        """All boards that were heard of, the latest first."""
        rows = self.connection.execute(
            'SELECT board, "user", centre, seen_at_us, active_at_us FROM board ORDER BY seen_at_us DESC'
        )
        return [BoardSeen(*row) for row in rows]
