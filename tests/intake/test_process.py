"""The real process when it ends, well or badly: nobody is told what is not so, and the next one goes on."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from egide.alarm.events import FromPhone
from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, open_listener
from egide.journal.sealing import renewing
from tests.support.asgi import COSE
from tests.support.installation import Installation, Phone
from tests.support.waiting import WITHIN_S, until


class Running:
    """Intake as a process, at an address that outlives it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.listener = open_listener()
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1/messages"
        environment = installation.config.environment()
        self.child = Child("egide.entrypoints.intake", [], environment, self.listener)
        self.child.ready()

    def send(self, data: bytes) -> int:
        """The status of the answer; 0 when there was none."""
        try:
            response = requests.post(self.url, data=data, headers={"Content-Type": COSE}, timeout=WITHIN_S)
        except requests.ConnectionError:
            return 0
        return response.status_code

    def deliver(self, data: bytes) -> None:
        """Send the same until the journal has it. A database that answers late, as on a machine with too much to do,
        may have it kept or refused at first, and a phone sends it again."""
        until(lambda: self.send(data) == 201)

    def descendants(self) -> list[int]:
        """The processes that the child started."""
        pid = self.child.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def running(tmp_path: Path, journal_address: str) -> Iterator[Running]:
    with Installation(tmp_path, SystemClock(), address=journal_address) as installation:
        made = Running(installation)
        yield made
        made.child.kill()
        made.listener.close()


@contextmanager
def pressing(running: Running, phone: Phone) -> Iterator[list[bytes]]:
    """A phone that presses all the while, each time until it is acknowledged; yields what was."""
    kept: list[bytes] = []
    over = threading.Event()

    def press() -> None:
        while not over.is_set():
            data = phone.press()
            running.deliver(data)
            kept.append(data)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        yield kept
    finally:
        over.set()
        thread.join(20)
        assert not thread.is_alive()


def wait_for_more(kept: list[bytes], count: int) -> None:
    """Until this many more were acknowledged."""
    wanted = len(kept) + count
    until(lambda: len(kept) >= wanted, lambda: f"{len(kept)} acknowledged", every_s=0.001)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("whom", ["the reading process", "its writer"])
def test_however_a_process_ends_what_was_acknowledged_is_kept_once(
    running: Running, whom: str, number: signal.Signals
) -> None:
    phone = running.installation.enrol()
    with pressing(running, phone) as kept:
        wait_for_more(kept, 10)
        pids = running.descendants() if whom == "its writer" else [running.child.process.pid]
        for pid in pids:
            os.kill(pid, number)
        if (whom, number) == ("its writer", signal.SIGTERM):
            # A service is ended by its reading process; the writer finishes what it was given and goes on till then.
            wait_for_more(kept, 10)
            running.child.process.terminate()
        running.child.process.wait(WITHIN_S)
        running.child.start()
        wait_for_more(kept, 10)
    rows = running.installation.journal.stream(f"alarm:{phone.alarm(1)}")
    events = [running.installation.journal.open_event(row) for row in rows]
    assert [event.envelope for event in events if isinstance(event, FromPhone)] == kept


def is_running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_no_writer_outlives_its_process(running: Running) -> None:
    writers = running.descendants()
    running.child.process.kill()
    running.child.process.wait(WITHIN_S)
    until(lambda: not any(is_running(pid) for pid in writers), "the writer is still there")


def test_headers_without_end_are_cut_off_and_a_large_body_is_not(running: Running) -> None:
    port = running.listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as endless:
        with suppress(ConnectionError):
            endless.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n")
            for _ in range(20):
                endless.sendall(b"X-Filling: " + b"a" * 10_000 + b"\r\n")
        assert _hung_up(endless)
    assert running.send(b"x" * 200_000) == 400
    assert running.send(b"x" * 300_000) == 413


def _hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_running_intake_takes_a_new_master_key_and_refuses_no_press_for_it(running: Running) -> None:
    installation = running.installation
    config, pressed = installation.config, installation.enrol()
    with pressing(running, pressed) as kept:
        wait_for_more(kept, 3)
        renewing.do_renew_file(config, SystemClock())
        # Its key was made after the change, and only the new master key opens it.
        later = installation.enrol()
        running.deliver(later.press())
        wait_for_more(kept, 3)
        renewing.do_forget(config)
        running.deliver(installation.enrol().press())
        wait_for_more(kept, 3)
    assert running.child.process.poll() is None
