"""Reads the journal for the streams of live, and knows of which alarms and endings they must be told."""

import asyncio
import contextlib
import itertools
import logging
import signal
from bisect import bisect_right
from collections import deque

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
# All streams wait while it reads; a press that cannot be stored is kept after two seconds, and to be shown then.
LOOK_S = 1.5


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
        finally:
            # Whatever ended it: no stream goes on pinging as if all were well.
            self.is_healthy = False
            self._boards.wake()
            self._bell.close()

    async def try_begin(self) -> None:
        """Find where to go on from, if the journal can be read."""
        try:
            # Where it is away, that may take seconds.
            self.head = await asyncio.to_thread(self._journal.head)
            self._waiting = {row.stream: row for row in self._journal.unrouted()}
            # Endings before this start, as far as they may stand among the last rows.
            for row in self._journal.read_clear(max(0, self.head - KEPT), KEPT):
                self.ended.note(row)
        except JournalUnavailable as error:
            log.error("the journal cannot be read: %s", error)
            self.is_healthy = False
            self._learn_endings()
        except NotSetUp as error:
            # There is one, and it is not for this process: who starts it again hears why.
            log.critical("%s", error)
            signal.raise_signal(signal.SIGTERM)
        else:
            self.has_begun = self.knows_endings = self.is_healthy = True
            self._boards.wake()

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
            if not self.is_healthy:
                # To find out may take seconds: what this machine keeps is told meanwhile.
                await asyncio.to_thread(self._journal.head)
            with answered_within(LOOK_S):
                self._read()
                is_changed = self.troubles.is_changed()
                if left_s() == 0:
                    raise JournalUnavailable("the journal's database has not answered in time")
            if is_changed or not self.is_healthy:
                self._boards.wake()
            self.is_healthy = True
        except JournalUnavailable:
            log.exception("the journal cannot be read")
            self.is_healthy = False
            self._boards.wake()

    def _read(self) -> None:
        rows = self._journal.read_clear(self.head, CHUNK)
        while rows:
            for row in rows:
                self._recent.append(row)
                self.ended.note(row)
                self._note_route(row)
                self._boards.note(row)
            self.head = rows[-1].seq
            self._boards.wake()
            rows = self._journal.read_clear(self.head, CHUNK)
        self._find_overdue()

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

    def _find_overdue(self) -> None:
        """Alarms that waited too long for a route. They wait in order of arrival, so only the first are looked at."""
        now_us = self._clock.now_us()
        overdue = list(itertools.takewhile(lambda row: is_overdue(row, now_us), self._waiting.values()))
        for row in overdue:
            del self._waiting[row.stream]
            self._home_centres[row.stream] = self._journal.home_centre(row.stream.removeprefix("alarm:"))
            self._boards.note(row)
        if overdue:
            self.overdue += overdue
            self._boards.wake()

    def after(self, seq: int) -> list[Clear]:
        """Up to CHUNK rows behind `seq`: from memory, or from the journal after a longer absence."""
        if self._recent and self._recent[0].seq <= seq + 1:
            start = bisect_right(self._recent, seq, key=lambda row: row.seq)
            return [self._recent[i] for i in range(start, min(start + CHUNK, len(self._recent)))]
        return [row for row in self._journal.read_clear(seq, CHUNK) if row.seq <= self.head]


def is_overdue(row: Clear, now_us: int) -> bool:
    """Whether an alarm has waited too long for its route."""
    return is_unrouted_too_long(row.at_us, now_us)
