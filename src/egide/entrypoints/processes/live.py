"""The process that tells browsers that something happened: (seq, kind, stream) as server-sent events, by scope.

It holds no key: it filters on clear columns. What a reader may see is decided where pages are made: there a page asks,
and from there come the rows that boards are sent (`rows`).
"""

import asyncio
import contextlib
import itertools
import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

import click

from egide.alarm.events.steps import is_unrouted_too_long
from egide.common import ticket as tickets
from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.ticket import Ticket, TicketError, TicketKeys
from egide.entrypoints.processes.ending_streams import Ended, OpenStream, OpenStreams
from egide.entrypoints.processes.kept_rows import KeptRows, Telling
from egide.entrypoints.processes.rows import Board, Boards, language_of
from egide.entrypoints.serving.asgi import (
    AsgiApplication,
    Receive,
    Scope,
    Send,
    beat_until_cancelled,
    cookie_of,
    end_tasks,
    json_answer,
    note_known,
    plain_answer,
    resume_from,
)
from egide.entrypoints.serving.connections import Counting
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.serving.server import listen, prepare, run_asgi, serving_options
from egide.entrypoints.watch.telling import Troubles, is_canary, may_see_canary
from egide.journal.bell import POLL_S
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import ChainTrouble, Pulse, Signs, server_name
from egide.journal.service import Clear, Journal

log = logging.getLogger("egide.live")

PING_S = 5.0
KEPT = 10_000
CHUNK = 1000


def may_see(ticket: Ticket, row: Clear, now_us: int, home_centre: str = "") -> bool:
    """Whether this reader learns of this event.

    An alarm that nobody was given goes to every supervisor, and to every operator of its `home_centre`.
    """
    if ticket.everything:
        return True
    if row.key in ticket.hidden:
        return False
    if is_canary(row):
        return may_see_canary(ticket, row, now_us)
    if row.stream.startswith("alarm:") and not row.centre:
        is_theirs = ticket.supervisor or (bool(home_centre) and home_centre in ticket.centres)
        return is_theirs and is_overdue(row, now_us)
    return bool(
        not set(ticket.centres).isdisjoint(row.centre.split())
        or not set(ticket.zones).isdisjoint(row.zone.split())
        or (row.stream.startswith("alarm:") and row.stream[6:] in ticket.alarms)
    )


def is_overdue(row: Clear, now_us: int) -> bool:
    """Whether an alarm has waited too long for its route."""
    return is_unrouted_too_long(row.at_us, now_us)


def as_sse(rows: Sequence[Clear]) -> bytes:
    """Server-sent events (HTML living standard, section 9.2) with the seq as id."""
    return b"".join(
        b'id: %d\ndata: [%d,"%s","%s"]\n\n' % (r.seq, r.seq, r.kind.encode(), r.stream.encode()) for r in rows
    )


class Pump:
    """Reads the journal when the bell rings and wakes the streams."""

    def __init__(self, journal: Journal, clock: Clock, troubles: Troubles, boards: Boards) -> None:
        self._journal = journal
        self._boards = boards
        self.troubles = troubles
        self._clock = clock
        self._bell = journal.bell("live")
        self._recent: deque[Clear] = deque(maxlen=KEPT)
        self._waiting: dict[str, Clear] = {}
        self._home_centres: dict[str, str] = {}
        self.head = 0
        self.is_healthy = True
        self.overdue: list[Clear] = []
        self.ended = Ended()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        self.head = self._journal.head()
        self._waiting = {row.stream: row for row in self._journal.unrouted()}
        # Endings before this start, as far as they may stand among the last rows.
        for row in self._journal.read_clear(max(0, self.head - KEPT), KEPT):
            self.ended.note(row)
        self._bell.socket.setblocking(False)
        try:
            while True:
                await self._try_read()
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

    async def _try_read(self) -> None:
        """While the journal cannot be read, no stream pings: a board must not look alive while it hears nothing."""
        try:
            if not self.is_healthy:
                # To find out may take seconds: what this machine keeps is told meanwhile.
                await asyncio.to_thread(self._journal.head)
            self._read()
            if self.troubles.is_changed() or not self.is_healthy:
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


