"""Connections that do nothing, and messages that never end, keep nobody out and cost little; who sent something
verified keeps her connection and is served first (safety rule 42)."""

import fcntl
import http.client
import json
import os
import resource
import signal
import socket
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.serving.connections import COUNTED, HEAD_S
from egide.entrypoints.stack.children import Child, open_listener
from egide.entrypoints.stack.migrated import copy_migrated
from egide.journal.now.signs import Signs
from egide.protocol.envelope import MAX_BYTES
from tests.support.asgi import COSE
from tests.support.installation import Installation, Phone
from tests.support.waiting import WITHIN_S, until

# As the system gives a process where nobody changed it.
DESCRIPTORS = 1024
IDLE, HALF_SENT = 1200, 400
HALF_A_HEAD = b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-ty"
HALF_A_BODY = (
    b"POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cose\r\ncontent-length: %d\r\n\r\n"
    % (b"/v1/messages", MAX_BYTES)
) + bytes(MAX_BYTES - 1)
GROWS_AT_MOST_KIB = 48 * 1024


class Kept(http.client.HTTPConnection):
    """A connection over which messages go one after the other."""

    def send_press(self, phone: Phone, caller: str = "") -> None:
        said = {"x-forwarded-for": caller} if caller else {}
        self.request("POST", "/v1/messages", phone.press(), {"content-type": COSE} | said)

    def unacknowledged(self) -> int:
        """How many bytes the other side's system has not taken yet."""
        return int.from_bytes(fcntl.ioctl(self.sock, termios.TIOCOUTQ, bytes(4)), sys.byteorder)

    def seq(self) -> int:
        """The place in the journal of what was sent."""
        response = self.getresponse()
        assert response.status == 201
        return int(json.loads(response.read())["seq"])


