"""Short messages go from the parser straight to the application: the way of ASGI, a task and three messages for each
request, costs half as much as checking a signature. What is not plain and short goes that way all the same.
"""

import logging
from collections.abc import Callable, Hashable
from functools import cache
from http import HTTPStatus
from typing import Any, Protocol, cast

from egide.entrypoints.serving.server import BoundedHttp

log = logging.getLogger("egide.intake")

# Below uvicorn's own mark, so that nobody has to go on reading later.
SHORT_BYTES = 32 * 1024
_WANTED = (b"content-type", b"content-length")
# What has a body or an end of its own.
_OTHER = (b"transfer-encoding", b"expect", b"upgrade")
Answered = Callable[[tuple[int, bytes]], None]


class Taking(Hashable, Protocol):
    """An application that takes whole bodies at one address (POST), and answers with status and JSON."""

    whole_path: bytes
    whole_type: bytes

    def take(self, body: bytes, answered: Answered) -> None:
        """Answer now or later, in the running loop."""
        ...

    def headers_for(self, status: int) -> list[tuple[bytes, bytes]]:
        """The headers of an answer with this status, but for its length."""
        ...

    def phone_of(self, body: bytes) -> str:
        """Whose message this is, once it was verified."""
        ...


class Whole:
    """Stands where uvicorn keeps the cycle of a request, and has what it looks at."""

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.body = b""
        self.more_body = True
        self.disconnected = False
        self.response_started = self.response_complete = False
        self.message_event = _NOBODY_WAITS


class _Nobody:
    """Instead of an event."""

    def set(self) -> None:
        """Nobody waits."""


_NOBODY_WAITS = _Nobody()


class WholeHttp(BoundedHttp):
    """HTTP of an application that takes short bodies whole."""

    def on_headers_complete(self) -> None:
        if not self._is_short():
            super().on_headers_complete()
            return
        self.begin()
        self.cycle = cast(Any, Whole(self.parser.should_keep_alive()))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        cycle: object = self.cycle
        if not isinstance(cycle, Whole):
            return

        if self._held.comes_first:
            self._take(cycle)
        else:
            self._all.line.put(lambda: self._take(cycle))

    def _take(self, cycle: Whole) -> None:
        def answered(answer: tuple[int, bytes]) -> None:
            self._answer(cycle, *answer)

        try:
            self._app.take(cycle.body, answered)
        except Exception:
            log.exception("a message could not be taken")
            cycle.keep_alive = False
            self._answer(cycle, HTTPStatus.INTERNAL_SERVER_ERROR, b"")

    def on_response_complete(self) -> None:
        if self.pipeline:
            super().on_response_complete()
            return
        # As uvicorn's, but for a timer for each answer: the connections have a deadline for idle ones.
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
        self.end_answer()

    def _is_short(self) -> bool:
        """Whether this request can be taken whole: plain, short, and nothing is still being answered."""
        app = self._app
        if self.url != app.whole_path or self.parser.get_method() != b"POST" or self.flow.write_paused:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        found = {}
        for name, value in self.headers:
            if name in _OTHER or (name in _WANTED and name in found):
                return False
            found[name] = value
        length = found.get(b"content-length", b"")
        is_short = length.isdigit() and len(length) < 6 and int(length) <= SHORT_BYTES
        is_plain = self.parser.get_http_version() == "1.1" and not self.parser.should_upgrade()
        return is_short and is_plain and found.get(b"content-type") == app.whole_type

    def _answer(self, cycle: Whole, status: int, body: bytes) -> None:
        cycle.response_started = cycle.response_complete = True
        if self.transport.is_closing():
            return
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        head = _head_of(self._app, status)
        self.transport.write(b"%bcontent-length: %d\r\n%b%b" % (head, len(body), end, body))
        if status < HTTPStatus.BAD_REQUEST:
            if not self._held.comes_first:
                self.know(self._app.phone_of(cycle.body))
        elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.doubt(status)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    @property
    def _app(self) -> Taking:
        return cast(Taking, self.config.app)


@cache
def _head_of(app: Taking, status: int) -> bytes:
    """Status line and headers up to the length."""
    lines = [f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in app.headers_for(status)]
    return b"\r\n".join(lines) + b"\r\n"