class Application(AsgiApplication):
    """GET /v1/live and GET /v1/health."""

    def __init__(
        self, config: Config, journal: Journal, clock: Clock, closing: asyncio.Event, name: str = "live"
    ) -> None:
        signs = Signs(config, clock)
        self._is_ours = config.is_web_origin
        self._cookie = config.cookie(tickets.COOKIE)
        self._keys = TicketKeys(config.data_dir)
        self._clock = clock
        self._closing = closing
        self._boards = Boards(config)
        self._kept = KeptRows(config, self._boards)
        self._pump = Pump(journal, clock, Troubles(signs), self._boards)
        self._journal = journal
        self._streams = OpenStreams()
        self._counting = Counting(signs, "live")
        self._pulse = Pulse(signs, clock, name)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        beating = beat_until_cancelled(self._pulse, self._how_far, self._keys.mark)
        counting = self._streams.count_until_cancelled(self._counting)
        kept = self._kept.look_until_cancelled()
        tasks = (self._pump.run(), self._boards.run_until_cancelled(), beating, counting, kept)
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._pulse.leave()

    def _how_far(self) -> tuple[int, int]:
        head = self._pump.head
        return head, self._journal.head() if self._pump.is_healthy else head

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        cors = self._cors(headers.get("origin"))
        if scope["path"] == "/v1/health":
            await self._health(send)
        elif scope["path"] != "/v1/live":
            await plain_answer(send, 404, b"")
        elif cors is None:
            await plain_answer(send, 403, b"this origin may not listen")
        elif scope["method"] != "GET":
            await plain_answer(send, 405, b"")
        elif not (self._pump.is_healthy or self._kept.is_possible):
            await plain_answer(send, 503, b"the journal cannot be read", cors)
        else:
            try:
                ticket = self._keys.check(cookie_of(headers, self._cookie), self._clock.now_us() // 1_000_000)
            except TicketError:
                ticket = None
            if ticket is None or self._pump.ended.has(ticket):
                await plain_answer(send, 401, b"no valid ticket", cors)
                return
            note_known(scope)
            after = resume_from(headers, scope["query_string"])
            opened = self._streams.take(ticket)
            board = self._boards.open(ticket, language_of(scope["query_string"]))
            try:
                stream = _Stream(
                    self._pump, self._kept.telling(ticket), self._clock, self._closing, opened, board, after
                )
                await stream.run(receive, send, cors)
            finally:
                self._boards.close(board)
                self._streams.leave(opened)

    async def _health(self, send: Send) -> None:
        """How far behind the journal this process is; 503 when it cannot read it."""
        with contextlib.suppress(JournalUnavailable):
            if self._pump.is_healthy:
                head = self._journal.head()
                await json_answer(send, 200, {"status": "ok", "seq": self._pump.head, "head": head})
                return
        await json_answer(send, 503, {"status": "journal-unavailable"})

    def _cors(self, origin: str | None) -> list[tuple[bytes, bytes]] | None:
        """Headers that let the page's origin read; none are needed without an origin, None refuses."""
        if origin is None:
            return []
        if not self._is_ours(origin):
            return None
        return [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        ]


class _Stream:
    """One open stream. Ends when the reader leaves, the ticket runs out, others need its place or the process stops."""

    def __init__(
        self,
        pump: Pump,
        kept: Telling,
        clock: Clock,
        closing: asyncio.Event,
        opened: OpenStream,
        board: Board,
        after: int | None,
    ) -> None:
        self._pump = pump
        self._kept = kept
        self._board = board
        self._clock = clock
        self._closing = closing
        self._opened = opened
        self._ticket = opened.ticket
        self._seq = pump.head if after is None else min(after, pump.head)
        # A reader that connects later hears of it too: their board may have been painted before an alarm was late.
        self._overdue_told = 0
        # A board that comes back may still show what is over.
        self._troubles_told: list[ChainTrouble] | None = None if after is not None else []

    async def run(self, receive: Receive, send: Send, cors: list[tuple[bytes, bytes]]) -> None:
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, *cors]})
        # A stream that only sends never notices that its reader left.
        ways = (_until_disconnect(receive), self._closing.wait(), self._opened.over.wait())
        ends = [asyncio.ensure_future(way) for way in ways]
        try:
            await _send(send, b"retry: 1000\n\n" + (self._ping() if self._pump.is_healthy else b""))
            while not self._is_over() and not any(end.done() for end in ends):
                self._board.changed.clear()
                data = self._kept.news(is_away=not self._pump.is_healthy)
                if self._pump.is_healthy:
                    data += self._news() + self._board.take()
                if data:
                    await _send(send, data)
                    continue
                changed = asyncio.create_task(self._board.changed.wait())
                await asyncio.wait((changed, *ends), timeout=PING_S, return_when="FIRST_COMPLETED")
                changed.cancel()
                if not self._board.changed.is_set():
                    await _send(send, self._ping())
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            for end in ends:
                end.cancel()

    def _news(self) -> bytes:
        rows = self._pump.after(self._seq)
        if rows:
            self._seq = rows[-1].seq
        now_us = self._clock.now_us()
        seen = [row for row in rows if self._may_see(row, now_us)]
        if not self._ticket.everything:
            overdue = self._pump.overdue[self._overdue_told :]
            self._overdue_told += len(overdue)
            seen += [row for row in overdue if self._pump.waits(row) and self._may_see(row, now_us)]
        troubles = self._pump.troubles.news_since(self._troubles_told)
        self._troubles_told = self._pump.troubles.now
        # Something passed by that this reader may not see: still move the browser's resume point.
        return troubles + (as_sse(seen) if seen else (self._ping() if rows else b""))

    def _may_see(self, row: Clear, now_us: int) -> bool:
        return may_see(self._ticket, row, now_us, self._pump.home_centre(row.stream))

    def _ping(self) -> bytes:
        """An event, not a comment: scripts cannot see comments, and the page must notice silence. While the journal is
        away the same is said in another word, by which no page takes itself for alive."""
        if not self._pump.is_healthy:
            return self._kept.again()
        return b"event: ping\nid: %d\ndata: %d\n\n" % (self._seq, self._seq)

    def _is_over(self) -> bool:
        is_late = self._ticket.expires_at_s <= self._clock.now_us() // 1_000_000
        is_mute = not (self._pump.is_healthy or self._kept.is_possible)
        return is_late or is_mute or self._pump.ended.has(self._ticket)


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@click.command()
@serving_options("live")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Tell browsers what happens."""
    prepare()
    config = Config.from_env()
    closing = asyncio.Event()
    clock = SystemClock()
    listener = listen(fd, host, port_of(config, "live", port))
    name = server_name(config, "live", listener.getsockname()[1])
    app = Application(config, Journal.open(config, clock), clock, closing, name)
    run_asgi(app, listener, "live", config, closing)


if __name__ == "__main__":
    main()
