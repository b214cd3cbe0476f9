"""Phones and boards of `make machines ONLY=faults`, over TLS to servers that answer what the test wants."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from deploy.machines import checker
from deploy.machines.crowd import BOARDS, PHONES, Crowd, Host
from deploy.machines.outside import Phone
from egide.common.encoding import to_base64url
from egide.protocol.enrolment import EnrolmentReply, Settings
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import KEPT, Receipt, sign_receipt
from tests.support.certificates import Authority
from tests.support.waiting import until

KEY = SigningKey(bytes(range(32)))
KEPT_LINE = (
    b'event: kept\ndata: {"away": true, "alarms": [{"kit": "k", "presses": 1, "first": 7, "last": 7}]}\n\n'
)


class Server:
    """One machine: while it `keeps`, presses are only kept; boards are told of what it took. `silent`: no answer."""

    def __init__(self, address: str, known: dict[str, int]) -> None:
        self.address = address
        self.known = known
        self.keeps, self.silent = False, False
        self.port = 0
        self.got = 0
        self.over = asyncio.Event()

    async def start(self, authority: Authority) -> None:
        app = web.Application()
        app.router.add_post("/v1/messages", self._message)
        app.router.add_post("/v1/enrolments", self._enrolment)
        app.router.add_get("/v1/live", self._live)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, self.address, 0, ssl_context=authority.server(self.address)).start()
        self.port = self.runner.addresses[0][1]

    @property
    def host(self) -> Host:
        return Host(self.address, f"{self.address}:{self.port}", self.address, self.address)

    async def _enrolment(self, _request: web.Request) -> web.Response:
        key = to_base64url(bytes(KEY.verify_key))
        reply = EnrolmentReply("", "k", "b", "", key, (), Settings())
        return web.Response(status=201, body=msgspec.json.encode(reply))

    async def _message(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.got += 1
        if self.silent:
            await self.over.wait()
        message = hashlib.sha256(data).digest()
        if self.keeps:
            receipt = Receipt(0, "", 1, KEPT, 9, ())
        else:
            seq = self.known.setdefault(message.hex(), len(self.known) + 1)
            receipt = Receipt(seq, "a-1", 1, "received", 9, ())
        status = 202 if self.keeps else 201
        return web.Response(status=status, body=msgspec.json.encode(sign_receipt(KEY, message, receipt)))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["cookie"] == "session=one"
        stream = web.StreamResponse()
        await stream.prepare(request)
        told = 0
        while not self.over.is_set():
            if self.keeps:
                await stream.write(KEPT_LINE)
            for seq in range(told + 1, len(self.known) + 1):
                await stream.write(b'id: %d\ndata: [%d,"PressedAgain","alarm:a-1"]\n\n' % (seq, seq))
            told = len(self.known)
            await asyncio.sleep(0.02)
        return stream


@contextmanager
def serving(folder: Path) -> Iterator[tuple[list[Server], Authority]]:
    """Two machines of one installation, in a thread."""
    authority, loop = Authority(folder), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    known: dict[str, int] = {}
    servers = [Server("127.0.0.1", known), Server("127.0.0.2", known)]
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.start(authority), loop).result(30)
    try:
        yield servers, authority
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.over.set)
            asyncio.run_coroutine_threadsafe(server.runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[tuple[Crowd, list[Server]]]:
    with serving(tmp_path) as (servers, authority):
        hosts = [server.host for server in servers]
        phone = Phone(hosts[0].address, hosts[0].phones, authority.pem, "code", (50.0, 4.0))
        yield Crowd([phone], hosts, authority.pem, {"session": "one"}, tmp_path, 40.0, token="t"), servers


def kept_on_boards(folder: Path) -> list[object]:
    """What boards said that machines only kept: presses by kit."""
    return [line["presses"] for line in checker.lines_of(folder / BOARDS) if line["did"] == "kept"]


def test_what_phones_did_and_boards_saw_is_what_the_checker_reads(
    crowd: tuple[Crowd, list[Server]], tmp_path: Path
) -> None:
    pressing, servers = crowd
    with pressing:
        assert pressing.pressed == 0
        pressing.resume()
        until(lambda: pressing.taken > 3, "receipts come")
        for server in servers:
            server.keeps = True
        until(lambda: pressing.kept > 0, "machines only keep presses")
        until(lambda: {"k": 1} in kept_on_boards(tmp_path), "boards are told so")
        for server in servers:
            server.keeps = False
        pressing.pause()
        until(lambda: pressing.waiting == 0, "each has its receipt")
        made = pressing.pressed
    clients, boards = (checker.lines_of(tmp_path / name) for name in (PHONES, BOARDS))
    read = checker.read_phones(clients)
    assert pressing.pressed == made == len(read.presses) and read.forged == []
    assert all(len({seq for _at_s, seq, _alarm in press.receipts}) == 1 for press in read.presses.values())
    assert {line["host"] for line in boards if line["did"] == "told"} == {"127.0.0.1", "127.0.0.2"}
    times = checker.times_of(read, boards, 0, float("inf"))
    assert (times.pressed, times.unseen) == (made, 0) and times.kept > 0


def test_a_silent_machine_holds_up_no_press(crowd: tuple[Crowd, list[Server]]) -> None:
    pressing, servers = crowd
    servers[0].silent = True
    with pressing:
        pressing.resume()
        until(lambda: pressing.taken > 0, "the other machine takes them")
        pressing.pause()
        until(lambda: pressing.waiting == 0, "each has its receipt")
    assert servers[0].got > 0
