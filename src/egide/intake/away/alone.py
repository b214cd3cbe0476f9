"""The writer of an intake that began while the journal has no primary: with this machine's copy of what the journal
said of phones it keeps what somebody in danger sends, until the journal is there and the ordinary writer goes on.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.intake.away.copying import learn
from egide.intake.away.keeping import Keeper
from egide.intake.away.reaching import PAUSE_S
from egide.intake.away.showing import Showing
from egide.intake.passing import Answered, Arrival, Item
from egide.intake.refusals import unavailable
from egide.journal.errors import JournalUnavailable
from egide.journal.now.kept import PURPOSE
from egide.journal.now.known import facts, lent_key
from egide.journal.proof.returned import KeysReturned
from egide.journal.sealing.keys import borrowed

# A list of all erased cases is looked through each time.
SELDOM_S = 2.0
# All phones are learned in it.
BEGINNING_S = 120.0

log = logging.getLogger("egide.intake")

W = TypeVar("W")


class Alone(Generic[W]):
    """Keeps; `begin` makes the ordinary writer over the same file, and is tried again and again in a thread."""

    def __init__(self, config: Config, clock: Clock, begin: Callable[[Keeper], W]) -> None:
        """Raises NotSetUp where this machine has never had a journal, JournalUnavailable, OSError."""
        lent = lent_key(config)
        if lent is None:
            raise NotSetUp(
                _(
                    "The journal's database cannot be reached, and this machine has not known any phone yet: intake"
                    " begins when that database is there."
                )
            )
        self._keeper = Keeper(config, clock, borrowed(config, lent, PURPOSE))
        learn(self.showing, self._keeper.known.all())
        self.showing.note_moment(facts(config).at_us)
        self._keeper.show_all()
        self._begin = begin
        self._trying: Future[W] | None = None
        self._thread = ThreadPoolExecutor(1, "journal-beginning")
        self._said, self._pause_s = "", PAUSE_S

    @property
    def showing(self) -> Showing:
        """What boards of this machine are shown."""
        return self._keeper.showing

    def handle(self, items: Sequence[Item]) -> list[Answered]:
        """Keep what is for the file, and refuse the rest: also whom this machine has not known, since who verified
        knows keys of the copy alone, and cannot tell that nobody put one in."""
        known = [item for item in items if isinstance(item, Arrival) and self.showing.knows(item.kid)]
        return [unavailable(item) for item in items if item not in known] + self._keeper.keep(known)

    def heir(self) -> W | None:
        """The ordinary writer, once there is one: nothing is to be handled here then. Called again and again; raises
        whatever keeps one from beginning though the journal is there, as NotSetUp."""
        if self._trying is None:
            self._trying = self._thread.submit(self._try)
        elif self._trying.done():
            try:
                return self._trying.result()
            except JournalUnavailable as error:
                self._trying = None
                self._pause_s = SELDOM_S if isinstance(error, KeysReturned) else PAUSE_S
                self._say(str(error))
        return None

    def _say(self, why: str) -> None:
        """Once for each reason: it is tried several times a second."""
        if why != self._said:
            log.warning("what comes is kept: %s", why)
        self._said = why

    def _try(self) -> W:
        threading.Event().wait(self._pause_s)
        with answered_within(BEGINNING_S):
            return self._begin(self._keeper)
