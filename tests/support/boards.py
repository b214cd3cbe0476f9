"""A board without a browser: signs in, follows the live stream and fetches its list as the page's script does.

Killed servers are met as a page meets them: it asks again, resumes behind its last seq, and sends what was not answered
a second time.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from egide.entrypoints.stack.installation import Stack
from tests.support.waiting import WITHIN_S

RETRY_S = 0.05
PATIENCE = aiohttp.ClientTimeout(total=5)
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ROW = re.compile(r'<li id="row-([^"]+)"[^>]* data-version="(\d+)"[^>]*')
_HEAD = re.compile(r'data-head="(\d+)"')


class Heard(NamedTuple):
    """One event of the live stream, and when it came (seconds of the loop's clock)."""

    seq: int
    kind: str
    stream: str
    at_s: float


class CameRow(NamedTuple):
    """A row that the stream brought: true up to the place `head` of the journal."""

    alarm: str
    head: int
    at_s: float


class Event(NamedTuple):
    """One event of a stream: its id and its name where it has them, and its data."""

    seq: int | None
    name: str
    data: Any


# All boards of a centre hear the same: in life each has a machine of its own for it.
@lru_cache(maxsize=512)
def _read(event: bytes) -> Event:
    parts = (line.partition(b": ") for line in event.split(b"\n"))
    fields = {name: value for name, _colon, value in parts if name}
    return Event(
        int(fields[b"id"]) if b"id" in fields else None,
        fields.get(b"event", b"").decode(),
        json.loads(fields[b"data"]) if b"data" in fields else None,
    )


class HttpBoard:
    """One signed-in person. `rows` holds what the list showed last: the version of each alarm.

    With a `row_language` the stream brings rows that changed, as to the desk's page.
    """

    row_language = ""

    def __init__(
        self, stack: Stack, name: str, list_path: str = "/desk/board", within_s: float = WITHIN_S
    ) -> None:
        self.name = name
        self._within_s = within_s
        self.heard: list[Heard] = []
        self.rows: dict[str, int] = {}
        self.head = 0
        self.fetched_s: list[float] = []
        self.on_event: Callable[[Heard], None] = lambda _heard: None
        self.on_row: Callable[[CameRow], None] = lambda _row: None
        self._door = next(user["door"] for user in stack.demo["users"] if user["name"] == name)
        self._desk, self._live = (f"http://127.0.0.1:{stack.ports[part]}" for part in ("web", "live"))
        self._list_path = list_path
        self._news = asyncio.Event()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=PATIENCE)
        self._headers: dict[str, str] = {}
        self._seq: int | None = None
        self._last = "none"

    async def sign_in(self, cookies: "HttpBoard | None" = None) -> None:
        """Open the demo's door; or share the session of another board, as a second window of the same browser does."""
        if cookies is not None:
            self._session.cookie_jar.update_cookies(
                {cookie.key: cookie.value for cookie in cookies._session.cookie_jar},
                response_url=URL(self._desk),
            )
            self._headers = cookies._headers
            return
        patience = aiohttp.ClientTimeout(total=WITHIN_S)
        async with self._session.get(self._desk + self._door, timeout=patience) as reply:
            page = await reply.text()
            assert reply.status == 200 and reply.url.path != "/sign-in", (self.name, reply.status)
        self._headers = {"X-CSRFToken": token_in(page), "Referer": self._desk, "X-Egide-Fragment": "1"}

    def listen_as(self, name: str, ticket: str) -> None:
        """Listen by a ticket of its own, under this cookie's name."""
        self._session.cookie_jar.update_cookies({name: ticket}, response_url=URL(self._live))

    async def fetch_alone(self, alarm: str) -> None:
        """Fetch the row of one alarm, as the page does when the stream does not bring it."""
        url = f"{self._desk}{self._list_path}/rows"
        async with self._session.get(url, params={"alarm": alarm}, headers=self._headers) as reply:
            assert reply.status == 200, reply.status
            await reply.read()

    def address(self) -> tuple[str, dict[str, str]]:
        """The list's URL, and the headers with which another process may fetch it in this session."""
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in self._session.cookie_jar)
        return self._desk + self._list_path, {**self._headers, "Cookie": cookies}

    async def close(self) -> None:
        await self._session.close()

    # --- what it hears and shows -------------------------------------------------------------------------------------

    async def open_page(self) -> None:
        """Load the list: whatever happens from here on is heard, however late the stream opens."""
        await self.fetch()
        self._seq = self.head

    async def follow(self) -> None:
        """Listen until cancelled; after a loss go on behind the last seq."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._listen()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        after = {} if self._seq is None else {"after": str(self._seq)}
        if self.row_language:
            after["rows"] = self.row_language
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=15)
        async with self._session.get(self._live + "/v1/live", params=after, timeout=timeout) as reply:
            if reply.status == 401:
                await self.post("/live-ticket")
                return
            rest = b""
            async for chunk in reply.content.iter_any():
                # An event counts at its empty line (HTML living standard, section 9.2.6): a cut one does not.
                *events, rest = (rest + chunk).split(b"\n\n")
                for event in events:
                    self._take(_read(event))

    def _take(self, event: Event) -> None:
        if event.seq is not None:
            self._seq = max(self._seq or 0, event.seq)
        at_s = asyncio.get_running_loop().time()
        if event.name == "row":
            self.on_row(CameRow(event.data["alarm"], event.data["head"], at_s))
        elif not event.name and event.data is not None:
            seq, kind, stream = event.data
            self._hear(Heard(seq, kind, stream, at_s))

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.on_event(heard)
        if heard.stream.startswith("alarm:"):
            self._news.set()

    async def refresh_on_news(self, least_s: float) -> None:
        """Fetch the list when something happened, at most once in `least_s` seconds; until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            began_s = asyncio.get_running_loop().time()
            await self.fetch()
            await asyncio.sleep(max(0.0, began_s + least_s - asyncio.get_running_loop().time()))

    async def fetch(self) -> None:
        """Fetch the list, again and again until it comes."""
        for _ in self._attempts(self._list_path):
            began_s = asyncio.get_running_loop().time()
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.get(self._desk + self._list_path, headers=self._headers) as reply:
                    page = await reply.text()
                    self._last = f"{reply.status} {page[:200]}"
                    if reply.status == 200:
                        self.rows = {alarm: int(version) for alarm, version in _ROW.findall(page)}
                        found = _HEAD.search(page)
                        self.head = int(found[1]) if found else 0
                        self.fetched_s.append(asyncio.get_running_loop().time() - began_s)
                        return
            await asyncio.sleep(RETRY_S)

    # --- what its person does ----------------------------------------------------------------------------------------

    async def post(self, path: str, **fields: str) -> int:
        """Send a form until a server answers; the status. The one that was killed may have done it already."""
        for _ in self._attempts(path):
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.post(
                    self._desk + path, data=fields, headers=self._headers, allow_redirects=False
                ) as reply:
                    self._last = f"{reply.status} {(await reply.text())[:200]}"
                    if reply.status < 500:
                        return reply.status
            await asyncio.sleep(RETRY_S)
        raise AssertionError("unreachable")

    async def be_here(self, board: str, every_s: float = 2.0) -> None:
        """Tell again and again that somebody is at this board; until cancelled."""
        while True:
            await self.post("/desk/here", board=board, idle_ms="0")
            await asyncio.sleep(every_s)

    def _attempts(self, path: str) -> Iterator[None]:
        """Try for as long as it has patience. Raises TimeoutError."""
        deadline = time.monotonic() + self._within_s
        while time.monotonic() < deadline:
            yield
        raise TimeoutError(f"{self.name}: {path} within {self._within_s} s; last answer {self._last}")


def token_in(page: str) -> str:
    found = _TOKEN.search(page)
    assert found is not None, "the page has no form"
    return found[1]
