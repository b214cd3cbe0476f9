"""Whether a journal that was away can be reached again, asked in a thread: nobody who serves phones waits for that."""

import threading

from egide.journal.errors import JournalUnavailable
from egide.journal.service import Journal

PAUSE_S = 0.2


class Reaching:
    """Asks from `begin` on until the journal answers, each time for as long as its own patience takes."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._is_asking = False
        self.is_reached = True

    def begin(self) -> None:
        """The journal did not answer."""
        with self._lock:
            self.is_reached = False
            # Told under the lock by the thread itself: one that is about to end would ask for nobody any more.
            is_needed, self._is_asking = not self._is_asking, True
        if is_needed:
            threading.Thread(target=self._ask, name="journal-reaching", daemon=True).start()

    def _ask(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(PAUSE_S)
            try:
                self._journal.head()
            except JournalUnavailable:
                continue
            with self._lock:
                self.is_reached, self._is_asking = True, False
            return
