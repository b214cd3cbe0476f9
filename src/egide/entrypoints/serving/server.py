"""What all serving processes share: a listening socket (own or inherited), a readiness line, a clean end."""

import asyncio
import socket
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import click
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from egide.common.addresses import check_listening
from egide.common.callers import ASKED, KNOW, Proxies, Seen, answer
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.postgres.patience import expect_answers_within
from egide.common.settings import settings_of
from egide.entrypoints.serving.connections import Connections, Counting, Held, Limits, Phase
from egide.entrypoints.serving.lines import PARENT_VARIABLE, prepare
from egide.entrypoints.serving.options import PLACES, config_option
from egide.entrypoints.serving.supervised import Watchdog, handed_fd, say_ready
from egide.journal.now.signs import Signs

__all__ = ["PARENT_VARIABLE", "listen", "prepare", "run_asgi", "serving_options"]

# A peer that vanished without a word is noticed when what was sent to it stays unacknowledged this long.
DEAD_PEER_MS = 15_000
# Request line and headers; the parser itself would take any length, and keep it in memory.
MAX_HEAD_BYTES = 64 * 1024
# Bodies that are not complete, of all connections together: sixty-four of the longest messages.
UNREAD_BYTES = 16 * 1024 * 1024
# Positions come every five seconds, uvicorn's default: a phone keeps its connection between them.
IDLE_S = 30
# A database that hangs holds up the one thread that serves everybody.
ANSWER_S = 2.0
_ASKED = ASKED.encode()
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def listen(fd: int | None, host: str, port: int) -> socket.socket:
    """A listening TCP socket: the inherited one when `fd` is given, else a new one (port 0: any free port)."""
    listener = socket.create_server((host, port), backlog=1024) if fd is None else socket.socket(fileno=fd)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serving_options(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The click options `--config`, `--fd`, `--host` and `--port`; a socket of systemd's counts as `--fd`."""
    place = PLACES[name]

    def inherited(_context: click.Context, _option: click.Parameter, given: int | None) -> int | None:
        return handed_fd() if given is None else given

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--fd", type=int, callback=inherited, help="inherited listening socket")(
            command
        )
        command = config_option()(command)
        command = click.option("--host", default="127.0.0.1", show_default=True)(command)
        told = f"[EGIDE_PORT{f' + {place}' if place else ''}; {settings_of(Config)['port'].default + place}]"
        return click.option("--port", type=click.IntRange(0, 65535), help=told)(command)

    return decorate


class BoundedHttp(HttpToolsProtocol):
    """A connection that is held to the limits of `connections.py`; hangs up on headers that do not come to an end."""

    config: "_Config"
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._held = Held(self.client[0] if self.client else "", self._end)
        self._all.open(self._held)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.close(self._held)
        super().connection_lost(exc)

    @property
    def _all(self) -> Connections:
        return self.config.connections

    def _end(self, is_late: bool) -> None:
        if is_late and self._held.phase is not Phase.IDLE and not self._is_answering:
            self.transport.write(_TIMED_OUT)
        self.transport.close()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        if self._held.phase is Phase.IDLE:
            self._held.enter(Phase.HEAD)
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.close()

    # What ends a head, or belongs to a body that the application counts, begins the count anew.

    def on_headers_complete(self) -> None:
        self.begin()
        # One alone: a head has room for thousands, and each costs a look at the disk.
        for secret in self._said(_ASKED)[:1]:
            self._answer_asked(secret)
        self.scope["extensions"] = {KNOW: {"call": self.know, "doubt": self.doubt, "turn": self._turn}}
        super().on_headers_complete()

    def begin(self) -> None:
        """The head was read."""
        self._head_bytes = 0
        self._held.enter(Phase.BODY)
        if self._held.is_proxy:
            self.scope["client"] = (self._all.begin(self._held, self._said(b"x-forwarded-for")), 0)

    def _said(self, header: bytes) -> list[str]:
        return [value.decode("latin-1") for name, value in self.headers if name == header]

    def _answer_asked(self, secret: str) -> None:
        caller = self.scope["client"][0] if self.scope["client"] else ""
        held = self._held
        seen = Seen(held.peer, held.is_proxy, self._said(b"x-forwarded-for"), caller)
        answer(self.config.data_dir, secret, seen)

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        self._all.note_unread(self._held, self._held.unread + len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        self._all.note_unread(self._held, 0)
        self._held.enter(Phase.IDLE if self.cycle.response_complete else Phase.ANSWER)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.end_answer()

    def end_answer(self) -> None:
        """The answer was given."""
        # An answer may come before the end of a body that nobody wants: that body keeps its deadline.
        if self._held.phase is Phase.ANSWER:
            self._held.enter(Phase.IDLE)
            self._all.finish(self._held)

    def know(self, phone: str = "") -> None:
        """Something verified came, of this phone where that is told."""
        self._all.know(self._held, phone)

    def doubt(self, status: int) -> None:
        """What came was refused so."""
        self._all.doubt(self._held, is_limit=status == HTTPStatus.TOO_MANY_REQUESTS)

    async def _turn(self) -> None:
        """A stranger waits until those who are known were served."""
        if self._held.comes_first:
            return
        turn = asyncio.Event()
        self._all.line.put(turn.set)
        await turn.wait()


class _Config(uvicorn.Config):
    """Carries to each connection what all share."""

    connections: Connections
    data_dir: Path


class _Server(uvicorn.Server):
    """Says when it is ready, and tells open streams to end as soon as it is asked to stop."""

    config: _Config

    def __init__(
        self,
        config: _Config,
        name: str,
        closing: asyncio.Event | None,
        counting: Counting,
        watchdog: Watchdog,
    ) -> None:
        super().__init__(config)
        self._name = name
        self._closing = closing
        self._counting = counting
        self._watchdog = watchdog

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            say_ready(self._name, sockets[0].getsockname()[1])

    async def on_tick(self, counter: int) -> bool:
        # Ten a second.
        if counter % 10 == 0:
            self.config.connections.end_late()
            self._watchdog.turn(self._name)
        if counter % 20 == 0 and self.config.connections.ended:
            await asyncio.to_thread(self._counting.add, self.config.connections.take_ended())
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._closing is not None:
            self._closing.set()
        super().handle_exit(sig, frame)


def run_asgi(
    app: Any,
    listener: socket.socket,
    name: str,
    settings: Config,
    closing: asyncio.Event | None = None,
    http: type[BoundedHttp] = BoundedHttp,
    is_well: Callable[[], bool] = lambda: True,
) -> None:
    """Serve until SIGTERM or SIGINT; a process that does not turn, or is not well, is started again by systemd."""
    check_listening(settings, listener.getsockname())
    expect_answers_within(ANSWER_S)
    config = _Config(
        app,
        loop="uvloop",
        http=http,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=3,
        backlog=1024,
    )
    limits = Limits.of(settings, unread_bytes=UNREAD_BYTES, idle_s=IDLE_S)
    config.connections = Connections(limits, Proxies(settings.trusted_proxies))
    config.data_dir = settings.data_dir
    clock = SystemClock()
    counting, watchdog = Counting(Signs(settings, clock), name), Watchdog(clock, (name,), is_well)
    _Server(config, name, closing, counting, watchdog).run(sockets=[listener])
