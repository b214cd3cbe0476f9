"""What stands in front of a sandbox's doors: it passes each call on, notes it, and plays the faults of the script."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from egide.entrypoints.stack.sandbox import script
from egide.entrypoints.stack.sandbox.calls import Call, Calls, reason_in, road_of, shown
from egide.entrypoints.stack.sandbox.guard import is_of_this_machine
from egide.entrypoints.stack.sandbox.resigning import signed_anew

# Longer than what a door takes: refusing is the door's own matter.
MOST_BYTES = 1 << 20
NOBODY_NAMED = "nobody-named"
# The gateway for text messages: its name among those who sign, and the door at which it calls.
SMS, SMS_DOOR = "sms", "/v1/sms"
_WITHIN_S = 30.0
# Between two machines that pass on, and nobody else's (RFC 9110, section 7.6.1); and what is said anew.
_OF_THE_HOP: Final = frozenset(
    ("connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)


@dataclass(frozen=True)
class Behind:
    """What stands behind the front: the addresses of intake, of the road for text messages and of the pages, the secret
    of each dispatch system and of the gateway, by how many seconds Egide's clock is ahead, the machine's own time."""

    intake: str
    sms: str
    pages: str
    secrets: Mapping[str, str]
    ahead_s: Callable[[], int]
    now_s: Callable[[], int]


class Front:
    """The doors of one sandbox. `receiver` is the address of the integrator's dispatch system, `gateway` that of their
    gateway for text messages, "" while nobody is named: then the sandbox takes what is told in its place."""

    def __init__(self, calls: Calls, behind: Behind) -> None:
        self.calls, self.script = calls, script.Script()
        self.receiver = self.gateway = ""
        self._intake, self._sms, self._pages = behind.intake, behind.sms, behind.pages
        self._secrets, self._ahead_s, self._now_s = behind.secrets, behind.ahead_s, behind.now_s
        self._session: aiohttp.ClientSession | None = None

    def name_receiver(self, url: str) -> None:
        """Who is told of alarms from now on. Raises ValueError for an address that is not of this machine."""
        _check_here(url)
        self.receiver = url

    def name_gateway(self, url: str) -> None:
        """Who is given texts to send from now on. Raises ValueError for an address that is not of this machine."""
        _check_here(url)
        self.gateway = url

    def play(self, played: script.Script) -> None:
        """From now on with these faults; the calls are counted from here."""
        self.script = played
        self.calls.count_anew()

    def routes(self) -> list[web.RouteDef]:
        """Its doors."""
        return [
            web.route("*", "/v1/{door:.*}", self._pass),
            web.route("*", "/dispatch/{name}/{door:.*}", self._pass),
            web.post("/to/{name}", self._pass),
        ]

    async def begin(self, _app: web.Application) -> None:
        """Ready to pass on."""
        # An answer goes back as it came.
        self._session = aiohttp.ClientSession(
            auto_decompress=False, timeout=aiohttp.ClientTimeout(total=_WITHIN_S)
        )

    async def end(self, _app: web.Application) -> None:
        """Nothing is passed on any more."""
        if self._session is not None:
            await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        road = road_of(request.path, body)
        call = self.calls.begin(
            road, request.method, request.path, body, outwards=request.path.startswith("/to/")
        )
        try:
            return await self._play(request, call, body)
        finally:
            self.calls.end(call)

    async def _play(self, request: web.Request, call: Call, body: bytes) -> web.StreamResponse:
        fault = self.script.fault_of(call.road, call.nth)
        if fault is None:
            return await self._told(request, call, body)
        call.fault = fault.line
        if fault.what == script.LOSE_CALL:
            return _cut_off(request)
        if fault.what == script.REFUSE:
            call.status = fault.status
            return web.Response(status=fault.status)
        if fault.what == script.HOLD_CALL:
            await asyncio.sleep(fault.held_s)
        if fault.what == script.TWICE:
            await self._told(request, call, body)
        answer = await self._told(request, call, body)
        if fault.what == script.HOLD_ANSWER:
            await asyncio.sleep(fault.held_s)
        return _cut_off(request) if fault.what == script.LOSE_ANSWER else answer

    async def _told(self, request: web.Request, call: Call, body: bytes) -> web.Response:
        """What the other side answers, as it answers it."""
        url, host = self._target(request)
        if not url:
            call.status, call.reason = 200, NOBODY_NAMED
            return web.Response()
        assert self._session is not None
        headers = self._headers(request, call, body)
        if host:
            headers["Host"] = host
        try:
            async with self._session.request(
                request.method, url, data=body, headers=headers, allow_redirects=False
            ) as reply:
                answer = await reply.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            call.status = 502
            return web.Response(status=502)
        call.status, call.reason = reply.status, reason_in(reply.status, answer)
        call.answered = shown(answer)
        back = [(name, value) for name, value in reply.headers.items() if name.lower() not in _OF_THE_HOP]
        response = web.Response(status=reply.status, body=answer)
        for name in {name for name, _value in back}:
            response.headers.popall(name, None)
        response.headers.extend(back)
        return response

    def _headers(self, request: web.Request, call: Call, body: bytes) -> CIMultiDict[str]:
        """What goes on with the call; what a dispatch system signs, or is to check, by its own clock."""
        kept = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_THE_HOP]
        headers = CIMultiDict(kept)
        ahead_s = self._ahead_s()
        name = SMS if request.path == SMS_DOOR else request.match_info.get("name", "")
        if not ahead_s or name not in self._secrets:
            return headers
        here_s = self._now_s()
        by_s, for_s = (here_s + ahead_s, here_s) if call.outwards else (here_s, here_s + ahead_s)
        return signed_anew(headers, body, self._secrets[name], by_s, for_s)

    def _target(self, request: web.Request) -> tuple[str, str]:
        """Where it is passed on to, and under which name; "" where the sandbox answers itself."""
        if request.path.startswith("/to/"):
            return self.gateway if request.match_info["name"] == SMS else self.receiver, ""
        if request.path == SMS_DOOR:
            return self._sms + request.path_qs, ""
        if request.path.startswith("/v1/"):
            return self._intake + request.path_qs, ""
        return self._pages + request.path_qs, f"localhost:{urlsplit(self._pages).port}"


def _check_here(url: str) -> None:
    """Raises ValueError for an address that is not of this machine; "" names nobody."""
    parts = urlsplit(url)
    is_here = parts.scheme in ("http", "https") and parts.hostname and is_of_this_machine(parts.hostname)
    if url and not is_here:
        raise ValueError(url)


def _cut_off(request: web.Request) -> web.Response:
    """The caller hears nothing more, as on a road that broke."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
