"""An operator, or an officer of a zone, without a browser, over the same addresses as the page: for the demo that runs
without a person.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from types import TracebackType

import aiohttp
from yarl import URL

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ALERT = re.compile(r'role="alert".*?</span>\s*(.*?)</p>', re.DOTALL)


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
        headers = {"X-CSRFToken": self._token, "Referer": str(self._desk_url)}
        url = self._desk_url / board / "alarms" / alarm / action
        async with self._session.post(url, data=fields, headers=headers) as reply:
            if reply.status >= 400 or reply.url.path == "/sign-in":
                said = " ".join(_ALERT.findall(await reply.text()))
                raise OperatorError(f"{action}: {reply.status} {reply.url.path} {said}")


def _token_in(page: str) -> str:
    """The token against forged requests that the page's forms carry."""
    found = _TOKEN.search(page)
    if found is None:
        raise OperatorError("the page has no form")
    return found[1]
