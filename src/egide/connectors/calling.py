"""Calls over HTTP to an address of the settings, answered there and nowhere else: one place for deadline and limits.

For threads that may wait. What runs on a loop already (the companion, the demo's operator) holds a session of the same
library itself.
"""

import asyncio
import ssl
from collections.abc import Mapping
from smtplib import SMTPResponseException
from ssl import SSLError
from typing import NamedTuple
from urllib.request import getproxies

import aiohttp

from egide.connectors.base import RoadError

DEADLINE_S = 5.0
# More is never read: those who answer say little.
MOST_BYTES = 64 * 1024
# Nobody who answers keeps us away for longer than an hour.
MOST_WAIT_S = 3600
JSON = {"Content-Type": "application/json"}
# Only what the caller names goes out; nobody has to know which library calls.
_QUIET = ("Accept", "Content-Type", "User-Agent")


class CallRefused(OSError):
    """Somebody answered, and not with 2xx: `status` says with what, `wait_s` after how many seconds they want to be
    asked again (Retry-After, RFC 9110, section 10.2.3), 0 where they do not say. `said`: the answer, as far as it is
    read."""

    def __init__(self, status: int, wait_s: int = 0, said: bytes = b"") -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.wait_s = wait_s
        self.said = said


class Answer(NamedTuple):
    """An answer of 2xx: its status, and as much of its body as is read."""

    status: int
    body: bytes


def word_of(error: BaseException | None) -> str:
    """Why a call came to nothing, in one word and without what the other end wrote."""
    match error:
        case None:
            return "not-taken"
        case CallRefused():
            return f"refused-{error.status}"
        case SMTPResponseException():
            return f"refused-{error.smtp_code}"
        case TimeoutError():
            return "timeout"
        case SSLError():
            return "no-trust"
    return "unreachable"


def why_not(error: RoadError) -> str:
    """For whoever tried a road: as everywhere, words that are no language's; not a library's own, nor an address."""
    return word_of(error.__cause__) if isinstance(error.__cause__, OSError) else str(error)


def call(
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    deadline_s: float = DEADLINE_S,
    tls: ssl.SSLContext | None = None,
    most_bytes: int = MOST_BYTES,
) -> bytes:
    """What `ask` is answered, without the status."""
    return ask(url, body, headers, deadline_s, tls, most_bytes).body


def ask(
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    deadline_s: float = DEADLINE_S,
    tls: ssl.SSLContext | None = None,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """GET, or POST where there is a body. `tls`: whose certificates count, where these are not the machine's.

    Raises CallRefused for every answer but 2xx, TimeoutError when all of it takes longer than `deadline_s`, OSError
    when nobody answers or the answer is no HTTP.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_call(url, body, headers or {}, deadline_s, tls, most_bytes))
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {deadline_s:g} s") from error
    except aiohttp.ClientOSError as error:
        raise OSError(str(error)) from error
    except aiohttp.ClientError as error:
        # Its own words name the whole address, and with it what may be a secret.
        raise OSError(f"no HTTP: {type(error).__name__}") from error
    finally:
        # Waits for nobody: a name that is still being looked up must not outlast the deadline (asyncio.run would wait).
        loop.close()


async def _call(
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    deadline_s: float,
    tls: ssl.SSLContext | None,
    most_bytes: int,
) -> Answer:
    async with (
        aiohttp.ClientSession(
            # Compressed, a few bytes could unfold into many.
            headers={"Accept-Encoding": "identity", **headers},
            auto_decompress=False,
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_QUIET,
            timeout=aiohttp.ClientTimeout(total=deadline_s),
            # A proxy on the way out stands in the environment, as everywhere. Where none does, nobody looks for its
            # password in a file: that costs a thread for each call, and could send a password to whoever is called.
            trust_env=bool(getproxies()),
        ) as session,
        # No redirect is followed: a POST that is led elsewhere arrives there as a GET, without what it carried.
        session.request(
            "GET" if body is None else "POST", url, data=body, allow_redirects=False, ssl=tls or True
        ) as answer,
    ):
        found = await _read(answer, most_bytes)
        if not 200 <= answer.status < 300:
            raise CallRefused(answer.status, wait_in(answer.headers.get("Retry-After", "")), found)
        return Answer(answer.status, found)


async def _read(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    found = bytearray()
    async for part in answer.content.iter_any():
        found += part
        if len(found) >= most_bytes:
            break
    return bytes(found[:most_bytes])


def wait_in(retry_after: str) -> int:
    """Seconds of a Retry-After, 0 for none. One that names a time of day is passed over: it is told by their clock."""
    text = retry_after.strip()
    return min(int(text), MOST_WAIT_S) if text.isascii() and text.isdigit() and len(text) < 10 else 0
