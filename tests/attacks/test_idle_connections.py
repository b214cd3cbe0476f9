"""Connections that do nothing, and messages that never end, keep nobody out and cost little (safety rule 42)."""

import http.client
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.serving.connections import COUNTED, HEAD_S
from egide.entrypoints.stack.children import Child, open_listener
from egide.entrypoints.stack.migrated import copy_migrated
from egide.journal.now.signs import Signs
from egide.protocol.envelope import MAX_BYTES
from tests.support.asgi import COSE
from tests.support.installation import Installation
from tests.support.waiting import until

# As the system gives a process where nobody changed it.
DESCRIPTORS = 1024
IDLE, HALF_SENT = 1200, 400
HALF_A_HEAD = b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-ty"
HALF_A_BODY = (
    b"POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cose\r\ncontent-length: %d\r\n\r\n"
    % (b"/v1/messages", MAX_BYTES)
) + bytes(MAX_BYTES - 1)
GROWS_AT_MOST_KIB = 48 * 1024


class Served:
    """One process, with the descriptors of an ordinary system, and its address."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.listener = open_listener()
        self.port = self.listener.getsockname()[1]
        environment = installation.config.environment()
        environment["EGIDE_WEB_ORIGINS"] = f"http://localhost:{self.port}"
        self.child = Child(f"egide.entrypoints.{name}", [], environment, self.listener)
        resource.prlimit(self.child.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        self.child.ready()

    def attack(self, sent: bytes = b"") -> socket.socket:
        """A connection that says this and no more; whatever is not taken at once is not said."""
        connection = socket.create_connection(("127.0.0.1", self.port))
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
        with closing(http.client.HTTPConnection("localhost", self.port, timeout=20)) as connection:
            connection.request(method, path, body, {"content-type": content_type} if content_type else {})
            return connection.getresponse().status

    @property
    def memory_kib(self) -> int:
        status = Path(f"/proc/{self.child.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


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
    one = Served(place, getattr(request, "param", "intake"))
    yield one
    one.child.stop()
    one.listener.close()


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


@pytest.mark.parametrize(
    ("served", "path"),
    [("live", "/v1/health"), ("web", "/healthz"), ("metrics", "/health/live")],
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


@pytest.mark.full
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
