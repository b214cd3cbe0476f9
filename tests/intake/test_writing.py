"""Intake as it runs: one process that reads, one that stores, and a line between them."""

import http.client
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.serving.writing import Frames, frame
from egide.entrypoints.stack.children import Child, open_listener
from egide.intake.passing import Answered
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S


@pytest.fixture
def running(tmp_path: Path, journal_address: str) -> Iterator[tuple[Installation, Child, int]]:
    """An installation by the machine's clock, intake's process, and its port."""
    with (
        Installation(tmp_path, clock=SystemClock(), address=journal_address) as installation,
        open_listener() as listener,
    ):
        child = Child("egide.entrypoints.intake", [], installation.config.environment(), listener)
        child.ready()
        yield installation, child, listener.getsockname()[1]
        child.kill()


def send(port: int, envelope: bytes) -> int:
    """The status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    connection.request("POST", "/v1/messages", envelope, {"Content-Type": "application/cose"})
    status = connection.getresponse().status
    connection.close()
    return status


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def test_a_press_is_durable_when_the_reading_process_answers(
    running: tuple[Installation, Child, int],
) -> None:
    installation, _, port = running
    phone = installation.enrol()
    assert send(port, phone.press()) == 201
    assert installation.kinds(f"alarm:{phone.alarm()}") == ["PressReceived"]


def test_a_phone_that_enrols_while_intake_runs_is_known(running: tuple[Installation, Child, int]) -> None:
    installation, _, port = running
    envelope = installation.enrol().press()
    assert send(port, envelope) == 201
    assert send(port, envelope) == 201


def test_without_its_writer_intake_stops_and_the_next_one_takes_over(
    running: tuple[Installation, Child, int],
) -> None:
    installation, child, port = running
    phone = installation.enrol()
    assert send(port, phone.press()) == 201
    (writer,) = children_of(child.process.pid)
    os.kill(writer, signal.SIGKILL)
    assert child.process.wait(WITHIN_S) != 0
    child.start()
    child.ready()
    assert send(port, phone.press()) == 201
    assert installation.kinds(f"alarm:{phone.alarm(1)}") == ["PressReceived", "PressedAgain"]


def test_the_writer_ends_with_the_process_that_reads(running: tuple[Installation, Child, int]) -> None:
    _, child, _ = running
    (writer,) = children_of(child.process.pid)
    handle = os.pidfd_open(writer)
    assert child.stop() in (0, -signal.SIGTERM)
    # A process that is gone, or waits to be forgotten, can be asked nothing any more.
    with pytest.raises(ProcessLookupError):
        signal.pidfd_send_signal(handle, 0)
    os.close(handle)


def test_frames_come_out_whole_however_the_line_cuts_them() -> None:
    sent = [[Answered(n, 201, "", b"x" * n)] for n in range(1, 40)]
    stream = b"".join(map(frame, sent))
    for size in (1, 3, 7, 64, len(stream)):
        frames = Frames()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        bodies = [body for piece in pieces for body in frames.feed(piece)]
        assert bodies == [frame(answers)[4:] for answers in sent]
