"""How many different codes were tried on each phone: what makes four digits too many to try.

In a file of its own, on the disk before anything is answered. A row is a mark that says nothing without the keys,
and goes after a day: nobody must learn here when she opened her phone.
"""

from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.journal.errors import or_unavailable

HOUR_S, DAY_S = 3600, 86_400
PER_HOUR, PER_DAY = 5, 20
_BUSY_S = 5.0

_SQL = """
CREATE TABLE IF NOT EXISTS opening (
    device TEXT NOT NULL, mark BLOB NOT NULL, at_s INTEGER NOT NULL, PRIMARY KEY (device, mark)
) WITHOUT ROWID;
"""
_COUNT = "SELECT count(*), coalesce(sum(at_s > ?), 0), max(mark = ?) FROM opening WHERE device = ?"


class Openings:
    """openings.db beside the journal. Used by one thread only."""

    @or_unavailable
    def __init__(self, config: Config) -> None:
        path = config.data_dir / "openings.db"
        self._connection = open_database(path, synchronous="FULL", timeout_s=_BUSY_S, check_same_thread=False)
        self._connection.executescript(_SQL)

    @or_unavailable
    def take(self, device: str, mark: bytes, now_s: int) -> bool:
        """Whether one more try with this code is allowed; durable when it returns.

        The same code again costs nothing and tells nobody anything: she may open her page often, and somebody else's
        guesses do not keep her out once she was in that day. Raises JournalUnavailable.
        """
        execute = self._connection.execute
        with one_step(self._connection):
            # What lies in the future was written before the clock was set back: it goes on counting.
            execute("DELETE FROM opening WHERE at_s <= ?", (now_s - DAY_S,))
            in_day, in_hour, is_known = execute(_COUNT, (now_s - HOUR_S, mark, device)).fetchone()
            is_allowed = bool(is_known) or (in_hour < PER_HOUR and in_day < PER_DAY)
            if is_allowed and not is_known:
                execute("INSERT INTO opening VALUES (?, ?, ?)", (device, mark, now_s))
        return is_allowed
