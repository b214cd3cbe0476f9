"""The process that tells browsers that something happened: (seq, kind, stream) as server-sent events, by scope.

It holds no key: it filters on clear columns. What a reader may see is decided where pages are made: there a page asks,
and from there come the rows that boards are sent (`rows`).
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import click

from egide.common import ticket as tickets
from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.ticket import Ticket, TicketError, TicketKeys
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
from egide.entrypoints.streams.ending_streams import OpenStream, OpenStreams
from egide.entrypoints.streams.kept_rows import KeptRows, Telling
from egide.entrypoints.streams.pump import Pump, is_overdue
from egide.entrypoints.streams.rows import Board, Boards, language_of
from egide.entrypoints.watch.telling import Troubles, is_canary, may_see_canary
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import ChainTrouble, Pulse, Signs, server_name
from egide.journal.service import Clear, Journal

log = logging.getLogger("egide.live")

PING_S = 5.0


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


def as_sse(rows: Sequence[Clear]) -> bytes:
    """Server-sent events (HTML living standard, section 9.2) with the seq as id."""
    return b"".join(
        b'id: %d\ndata: [%d,"%s","%s"]\n\n' % (r.seq, r.seq, r.kind.encode(), r.stream.encode()) for r in rows
    )


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
        self._pump = Pump(config, journal, clock, Troubles(signs), self._boards)
        self._journal = journal
        self._streams = OpenStreams()
        self._counting = Counting(signs, "live")
        self._pulse = Pulse(signs, clock, name)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._pump.try_begin()
        beating = beat_until_cancelled(self._pulse, self._how_far, self._keys.mark)
        counting = self._streams.count_until_cancelled(self._counting)
        kept = self._kept.look_until_cancelled()
        tasks = (self._pump.run(), self._boards.run_until_cancelled(), beating, counting, kept)
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._pulse.leave()

    async def _how_far(self) -> tuple[int, int]:
        head = self._pump.head
        # Whoever only wants to know holds up no stream.
        return head, await asyncio.to_thread(self._journal.head) if self._pump.is_healthy else head

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
        elif not (self._pump.is_healthy or (self._kept.is_possible and self._pump.knows_endings)):
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
                head = await asyncio.to_thread(self._journal.head)
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
        # A reader who came before there was a journal comes again, and says how far they are.
        self._is_early = not pump.has_begun
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
                    # What is kept is said again and again: a board rings for it.
                    await _send(send, (self._ping() if self._pump.is_healthy else b"") + self._kept.again())
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
        """An event, not a comment: scripts cannot see comments, and the page must notice silence. Never while the
        journal is away: no page takes itself for alive then."""
        return b"event: ping\nid: %d\ndata: %d\n\n" % (self._seq, self._seq)

    def _is_over(self) -> bool:
        is_late = self._ticket.expires_at_s <= self._clock.now_us() // 1_000_000
        is_mute = not (self._pump.is_healthy or self._kept.is_possible)
        is_early = self._is_early and self._pump.has_begun
        return is_late or is_mute or is_early or self._pump.ended.has(self._ticket)


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
    # Also where it is away now: this machine may keep presses, which its boards are shown all the same.
    app = Application(config, Journal.open_or_later(config, clock), clock, closing, name)
    run_asgi(app, listener, "live", config, closing)


if __name__ == "__main__":
    main()
