"""Whether a journal that was away can be reached again, asked in a thread: nobody who serves phones waits for that."""

import threading
from collections.abc import Callable

from egide.common.postgres.patience import answered_within
from egide.journal.errors import JournalError

PAUSE_S = 0.2
# Another machine may lead meanwhile, and whoever is asked may never answer.
ANSWER_S = 10.0


class Reaching:
    """Asks from `begin` on until the journal answers."""

    def __init__(self, ask: Callable[[], object]) -> None:
        """`ask` raises JournalError while it does not do what is wanted of it."""
        self._ask_once = ask
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
                with answered_within(ANSWER_S):
                    self._ask_once()
            except JournalError:
                continue
            with self._lock:
                self.is_reached, self._is_asking = True, False
            return