class Served:
    """One process, with the descriptors of an ordinary system, and its address."""

    def __init__(self, installation: Installation, name: str, **settings: str) -> None:
        self.listener = open_listener()
        self.port = self.listener.getsockname()[1]
        environment = installation.config.environment()
        environment |= {"EGIDE_WEB_ORIGINS": f"http://localhost:{self.port}"} | settings
        self.child = Child(f"egide.entrypoints.{name}", [], environment, self.listener)
        resource.prlimit(self.child.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        self.child.ready()

    def attack(self, sent: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
        """A connection that says this and no more; whatever is not taken at once is not said."""
        connection = socket.create_connection(("127.0.0.1", self.port), source_address=(address, 0))
        connection.setblocking(False)
        said = 0
        while said < len(sent):
            try:
                said += connection.send(sent[said:])
            except BlockingIOError:
                break
            except OSError:
                # Ended already, for another one.
                break
        return connection

    def ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> int:
        """The status of an answer to somebody who comes now."""
        with closing(http.client.HTTPConnection("localhost", self.port, timeout=WITHIN_S)) as connection:
            connection.request(method, path, body, {"content-type": content_type} if content_type else {})
            return connection.getresponse().status

    def connect(self) -> "Kept":
        """A connection that somebody keeps; this process has taken it in."""
        kept = Kept("localhost", self.port, timeout=WITHIN_S)
        kept.request("GET", "/v1/health")
        assert kept.getresponse().read()
        # Nothing may connect again behind our back.
        kept.auto_open = 0
        return kept

    @contextmanager
    def halted(self, lines: Sequence[Kept]) -> Iterator[None]:
        """Nothing is read until all that was sent meanwhile by these has arrived: then all of it at once."""
        os.kill(self.child.process.pid, signal.SIGSTOP)
        stat = Path(f"/proc/{self.child.process.pid}/stat")
        until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "it stands still")
        try:
            yield
            until(lambda: not any(line.unacknowledged() for line in lines), "all of it has arrived")
        finally:
            os.kill(self.child.process.pid, signal.SIGCONT)

    @property
    def memory_kib(self) -> int:
        status = Path(f"/proc/{self.child.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def serving(place: Installation, name: str, **settings: str) -> Iterator[Served]:
    one = Served(place, name, **settings)
    try:
        yield one
    finally:
        one.child.stop()
        one.listener.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, SystemClock()) as installation:
        copy_migrated(installation.config.app_db)
        yield installation


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def served(place: Installation, request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(place, getattr(request, "param", "intake")) as one:
        yield one


@pytest.mark.parametrize(
    ("count", "sent"),
    [(IDLE, b""), (IDLE, HALF_A_HEAD), (HALF_SENT, HALF_A_BODY)],
    ids=["idle", "half a head", "half a body"],
)
def test_a_press_gets_its_receipt_beside_hundreds_that_say_nothing_and_they_cost_little(
    place: Installation, served: Served, crowd: ExitStack, count: int, sent: bytes
) -> None:
    phone = place.enrol()
    before_kib = served.memory_kib
    for _ in range(count):
        crowd.enter_context(served.attack(sent))
    assert served.ask("POST", "/v1/messages", phone.press(), COSE) == 201
    assert served.memory_kib - before_kib < GROWS_AT_MOST_KIB
    signs = Signs(place.config, place.clock)
    until(lambda: signs.counts(f"{COUNTED}intake "), "administrators read how many were ended, and why")


def test_who_pressed_keeps_her_connection_beside_a_flood_of_new_ones(
    place: Installation, served: Served, crowd: ExitStack
) -> None:
    phone, line = place.enrol(), crowd.enter_context(closing(served.connect()))
    line.send_press(phone)
    line.seq()
    # Each from an address of its own, so that none of them goes for its neighbours' sake.
    for number in range(IDLE):
        crowd.enter_context(served.attack(address=f"127.0.{number // 250 + 1}.{number % 250 + 1}"))
    assert served.ask("GET", "/v1/health") == 200
    line.send_press(phone)
    assert line.seq() > 0


def test_who_sent_something_verified_is_served_before_those_who_sent_nothing_yet(
    place: Installation, served: Served, crowd: ExitStack
) -> None:
    phones = [place.enrol() for _ in range(12)]
    lines = [crowd.enter_context(closing(served.connect())) for _ in phones]
    lines[0].send_press(phones[0])
    lines[0].seq()

    def all_press() -> list[int]:
        with served.halted(lines):
            for one, phone in zip(lines, phones, strict=True):
                one.send_press(phone)
        return [one.seq() for one in lines]

    known, *strangers = all_press()
    assert known < min(strangers)
    # A refusal makes her a stranger, and the others are none now: a stolen phone is not served before all others.
    lines[0].request("POST", "/v1/messages", b"no envelope", {"content-type": COSE})
    assert lines[0].getresponse().read()
    refused, *known_now = all_press()
    assert refused > max(known_now)


def test_behind_a_proxy_her_address_is_served_before_others(place: Installation, crowd: ExitStack) -> None:
    phone, hers = place.enrol(), "198.51.100.1"
    served = crowd.enter_context(serving(place, "intake", EGIDE_TRUSTED_PROXIES="127.0.0.1"))
    lines = [crowd.enter_context(closing(served.connect())) for _ in range(20)]
    lines[0].send_press(phone, hers)
    lines[0].seq()
    with served.halted(lines):
        for number, one in enumerate(lines):
            one.send_press(phone, hers if one is lines[-1] else f"198.51.100.{number + 2}")
    *others, last = [one.seq() for one in lines]
    assert last < min(others)


@pytest.mark.parametrize(
    ("served", "path"),
    [
        ("live", "/v1/health"),
        pytest.param("web", "/healthz", marks=pytest.mark.full("its other cases")),
        pytest.param("metrics", "/health/live", marks=pytest.mark.full("its other cases")),
    ],
    indirect=["served"],
)
def test_every_server_answers_beside_them(served: Served, path: str) -> None:
    for sent in (b"", HALF_A_HEAD):
        with ExitStack() as crowd:
            for _ in range(IDLE):
                crowd.enter_context(served.attack(sent))
            assert served.ask("GET", path) == 200


@pytest.mark.parametrize("served", ["web"], indirect=True)
def test_half_sent_forms_cost_the_pages_little(served: Served, crowd: ExitStack) -> None:
    assert served.ask("GET", "/healthz") == 200
    before_kib = served.memory_kib
    size = 1024 * 1024
    head = b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % size
    for _ in range(HALF_SENT):
        crowd.enter_context(served.attack(head + bytes(size - 1)))
    assert served.ask("GET", "/healthz") == 200
    assert served.memory_kib - before_kib < GROWS_AT_MOST_KIB


@pytest.mark.full("tests/entrypoints/test_hung_up_on.py", "tests/entrypoints/test_connections.py")
@pytest.mark.parametrize("served", ["intake", "web"], indirect=True)
def test_who_drips_a_head_is_hung_up_on(served: Served, crowd: ExitStack) -> None:
    """A byte a second: only the deadline of the whole head ends this."""
    dripping = crowd.enter_context(served.attack(b"GET / HTTP/1.1\r\nx: "))
    dripping.settimeout(1)
    began_s = time.monotonic()
    while _drips(dripping):
        assert time.monotonic() - began_s < 2 * HEAD_S


def _drips(dripping: socket.socket) -> bool:
    """Whether it is still listened to a second later."""
    try:
        dripping.sendall(b"x")
        return dripping.recv(1000) != b"" and _drips(dripping)
    except TimeoutError:
        return True
    except ConnectionError:
        return False
