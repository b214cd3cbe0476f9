"""Which messages wait in their order because no server can take them now (decision 0102)."""

import asyncio
from collections.abc import Callable

import msgspec

from egide.companion.rules import SHORTEST_WAIT_S
from egide.companion.store import Outgoing
from egide.protocol.envelope import Kind

# A server that takes other messages and none of these times this one means the message after all.
MEANT_AFTER = 10


class _Word(msgspec.Struct):
    """That a server is away was the answer to the message `counter`: so many `times`, and others were taken between.

    `taken`: how many messages had been taken then.
    """

    counter: int
    times: int
    taken: int


class Away:
    """A kind for which servers are away waits as a whole: an intake whose journal is away keeps places and refuses
    notices. In memory alone."""

    def __init__(self, again: Callable[[], None]) -> None:
        """`again` is called when the wait is over: what waited has its turn."""
        self.kinds: set[Kind] = set()
        self._again = again
        self._words: dict[Kind, _Word] = {}
        self._taken = 0
        self._end: asyncio.TimerHandle | None = None
        self._is_near = False

    def means(self, message: Outgoing) -> bool:
        """Whether this further answer means the message and not the server. Behind another kind that waits it means the
        server: what has its turn only then would be asked only while the server is away."""
        if self.kinds:
            return False
        word = self._words.get(message.kind)
        if word is None or word.counter != message.counter:
            word = self._words[message.kind] = _Word(message.counter, 1, self._taken)
        elif word.taken < self._taken:
            word.times, word.taken = word.times + 1, self._taken
        if word.times < MEANT_AFTER:
            return False
        del self._words[message.kind]
        return True

    def wait(self, kind: Kind, pause_s: float) -> None:
        """What is of this kind waits; `pause_s` holds where nothing waited yet."""
        if not self.kinds:
            self._is_near = False
            self._end_in(pause_s)
        self.kinds.add(kind)

    def note_taken(self) -> None:
        """A server took something, so it may take the rest."""
        self._taken += 1
        if self.kinds and not self._is_near:
            self._is_near = True
            self._end_in(SHORTEST_WAIT_S)

    def _end_in(self, pause_s: float) -> None:
        self.stop()
        self._end = asyncio.get_running_loop().call_later(pause_s, self.end)

    def end(self) -> None:
        """All has its turn again."""
        if self.kinds:
            self.stop()
            self.kinds.clear()
            self._again()

    def stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
