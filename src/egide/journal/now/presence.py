"""What is true only now, and lost without harm: which boards are there.

In a file of its own, so that no board's sign of life ever delays an alarm.
"""

import sqlite3
import threading

import msgspec

from egide.common.config import Config
from egide.common.database import open_database
from egide.journal.errors import or_unavailable

_SQL = """
CREATE TABLE IF NOT EXISTS board (
    board TEXT PRIMARY KEY, user TEXT NOT NULL, centre TEXT NOT NULL,
    seen_at_us INTEGER NOT NULL, active_at_us INTEGER NOT NULL
) WITHOUT ROWID;
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
    """presence.db beside the journal; each thread has a connection of its own. Nothing here is forced to the disk."""

    @or_unavailable
    def __init__(self, config: Config) -> None:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = config.data_dir / "presence.db"
        self._local = threading.local()
        self.connection.executescript(_SQL)

    @property
    def connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_database(self._path, synchronous="OFF")
            self._local.connection = connection
        return connection

    @or_unavailable
    def note_board(self, board: str, user: str, centre: str, now_us: int, idle_us: int) -> None:
        """A board is there; its operator's last movement was `idle_us` microseconds ago."""
        self.connection.execute(
            "INSERT OR REPLACE INTO board VALUES (?,?,?,?,?)",
            (board, user, centre, now_us, now_us - max(0, idle_us)),
        )
        self.connection.execute("DELETE FROM board WHERE seen_at_us < ?", (now_us - KEPT_US,))

    @or_unavailable
    def forget_user(self, user: str) -> None:
        """Somebody who signed out is at no board."""
        self.connection.execute("DELETE FROM board WHERE user = ?", (user,))

    @or_unavailable
    def boards(self) -> list[BoardSeen]:
        """All boards that were heard of, the latest first."""
        rows = self.connection.execute(
            "SELECT board, user, centre, seen_at_us, active_at_us FROM board ORDER BY seen_at_us DESC"
        )
        return [BoardSeen(*row) for row in rows]
