"""The lifeline under load: intake and live as in production, devices each enrolled, each pressing once."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import group_cpu_s
from benchmarks.senders import Prepared, Seen, Send, as_request
from egide.common import ticket as tickets
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.files import secret_file
from egide.common.ticket import Ticket
from egide.demo.world import Phone as Enrolled
from egide.demo.world import kit_issued
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.envelope import Battery
from egide.protocol.keys import SigningKey

_CASES = 64
_ENROLLED_AT_ONCE = 500
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_SEEN = re.compile(rb'"alarm:([0-9a-f]{16}-\d+)"\]')


def enrol(config: Config, devices: int) -> list[Prepared]:
    """Enrol devices in a fresh journal; returns one press of each as an HTTP request, and its alarm's name."""
    keys = KeyStore.open(config)
    journal = Journal.open(config, SystemClock(), keys)
    for case in range(_CASES):
        keys.ensure(f"case{case}")
    now_s = SystemClock().now_us() // 1_000_000
    prepared = []
    for first in range(0, devices, _ENROLLED_AT_ONCE):
        with journal.transaction() as transaction:
            for number in range(first, min(first + _ENROLLED_AT_ONCE, devices)):
                key = SigningKey(hashlib.sha256(b"%d" % number).digest())
                phone = Enrolled(key, f"kit{number}", f"case{number % _CASES}")
                for entry in _entries(number, phone):
                    transaction.append(entry)
                prepared.append(_press(phone, now_s))
    return prepared


def _entries(number: int, phone: Enrolled) -> list[Entry]:
    where = {"managing_zone": "5324", "home_zone": "5324", "home_centre": "HAI"}
    issued = kit_issued(number, kit=phone.kit, case=phone.case, **where)
    return [
        Entry(stream=f"kit:{phone.kit}", case=phone.case, event=issued),
        Entry(stream=f"device:{phone.device}", case=phone.case, event=phone.enrolled()),
    ]


def _press(phone: Enrolled, now_s: int) -> Prepared:
    envelope = phone.press(sent_at_s=now_s, battery=Battery(88, 71), link=3, trigger=1)
    return as_request(envelope), phone.alarm().encode()


class Phone(asyncio.Protocol):
    """One kept-open HTTP connection; as little work of its own as possible."""

    def __init__(self) -> None:
        self._received = b""
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes) -> asyncio.Future[None]:
        """Done when 201 came; fails with any other answer."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        length = _LENGTH.search(self._received, 0, max(end, 0))
        if length is None or len(self._received) < end + 4 + int(length[1]):
            return
        answer, self._received = self._received, b""
        assert self._answered is not None
        if answer[9:12] == b"201":
            self._answered.set_result(None)
        else:
            self._answered.set_exception(RuntimeError(answer[:200].decode()))


class _Board(asyncio.Protocol):
    """One reader of the live stream."""

    def __init__(self, request: bytes, seen: Seen) -> None:
        self._request = request
        self._seen = seen
        self._tail = b""

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        data = self._tail + data
        end = data.rfind(b"\n\n") + 2
        for name in _SEEN.findall(data[:end]):
            self._seen.note(name)
        self._tail = data[end:]


class Lifeline:
    """Intake and live, running over a journal with enrolled devices."""

    def __init__(self, directory: Path, devices: int, journal: str = "") -> None:
        config = Config(data_dir=directory / "lifeline", journal=journal)
        self.presses = enrol(config, devices)
        self._ports, self._children = [], []
        for name in ("live", "intake"):
            listener = open_listener()
            self._ports.append(listener.getsockname()[1])
            self._children.append(Child(f"egide.entrypoints.{name}", [], config.environment(), listener))
        for child in self._children:
            child.ready()
        ticket = Ticket("benchmark", SystemClock().now_us() // 1_000_000 + 3600, everything=True)
        self._cookie = config.cookie(tickets.COOKIE)
        self._ticket = tickets.issue(ticket, secret_file(config.data_dir / "live.key", 32))

    def take(self, count: int) -> Sequence[Prepared]:
        """The next presses that nobody sent yet."""
        taken, self.presses = self.presses[:count], self.presses[count:]
        return taken

    async def connect(self, senders: int) -> tuple[list[Send], Seen]:
        """Connected phones, and what the board sees."""
        loop = asyncio.get_running_loop()
        seen = Seen()
        request = f"GET /v1/live HTTP/1.1\r\nHost: localhost\r\nCookie: {self._cookie}={self._ticket}\r\n\r\n"
        await loop.create_connection(lambda: _Board(request.encode(), seen), "127.0.0.1", self._ports[0])
        phones = [
            (await loop.create_connection(Phone, "127.0.0.1", self._ports[1]))[1] for _ in range(senders)
        ]
        await asyncio.sleep(0.3)
        return [phone.send for phone in phones], seen

    def cpu_s(self) -> tuple[float, float]:
        """Processor seconds of live and of intake (both its processes)."""
        live, intake = (group_cpu_s(child.process.pid) for child in self._children)
        return live, intake

    def pids(self) -> list[int]:
        """Live and intake."""
        return [child.process.pid for child in self._children]

    def stop(self) -> None:
        """End the processes."""
        stop_all(self._children)
