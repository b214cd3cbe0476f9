"""Reads the journal for the streams of live, and knows of which alarms and endings they must be told."""

import asyncio
import contextlib
import itertools
import logging
import signal
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from egide.alarm.events.steps import is_unrouted_too_long
from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within, left_s
from egide.common.settings import NotSetUp
from egide.entrypoints.streams.ending_streams import Ended
from egide.entrypoints.streams.rows import Boards
from egide.entrypoints.watch.telling import Troubles
from egide.journal.bell import POLL_S
from egide.journal.errors import JournalUnavailable
from egide.journal.now.known import endings
from egide.journal.service import Clear, Journal

log = logging.getLogger("egide.live")

KEPT = 10_000
CHUNK = 1000
# A journal that has not answered by then is away for boards.
LOOK_S = 1.5
_R = TypeVar("_R")


class Pump:
    """Reads the journal when the bell rings and wakes the streams."""

    def __init__(
        self, config: Config, journal: Journal, clock: Clock, troubles: Troubles, boards: Boards
    ) -> None:
        self._config = config
        self._journal = journal
        self._boards = boards
        self.troubles = troubles
        self._clock = clock
        self._bell = journal.bell("live")
        # All streams go on while it waits for a database that says nothing: what a machine keeps is told meanwhile.
        self._thread = ThreadPoolExecutor(1, "live-reading")
        self._recent: deque[Clear] = deque(maxlen=KEPT)
        self._waiting: dict[str, Clear] = {}
        self._home_centres: dict[str, str] = {}
        self.head = 0
        self.is_healthy = False
        self.overdue: list[Clear] = []
        self.ended = Ended()
        # Whether it is known from where to go on.
        self.has_begun = False
        # Until then a ticket may be one of somebody who has left.
        self.knows_endings = False

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        self._bell.socket.setblocking(False)
        try:
            while True:
                await (self._try_read() if self.has_begun else self.try_begin())
                pause_s = 0.2 if self._waiting else POLL_S
                # Not `wait_for`, which in Python 3.11 forgets a cancellation that comes with the ring.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await loop.sock_recv(self._bell.socket, 1)
                self._bell.drain()
        except Exception:
            log.critical(
                "the journal is read no more: this process ends, and is started again", exc_info=True
            )
            signal.raise_signal(signal.SIGTERM)
            raise
        finally:
            # Whatever ended it: no stream goes on pinging as if all were well.
            self.is_healthy = False
            self._boards.wake()
            self._bell.close()
            self._thread.shutdown(wait=False)

    async def try_begin(self) -> None:
        """Find where to go on from, if the journal can be read."""
        try:
            head, unrouted, recent = await self._in_thread(self._beginning)
        except JournalUnavailable as error:
            log.error("the journal cannot be read: %s", error)
            self.is_healthy = False
            self._learn_endings()
        except NotSetUp as error:
            # There is one, and it is not for this process: who starts it again hears why.
            log.critical("%s", error)
            signal.raise_signal(signal.SIGTERM)
        else:
            self.head, self._waiting = head, {row.stream: row for row in unrouted}
            for row in recent:
                self.ended.note(row)
            self.has_begun = self.knows_endings = self.is_healthy = True
            self._boards.wake()

    def _beginning(self) -> tuple[int, list[Clear], list[Clear]]:
        """How far the journal is, which alarms wait for a route, and its last rows: endings of before may be there."""
        head = self._journal.head()
        return head, self._journal.unrouted(), self._journal.read_clear(max(0, head - KEPT), KEPT)

    async def _in_thread(self, ask: Callable[[], _R]) -> _R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask)

    def _learn_endings(self) -> None:
        """From what this machine's intake copied of the journal last."""
        if not self.knows_endings:
            with contextlib.suppress(JournalUnavailable):
                for row in endings(self._config):
                    self.ended.note(row)
                self.knows_endings = True

    async def _try_read(self) -> None:
        """While the journal cannot be read, no stream pings: a board must not look alive while it hears nothing."""
        try:
            await self._read()
            is_changed = await self._in_thread(self._look)
            if is_changed or not self.is_healthy:
                self._boards.wake()
            self.is_healthy = True
        except JournalUnavailable:
            log.exception("the journal cannot be read")
            self.is_healthy = False
            self._boards.wake()

    async def _read(self) -> None:
        while rows := await self._in_thread(self._next):
            for row in rows:
                self._recent.append(row)
                self.ended.note(row)
                self._note_route(row)
                self._boards.note(row)
            self.head = rows[-1].seq
            self._boards.wake()
        await self._find_overdue()

    def _next(self) -> list[Clear]:
        with answered_within(LOOK_S):
            return self._journal.read_clear(self.head, CHUNK)

    def _look(self) -> bool:
        """Whether what watch found is new. Raises JournalUnavailable where nobody answers in time."""
        with answered_within(LOOK_S):
            is_changed = self.troubles.is_changed()
            if left_s() == 0:
                raise JournalUnavailable("the journal's database has not answered in time")
        return is_changed

    def waits(self, row: Clear) -> bool:
        """Whether the alarm that this row opened was late for its route, and has none yet."""
        return row.stream in self._home_centres

    def home_centre(self, stream: str) -> str:
        """The centre that stands in for an alarm that waits too long for a route; else an empty text."""
        return self._home_centres.get(stream, "")

    def _note_route(self, row: Clear) -> None:
        if not row.stream.startswith("alarm:"):
            return
        if row.centre:
            self._waiting.pop(row.stream, None)
            self._home_centres.pop(row.stream, None)
        else:
            self._waiting.setdefault(row.stream, row)

    async def _find_overdue(self) -> None:
        """Alarms that waited too long for a route. They wait in order of arrival, so only the first are looked at."""
        now_us = self._clock.now_us()
        overdue = list(itertools.takewhile(lambda row: is_overdue(row, now_us), self._waiting.values()))
        if not overdue:
            return
        homes = await self._in_thread(lambda: self._homes_of(overdue))
        for row in overdue:
            del self._waiting[row.stream]
            self._home_centres[row.stream] = homes[row.stream]
            self._boards.note(row)
        self.overdue += overdue
        self._boards.wake()

    def _homes_of(self, overdue: Sequence[Clear]) -> dict[str, str]:
        with answered_within(LOOK_S):
            return {
                row.stream: self._journal.home_centre(row.stream.removeprefix("alarm:")) for row in overdue
            }

    def after(self, seq: int) -> list[Clear]:
        """Up to CHUNK rows behind `seq`: from memory, or from the journal after a longer absence."""
        if self._recent and self._recent[0].seq <= seq + 1:
            start = bisect_right(self._recent, seq, key=lambda row: row.seq)
            return [self._recent[i] for i in range(start, min(start + CHUNK, len(self._recent)))]
        return [row for row in self._journal.read_clear(seq, CHUNK) if row.seq <= self.head]


def is_overdue(row: Clear, now_us: int) -> bool:
    """Whether an alarm has waited too long for its route."""
    return is_unrouted_too_long(row.at_us, now_us)
