"""A phone of the core in Java against a real intake: pressed, cut off, lied to, killed; no press is lost or doubled."""

import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import parse_headers
from pathlib import Path

import pytest

from egide.alarm.events import AlarmAcknowledged, AlarmClosed, FromPhone
from egide.protocol.envelope import Kind, Trigger, decode
from egide.protocol.frame import decode_ack
from tests.android.phone import JavaPhone
from tests.companion.intake import Kit, Server, serving

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("intake")) as running:
        yield running


def presses_of(server: Server, kit: Kit) -> list[bytes]:
    """The presses of this kit's phone in the journal, in its order."""
    journal, device = server.journal, server.device_of(kit)
    rows = [row for row in journal.every() if row.stream.startswith(f"alarm:{device}-")]
    events = [journal.open_event(row) for row in rows if row.kind in ("PressReceived", "PressedAgain")]
    return [event.envelope for event in events if isinstance(event, FromPhone)]


def counters(envelopes: list[bytes]) -> list[int]:
    return [decode(envelope).message.counter for envelope in envelopes]


def test_a_press_reaches_the_journal_and_the_phone_learns_what_becomes_of_it(
    server: Server, tmp_path: Path
) -> None:
    kit = server.issue()
    with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready() as phone:
        phone.press(65, kit.button_key)
        alarm = phone.wait_for("phone.receipt")["alarm"]
        assert phone.wait_for("phone.stored")["alarm"] == alarm
        assert decode_ack(phone.acknowledged()[-1], kit.button_key) == 65
        state = server.alarm(alarm)
        assert state.press.trail[0].position.lat_e7 == 504542000
        server.decide(alarm, AlarmAcknowledged(user="op1"))
        phone.wait_for("phone.told", state="acknowledged", alarm=alarm)
        phone.wait_for("phone.shows", line="ACKNOWLEDGED")
        server.decide(alarm, AlarmClosed(user="op1", outcome="test", reason="test"))
        phone.wait_for("phone.told", state="closed", alarm=alarm)
        phone.wait_for("phone.shows", line="CLOSED")
        assert "PositionReceived" in server.kinds(alarm)
        # The button did not hear it and says it again: acknowledged again, and no second alarm.
        phone.press(65, kit.button_key)
        phone.wait_for_acknowledged(2)
        # One from far back that was never kept, and one of another key, are refused.
        phone.press(1, kit.button_key)
        phone.wait_for("phone.frame_refused", reason="replay")
        phone.press(66, bytes(16))
        phone.wait_for("phone.frame_refused", reason="mac")
        assert len(phone.named("phone.stored")) == 1
    assert len(presses_of(server, kit)) == 1


def test_a_code_under_threat_raises_an_alarm_and_looks_like_any_other(server: Server, tmp_path: Path) -> None:
    kit = server.issue()
    with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready() as phone:
        phone.tell(set_pins=["246824", "135713"])
        phone.wait_for("phone.pins_set")
        phone.tell(unlock="999999")
        phone.wait_for("phone.unlock", answer="WRONG")
        phone.tell(unlock="246824")
        phone.wait_for("phone.unlock", answer="OPEN")
        assert presses_of(server, kit) == []
        before = len(phone.named("phone.shows"))
        phone.tell(unlock="135713")
        phone.wait_for("phone.unlock", count=2, answer="OPEN")
        (envelope,) = presses_of(server, kit)
        message = decode(envelope).message
        assert (message.kind, message.trigger) == (Kind.PRESS, Trigger.DURESS)
        assert phone.named("phone.shows")[before:] == []
        # Nothing on the disk tells that it was sent.
        assert envelope not in (tmp_path / "phone").read_bytes()


def test_presses_wait_while_no_server_answers_and_arrive_once_each_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path / "intake") as server:
        kit = server.issue()
        with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready() as phone:
            server.process.kill()
            for counter in (1, 2, 3):
                phone.press(counter, kit.button_key)
            phone.wait_for_acknowledged(3)
            assert len(phone.named("phone.stored")) == 3
            phone.wait_for("phone.shows", line="UNREACHABLE")
        # Killed meanwhile: the next life knows them.
        with JavaPhone(tmp_path / "phone", (server.url,)).ready() as phone:
            server.process.start()
            phone.wait_for("phone.receipt", count=3)
            assert len(set(counters(presses_of(server, kit)))) == 3
            assert len(presses_of(server, kit)) == 3


# What it does with who asked; whether that is only over once the phone hangs up.
Way = Callable[[socket.socket], None]
ELSEWHERE = "/elsewhere"


