"""A broker that is somebody else, silent, or says what no broker says: nothing is told to it, and it is asked again."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.mqtt.carrier import Carrier
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs
from tests.support.certificates import Authority
from tests.support.waiting import WITHIN_S, until

# MQTT 3.1.1, sections 3.2 and 3.9: taken, and subscribed with quality of service 1.
LET_IN, SUBSCRIBED = b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x01"
# A report under a name that is no UTF-8, with quality of service 0; one of 300 signs under a right one.
NO_NAME = b"\x30\x05\x00\x02\xff\xfeE"
# Behind the kind stands the length, seven bits in a byte: 2 + 12 + 300.
TOO_LONG = b"\x30\xba\x02\x00\x0cegide/000000" + b"x" * 300


class There:
    """`port`; `came`: the first that each said; `refused`: how many left at the sight of its certificate."""

    def __init__(self, port: int) -> None:
        self.port, self.came, self.refused = port, [], 0

    came: list[bytes]


@contextmanager
def speaking(*says: bytes, shows: ssl.SSLContext | None = None) -> Iterator[There]:
    """It answers the first packet with the first of these, and so on; then it says nothing, and holds the line."""
    listener = socket.create_server(("127.0.0.1", 0))
    there, stopped = There(listener.getsockname()[1]), threading.Event()
    opened: list[threading.Thread] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _address = listener.accept()
                opened.append(threading.Thread(target=talk, args=(plain,)))
                opened[-1].start()

    def talk(plain: socket.socket) -> None:
        with plain:
            try:
                connection = shows.wrap_socket(plain, server_side=True) if shows else plain
            except OSError:
                there.refused += 1
                return
            with connection, suppress(OSError):
                there.came.append(connection.recv(4096))
                for number, said in enumerate(says):
                    if number == 1:
                        connection.recv(4096)
                    connection.sendall(said)
                while not stopped.is_set() and connection.recv(4096):
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield there
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(WITHIN_S)
        for one in opened:
            one.join(WITHIN_S)


@contextmanager
def carrying(tmp_path: Path, there: There, scheme: str = "mqtt") -> Iterator[Carrier]:
    """Somebody who listens to it, and whose intake is away, until the end of the block."""
    config = Config(tmp_path, mqtt_broker=f"{scheme}://127.0.0.1:{there.port}")
    stopped = threading.Event()
    came = Outcomes(Signs(config, SystemClock()), SystemClock())
    carrier = Carrier(config, ["http://127.0.0.1:9"], stopped, came)
    thread = threading.Thread(target=carrier.run)
    thread.start()
    try:
        yield carrier
    finally:
        stopped.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def test_a_broker_under_another_certificate_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    with speaking(LET_IN, shows=authority.server("127.0.0.1")) as there:
        with carrying(tmp_path, there, "mqtts") as carrier:
            until(lambda: there.refused, "it left")
            assert there.came == [] and not carrier.is_listening
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        with carrying(tmp_path, there, "mqtts"):
            until(lambda: there.came, "the same broker, where it is vouched for")


def test_one_that_says_nothing_is_not_listened_to_and_holds_no_end_up(tmp_path: Path) -> None:
    with speaking() as there, carrying(tmp_path, there) as carrier:
        until(lambda: there.came, "it was spoken to")
        assert not carrier.is_listening


def test_one_that_is_no_broker_is_asked_again(tmp_path: Path) -> None:
    with speaking(b"\x20\x01\x00") as there, carrying(tmp_path, there) as carrier:
        until(lambda: len(there.came) > 1, "asked again")
        assert not carrier.is_listening


def test_reports_that_no_broker_passes_on_are_put_aside_and_those_behind_are_looked_at(
    tmp_path: Path,
) -> None:
    with speaking(LET_IN, SUBSCRIBED + NO_NAME + TOO_LONG) as there, carrying(tmp_path, there) as carrier:
        until(lambda: carrier.counts["unreadable"] == 2, lambda: carrier.counts)
        assert carrier.is_listening
