"""A real live process over a real journal, and readers that speak to it as a browser does."""

import socket
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.common.files import secret_file
from egide.common.ticket import Ticket
from egide.entrypoints.stack.children import Child, open_listener
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S


class Happening(msgspec.Struct, frozen=True):
    """One server-sent event: its id, its type ("message" unless said otherwise), its data."""

    id: str
    type: str
    data: str

    @property
    def news(self) -> tuple[int, str, str]:
        """Seq, kind and stream of an event of the journal."""
        seq, kind, stream = msgspec.json.decode(self.data)
        return seq, kind, stream


class NotLetIn(AssertionError):
    """What asked for a stream was answered otherwise."""


class Reader:
    """An open stream, read as the standard says (HTML living standard, section 9.2.6); `passed_over` are the types of
    events that are read and not told."""

    def __init__(self, response: aiohttp.ClientResponse, passed_over: Collection[str] = ()) -> None:
        self.response = response
        self._passed_over = passed_over

    async def next(self) -> Happening | None:
        """The next event; None at the end of the stream."""
        fields = {"id": "", "event": "message", "data": ""}
        while line := await self.response.content.readline():
            text = line.decode().rstrip("\n")
            if not text:
                if fields["data"] and fields["event"] not in self._passed_over:
                    return Happening(fields["id"], fields["event"], fields["data"])
                fields = {"id": "", "event": "message", "data": ""}
                continue
            name, _, value = text.partition(": ")
            fields[name] = value
        return None

    async def news(self) -> tuple[int, str, str]:
        """The next event of the journal, whatever pings come before it."""
        while (happening := await self.next()) is not None:
            if happening.type == "message":
                return happening.news
        raise AssertionError("the stream ended")

    async def until_end(self) -> list[Happening]:
        """Everything up to the end of the stream."""
        return [happening async for happening in self._rest()]

    async def _rest(self) -> AsyncIterator[Happening]:
        while (happening := await self.next()) is not None:
            yield happening


class Live:
    """The process and what a test needs to speak to it."""

    def __init__(self, installation: Installation, passed_over: Collection[str] = ()) -> None:
        self.installation = installation
        self._passed_over = passed_over
        self.listener: socket.socket = open_listener()
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1/live"
        environment = installation.config.environment()
        self.child = Child("egide.entrypoints.live", [], environment, self.listener)
        self.child.ready()
        self.key = secret_file(installation.config.data_dir / "live.key", 32)

    def now_s(self) -> int:
        return self.installation.clock.now_us() // 1_000_000

    def cookie(self, valid_s: int = 60, **scope: Any) -> dict[str, str]:
        """The header of a browser whose reader has this scope."""
        fields = {"user": "op", "expires_at_s": self.now_s() + valid_s, **scope}
        ticket = msgspec.convert(fields, type=Ticket)
        return {
            "Cookie": f"{self.installation.config.cookie(tickets.COOKIE)}={tickets.issue(ticket, self.key)}"
        }

    @asynccontextmanager
    async def listening(
        self, headers: dict[str, str] | None = None, query: str = "", **scope: Any
    ) -> AsyncIterator[Reader]:
        """A stream that is open; its first event, a ping, was read."""
        async with self.opened(headers, query, **scope) as reader:
            first = await reader.next()
            assert first is not None and first.type == "ping"
            yield reader

    @asynccontextmanager
    async def opened(
        self, headers: dict[str, str] | None = None, query: str = "", **scope: Any
    ) -> AsyncIterator[Reader]:
        """A stream that is open. Raises NotLetIn."""
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self.url + query, headers=self.cookie(**scope) | (headers or {})) as response,
        ):
            if response.status != 200:
                raise NotLetIn(await response.text())
            yield Reader(response, self._passed_over)

    async def status(self, headers: dict[str, str], method: str = "GET", path: str = "/v1/live") -> int:
        """The status of an answer that is no stream."""
        url = self.url.removesuffix("/v1/live") + path
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers=headers) as response,
        ):
            return response.status


@pytest.fixture
def live(tmp_path: Path, journal_address: str) -> Iterator[Live]:
    """Live, running, under the machine's clock."""
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        # Beside a database a stream says what is kept there: nothing, as long as that is well.
        made = Live(installation, ("kept",))
        yield made
        made.child.stop()
        made.listener.close()
