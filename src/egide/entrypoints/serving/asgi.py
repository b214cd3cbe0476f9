"""What the two ASGI applications, intake and live, share: the protocol's types, beginning and end, signs of life."""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import msgspec

from egide.common.callers import KNOW
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import BEAT_S, Pulse

log = logging.getLogger("egide.signs")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class AsgiApplication(ABC):
    """An ASGI 3 application over HTTP with a lifespan; websockets are not served."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            # A client that left, or was too slow, hears no answer.
            with contextlib.suppress(Gone):
                await self.answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    @abstractmethod
    async def start(self) -> None:
        """Before the first request, in the running loop."""

    @abstractmethod
    async def stop(self) -> None:
        """After the last request."""

    @abstractmethod
    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""


class TooLarge(Exception):
    """The body is larger than this address takes."""


class Gone(Exception):
    """The connection ended before the body did."""


def note_known(scope: Scope, phone: str = "") -> None:
    """Something verified came by this connection, of this phone where that is told: it is kept before those of
    strangers, and served before them (`connections.py`)."""
    extension = scope.get("extensions", {}).get(KNOW)
    if extension is not None:
        extension["call"](phone)


def note_answered(scope: Scope, status: int, phone: str) -> None:
    """What this phone sent is answered so: after a refusal the connection waits with strangers. A fault of ours says
    nothing of who sent it."""
    extension = scope.get("extensions", {}).get(KNOW)
    if status < HTTPStatus.BAD_REQUEST:
        note_known(scope, phone)
    elif extension is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        extension["doubt"](status)


async def wait_in_line(scope: Scope) -> None:
    """A stranger's turn comes behind those who are known."""
    extension = scope.get("extensions", {}).get(KNOW)
    if extension is not None:
        await extension["turn"]()


def caller_of(scope: Scope) -> str:
    """The caller's address, also behind a trusted proxy; empty where nobody says."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def header_of(scope: Scope, name: bytes) -> bytes:
    """The header of this (lower-case) name; empty when there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def content_type_of(scope: Scope) -> bytes:
    """The media type of the body, without parameters."""
    return header_of(scope, b"content-type").split(b";")[0].strip().lower()


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge, at once when the declared length says so, and Gone."""
    declared = header_of(scope, b"content-length")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > limit:
            raise TooLarge
        if not message.get("more_body"):
            return body


async def beat_until_cancelled(
    pulse: Pulse, how_far: Callable[[], Awaitable[tuple[int, int]]], note: str = ""
) -> None:
    """Give a sign of life every BEAT_S; `how_far` gives seq and head. Failing costs one beat, nothing more."""
    while True:
        try:
            seq, head = await how_far()
        except JournalUnavailable as error:
            log.warning("the journal cannot be read: %s", error)
        else:
            # In another thread: nobody's press waits for a disk that only a sign of life needs.
            await asyncio.to_thread(pulse.beat, seq, head, note)
        await asyncio.sleep(BEAT_S)


async def end_tasks(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel them and wait for their end."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def plain_answer(
    send: Send, status: int, body: bytes, extra: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Answer with a short text; empty says nothing."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def cookie_of(headers: dict[str, str], name: str) -> str:
    """The value of a cookie; empty without it."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def resume_from(headers: dict[str, str], query: bytes) -> int | None:
    """The seq behind which the reader goes on: Last-Event-ID, or `after` at the first connection."""
    last = headers.get("last-event-id") or parse_qs(query.decode("latin-1")).get("after", [""])[0]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None


async def json_answer(send: Send, status: int, content: object) -> None:
    """A short answer that no cache keeps."""
    body = msgspec.json.encode(content)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
