"""Whether a journal that was away can be reached again, asked in a thread: nobody who serves phones waits for that."""

import threading

from egide.journal.errors import JournalUnavailable
from egide.journal.service import Journal

PAUSE_S = 0.2


class Reaching:
    """Asks from `begin` on until the journal answers, each time for as long as its own patience takes."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread: threading.Thread | None = None
        self.is_reached = True

    def begin(self) -> None:
        """The journal did not answer."""
        self.is_reached = False
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._ask, name="journal-reaching", daemon=True)
            self._thread.start()

    def _ask(self) -> None:
        pause = threading.Event()
        while not self.is_reached:
            pause.wait(PAUSE_S)
            try:
                self._journal.head()
            except JournalUnavailable:
                continue
            self.is_reached = True
