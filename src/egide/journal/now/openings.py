"""How many different codes were tried on each phone: what makes four digits too many to try.

Apart from the journal, on the disk before anything is answered. A row is a mark that says nothing without the keys,
and goes after a day: nobody must learn here when she opened her phone.
"""

from egide.common.config import Config
from egide.journal.engines.chosen import openings_of
from egide.journal.errors import or_unavailable

HOUR_S, DAY_S = 3600, 86_400
PER_HOUR, PER_DAY = 5, 20

_COUNT = """
SELECT count(*), count(CASE WHEN at_s > ? THEN 1 END), max(CASE WHEN mark = ? THEN 1 ELSE 0 END)
FROM opening WHERE device = ?
"""


class Openings:
    """openings.db beside the journal, or a table there."""

    @or_unavailable
    def __init__(self, config: Config) -> None:
        self._place = openings_of(config)
        self._place.prepare()

    @or_unavailable
    def take(self, device: str, mark: bytes, now_s: int) -> bool:
        """Whether one more try with this code is allowed; durable when it returns.

        The same code again costs nothing and tells nobody anything: she may open her page often, and somebody else's
        guesses do not keep her out once she was in that day. Raises JournalUnavailable.
        """
        # Alone: two machines that count at once would both allow the last try.
        with self._place.step(alone=True) as connection:
            execute = connection.execute
            # What lies in the future was written before the clock was set back: it goes on counting.
            execute("DELETE FROM opening WHERE at_s <= ?", (now_s - DAY_S,))
            in_day, in_hour, is_known = execute(_COUNT, (now_s - HOUR_S, mark, device)).fetchone()
            is_allowed = bool(is_known) or (in_hour < PER_HOUR and in_day < PER_DAY)
            if is_allowed and not is_known:
                execute("INSERT INTO opening VALUES (?, ?, ?)", (device, mark, now_s))
        return is_allowed
