"""What all serving processes share: a listening socket (own or inherited), a readiness line, a clean end."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import click
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from egide.entrypoints.lines import PARENT_VARIABLE, prepare, say

__all__ = ["PARENT_VARIABLE", "listen", "prepare", "run_asgi", "say", "serving_options"]

# A peer that vanished without a word is noticed when what was sent to it stays unacknowledged this long.
DEAD_PEER_MS = 15_000
# Request line and headers; the parser itself would take any length, and keep it in memory.
MAX_HEAD_BYTES = 64 * 1024


def listen(fd: int | None, host: str, port: int) -> socket.socket:
    """A listening TCP socket: the inherited one when `fd` is given, else a new one (port 0: any free port)."""
    listener = socket.create_server((host, port), backlog=1024) if fd is None else socket.socket(fileno=fd)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serving_options(default_port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The click options `--fd`, `--host` and `--port`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--fd", type=int, help="inherited listening socket")(command)
        command = click.option("--host", default="127.0.0.1", show_default=True)(command)
        return click.option("--port", default=default_port, show_default=True, type=click.IntRange(0, 65535))(
            command
        )

    return decorate


class BoundedHttp(HttpToolsProtocol):
    """Hangs up on a peer whose headers do not come to an end."""

    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.close()

    # What ends a head, or belongs to a body that the application counts, begins the count anew.

    def on_headers_complete(self) -> None:
        self._head_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        super().on_message_complete()


class _Server(uvicorn.Server):
    """Says when it is ready, and tells open streams to end as soon as it is asked to stop."""

    def __init__(self, config: uvicorn.Config, name: str, closing: asyncio.Event | None) -> None:
        super().__init__(config)
        self._name = name
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            say(ready=self._name, port=sockets[0].getsockname()[1])

    def handle_exit(self, sig: int, frame: Any) -> None:
        if self._closing is not None:
            self._closing.set()
        super().handle_exit(sig, frame)


def run_asgi(app: Any, listener: socket.socket, name: str, closing: asyncio.Event | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        # Positions come every five seconds, uvicorn's default: a phone keeps its connection between them.
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        backlog=1024,
    )
    _Server(config, name, closing).run(sockets=[listener])
