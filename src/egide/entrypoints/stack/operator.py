"""An operator, or an officer of a zone, without a browser, over the same addresses as the page: for the demo that runs
without a person.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType

import aiohttp
from yarl import URL

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
# What a board says when it refuses; strips that are hidden until the line is lost have another class.
_ALERT = re.compile(r'<p class="form-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]+?)\s*</p>')


# As often as a page of the desk says that it is there.
_HERE_S = 5


class OperatorError(Exception):
    """The desk answered something else than an operator expects."""


class Operator:
    """Signed in at a board; use as an asynchronous context manager."""

    def __init__(self, desk_url: str, live_url: str, name: str, password: str) -> None:
        self._desk_url = URL(desk_url)
        self._live_url = live_url
        self._name = name
        self._password = password
        # Cookies of a numeric address count too.
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._token = ""

    async def __aenter__(self) -> "Operator":
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(self._session)
            await self._sign_in()
            # A failed sign-in leaves no session open.
            opened.pop_all()
        return self

    async def _sign_in(self) -> None:
        async with self._session.get(self._desk_url / "sign-in") as reply:
            token = _token_in(await reply.text())
        form = {"name": self._name, "password": self._password, "csrfmiddlewaretoken": token}
        async with self._session.post(self._desk_url / "sign-in", data=form) as reply:
            if reply.status != 200 or reply.url.path == "/sign-in":
                raise OperatorError(f"not signed in: {reply.status}")
            self._token = _token_in(await reply.text())

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._session.close()

    @asynccontextmanager
    async def at_board(self) -> AsyncIterator[None]:
        """Somebody sits there meanwhile: else what they have soon rings as new (safety rule 1)."""
        sitting = asyncio.create_task(self._say_here())
        try:
            yield
        finally:
            sitting.cancel()
            with suppress(asyncio.CancelledError):
                await sitting

    async def _say_here(self) -> None:
        form = {"board": secrets.token_hex(8), "idle_ms": "0"}
        while True:
            async with self._session.post(
                self._desk_url / "desk" / "here", data=form, headers=self._headers()
            ) as reply:
                if reply.status != 204:
                    raise OperatorError(f"here: {reply.status}")
            await asyncio.sleep(_HERE_S)

    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self._token, "Referer": str(self._desk_url)}

    async def events(self, listening: asyncio.Event) -> AsyncIterator[tuple[int, str, str]]:
        """What the live stream says: (seq, kind, stream). `listening` is set once the stream is open."""
        timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
        async with self._session.get(self._live_url, timeout=timeout) as reply:
            if reply.status != 200:
                raise OperatorError(f"no live stream: {reply.status}")
            is_named = False
            async for line in reply.content:
                listening.set()
                # Pings and what watch finds wrong come under names of their own.
                is_named = line.startswith(b"event:") or (is_named and bool(line.strip()))
                if not is_named and line.startswith(b"data: ["):
                    seq, kind, stream = json.loads(line[6:])
                    yield seq, kind, stream

    async def do(self, alarm: str, action: str, board: str = "desk", **fields: str) -> None:
        """Post one action of a board ("desk" or "zone"), such as "acknowledge". Raises OperatorError on a refusal."""
        url = self._desk_url / board / "alarms" / alarm / action
        async with self._session.post(url, data=fields, headers=self._headers()) as reply:
            if reply.status >= 400 or reply.url.path == "/sign-in":
                said = " ".join(_ALERT.findall(await reply.text()))
                raise OperatorError(f"{action}: {reply.status} {reply.url.path} {said}")


def _token_in(page: str) -> str:
    """The token against forged requests that the page's forms carry."""
    found = _TOKEN.search(page)
    if found is None:
        raise OperatorError("the page has no form")
    return found[1]