def _redirect(connection: socket.socket) -> None:
    connection.sendall(f"HTTP/1.1 307 See\r\nLocation: {ELSEWHERE}\r\nContent-Length: 0\r\n\r\n".encode())


def _giant(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        connection.sendall(bytes(100_000))


def _drips(connection: socket.socket) -> None:
    """An answer that takes no end, a byte at a time, so that no silence is long."""
    connection.sendall(b"HTTP/1.1 201 Created\r\nX-Long: ")
    connection.settimeout(0.05)
    while True:
        connection.sendall(b"x")
        with suppress(TimeoutError):
            if not connection.recv(1):
                return


def _forged(connection: socket.socket) -> None:
    receipt = (
        b'{"seq":1,"alarm":"x-1","received_at":1,"state":"closed","next_counter":9,"pending":[],"signature":"'
        + b"A" * 86
        + b'"}'
    )
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(receipt), receipt))


def _silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@dataclass
class Asked:
    """What a hostile server was asked: the paths, the bodies that there were, and how many hung up on it."""

    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    hung_up: int = 0

    def take(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as question:
            self.paths.append(question.readline().decode().split()[1])
            headers = parse_headers(question)
            self.bodies.append(question.read(int(headers.get("Content-Length", "0"))))


@contextmanager
def hostile(way: Way) -> Iterator[tuple[str, Asked]]:
    """The address of a server that answers everybody in this way, and what it was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked = Asked()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError, IndexError):
            asked.take(connection)
            with suppress(OSError):
                way(connection)
            asked.hung_up += 1

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextmanager
def halted(server: Server) -> Iterator[None]:
    """It answers nobody meanwhile."""
    server.process.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("way", [_redirect, _giant, _forged, _silent, _drips])
def test_a_server_that_lies_holds_up_no_press_and_is_believed_in_nothing(
    server: Server, tmp_path: Path, way: Way
) -> None:
    kit = server.issue()
    with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready():
        pass
    with hostile(way) as (lies, asked), ExitStack() as halt:
        # Once the good one has answered, nobody asks the other any more: this press has to meet it.
        halt.enter_context(halted(server))
        with JavaPhone(tmp_path / "phone", (lies, server.url)).ready() as phone:
            phone.press(1, kit.button_key)
            phone.until(lambda: any(decode(body).message.kind is Kind.PRESS for body in asked.bodies if body))
            halt.close()
            assert phone.wait_for("phone.receipt")["alarm"].startswith(server.device_of(kit))
            assert len(phone.named("phone.receipt")) == 1
            assert phone.named("phone.told") == []
            # Nobody is waited for at the other end of a connection that stays open.
            phone.until(lambda: asked.hung_up == len(asked.paths))
        assert ELSEWHERE not in asked.paths
    assert len(presses_of(server, kit)) == 1


def press_and_kill(server: Server, tmp_path: Path, kills: int, chance: random.Random) -> None:
    """A phone that is killed again and again while its button presses; each press is said until it is acknowledged."""
    kit = server.issue()
    path, last, acknowledged = tmp_path / "phone", 0, 0
    with JavaPhone(path, (server.url,), kit.code).ready():
        pass
    for _ in range(kills):
        with JavaPhone(path, (server.url,)).ready() as phone:
            # What the last life did not acknowledge, and then new ones.
            for counter in range(acknowledged + 1, last + chance.randrange(2, 6)):
                phone.press(counter, kit.button_key)
                last = max(last, counter)
            wanted = chance.randrange(0, last - acknowledged)
            phone.wait_for_acknowledged(wanted)
            phone.kill()
            acks = [decode_ack(ack, kit.button_key) for ack in phone.acknowledged()]
            acknowledged = max([acknowledged, *acks])
    with JavaPhone(path, (server.url,)).ready() as phone:
        for counter in range(1, last + 1):
            phone.press(counter, kit.button_key)
        phone.wait_for_acknowledged(last)
        phone.until(lambda: len(presses_of(server, kit)) >= last)
    found = counters(presses_of(server, kit))
    # Every press of the button once, and each under a counter of its own.
    assert len(found) == last
    assert len(set(found)) == last


def test_a_phone_that_is_killed_during_presses_loses_and_doubles_none(
    server: Server, tmp_path: Path, chance: random.Random
) -> None:
    press_and_kill(server, tmp_path, 2, chance)


@pytest.mark.full(
    "tests/android/test_phone.py::test_a_phone_that_is_killed_during_presses_loses_and_doubles_none"
)
def test_a_phone_that_is_killed_two_hundred_times_loses_and_doubles_none(
    server: Server, tmp_path: Path, chance: random.Random
) -> None:
    press_and_kill(server, tmp_path, 200, chance)
