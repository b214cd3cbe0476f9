"""Calls over HTTP and their answers, as every kit makes and reads them."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

import aiohttp
import msgspec

from egide.common.encoding import NotJson, from_json
from egide.conform.points import Deviates, expect

Shape = TypeVar("Shape")

# What phones and Egide itself wait for an answer (`companion/rules.py`, docs/connectors/cad.md).
ANSWER_TIMEOUT_S = 5.0
MOST_ANSWER_BYTES = 1 << 20
_SHOWN_SIGNS = 160


class Answer(msgspec.Struct, frozen=True):
    """Status, headers (names in small letters) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        text = self.body[:_SHOWN_SIGNS].decode("utf-8", "replace")
        return f"{self.status} {text}".strip()


class Caller(Protocol):
    """Whatever carries a call. Raises OSError where no answer comes, TimeoutError among them."""

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


class HttpCaller:
    """Calls below one address. Use as a context. Redirects are not followed: neither phones nor Egide do."""

    def __init__(self, url: str, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def __aenter__(self) -> "HttpCaller":
        self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            async with self._session.request(
                method, self._url + path, data=body or None, headers=dict(headers), allow_redirects=False
            ) as response:
                got = await response.content.read(MOST_ANSWER_BYTES)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, names, got)
        except aiohttp.ClientError as error:
            raise OSError(str(error) or type(error).__name__) from error


def read_as(answer: Answer, shape: type[Shape], status: int) -> Shape:
    """What an answer says. Raises Deviates where its status or its shape is another."""
    expect(answer.status == status, str(answer))
    try:
        return from_json(answer.body, shape)
    except NotJson as error:
        raise Deviates(f"{answer}: {error}") from error
