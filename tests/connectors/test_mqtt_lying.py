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
from egide.connectors.mqtt.bounded import MOST_BYTES, Bounded
from egide.connectors.mqtt.carrier import MOST_WAITING, Carrier
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
# With quality of service 1 and the number 7: 2 + 12 + 2 + 1,000,000; and how it is acknowledged.
NAME = b"\x00\x0cegide/000000"
HUGE = b"\x32\xd0\x84\x3d" + NAME + b"\x00\x07" + b"x" * 1_000_000
TAKEN = b"\x40\x02\x00\x07"


class There:
    """`port`; `came`: the first that each said, `later`: what all said behind it; `refused`: how many left at the sight
    of its certificate; `open`: where it speaks with somebody."""

    def __init__(self, port: int) -> None:
        self.port, self.came, self.later, self.refused = port, [], b"", 0
        self.open: list[socket.socket] = []

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
            there.open.append(connection)
            with connection, suppress(OSError):
                there.came.append(connection.recv(4096))
                for number, said in enumerate(says):
                    if number == 1:
                        connection.recv(4096)
                    connection.sendall(said)
                while not stopped.is_set() and (heard := connection.recv(4096)):
                    there.later += heard

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
    with speaking(LET_IN, SUBSCRIBED + HUGE + TOO_LONG, shows=authority.server("127.0.0.1")) as there:
        with carrying(tmp_path, there, "mqtts") as carrier:
            until(lambda: there.refused, "it left")
            assert there.came == [] and not carrier.is_listening
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        with carrying(tmp_path, there, "mqtts") as carrier:
            until(lambda: carrier.counts["unreadable"] == 2, "the same broker, where it is vouched for")


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


def test_a_report_without_end_is_thrown_away_as_it_comes_and_acknowledged_and_those_behind_are_looked_at(
    tmp_path: Path,
) -> None:
    with speaking(LET_IN, SUBSCRIBED + HUGE + NO_NAME) as there, carrying(tmp_path, there) as carrier:
        until(lambda: carrier.counts["unreadable"] == 2, lambda: carrier.counts)
        until(lambda: TAKEN in there.later, "the broker need not send it again")
        assert len(there.came) == 1


@pytest.mark.parametrize("said", [b"\x90\xd0\x84\x3d", b"\x30\xff\xff\xff\xff\x01"], ids=["long", "endless"])
def test_what_is_too_long_and_no_report_ends_the_connection(tmp_path: Path, said: bytes) -> None:
    with speaking(LET_IN, said) as there, carrying(tmp_path, there):
        until(lambda: len(there.came) > 1, "asked again")


def test_more_than_can_wait_here_waits_at_the_broker(tmp_path: Path) -> None:
    """Frames of a button that intake, which is away, would have to look at."""
    frames = b"".join(
        b"\x30\x18\x00\x0cegide/%06d" % number + b"\x45" * 10 for number in range(MOST_WAITING + 50)
    )
    with speaking(LET_IN, SUBSCRIBED + frames) as there, carrying(tmp_path, there) as carrier:
        until(lambda: carrier.how_far()[1] > MOST_WAITING, carrier.how_far)
        assert carrier.how_far() == (0, MOST_WAITING + 1)


def test_a_broker_that_hangs_up_while_all_places_are_taken_is_seen_to_be_away(tmp_path: Path) -> None:
    frames = b"".join(
        b"\x30\x18\x00\x0cegide/%06d" % number + b"\x45" * 10 for number in range(MOST_WAITING + 50)
    )
    with speaking(LET_IN, SUBSCRIBED + frames) as there, carrying(tmp_path, there) as carrier:
        until(lambda: carrier.how_far()[1] > MOST_WAITING, carrier.how_far)
        assert carrier.is_listening
        there.open[0].shutdown(socket.SHUT_WR)
        until(lambda: not carrier.is_listening, "it is seen")
        assert carrier.how_far() == (0, MOST_WAITING + 1), "nothing was read meanwhile"


def test_what_is_read_of_a_packet_is_what_came_or_a_report_of_the_most_bytes() -> None:
    near, far = socket.socketpair()
    with near, far:
        bounded = Bounded(near)
        sending = threading.Thread(target=far.sendall, args=(LET_IN + HUGE + LET_IN,))
        sending.start()
        assert b"".join(read(bounded, 1) for _ in LET_IN) == LET_IN
        head = bounded.recv(4)
        assert head == b"\x32\x80\x80\x08", "128 KiB, seven bits in a byte"
        whole = read(bounded, MOST_BYTES)
        assert whole == HUGE[4 : 4 + MOST_BYTES]
        assert read(bounded, len(LET_IN)) == LET_IN
        sending.join(WITHIN_S)
        near.setblocking(False)
        with pytest.raises(BlockingIOError):
            bounded.recv(1)
        far.sendall(b"\x30")
        with pytest.raises(BlockingIOError):
            bounded.recv(1)
        far.close()
        assert bounded.recv(1) == b""


def read(bounded: Bounded, size: int) -> bytes:
    said = b""
    while len(said) < size:
        said += bounded.recv(size - len(said))
    return said
