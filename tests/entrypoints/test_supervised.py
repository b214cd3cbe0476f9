"""What systemd hands to a process and hears from it, over real sockets: listeners, readiness, signs of life."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.common.config import Config, NotSetUp
from egide.entrypoints.serving import supervised
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.entrypoints.stack.migrated import copy_migrated
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.waiting import until

WAIT_S = 60


class Manager:
    """Stands where systemd does: hears what is told."""

    def __init__(self, socket_: socket.socket) -> None:
        self._socket = socket_
        socket_.settimeout(WAIT_S)

    def next(self) -> str:
        return self._socket.recv(4096).decode()

    def told(self) -> list[str]:
        """All that waits."""
        found = []
        self._socket.setblocking(False)
        try:
            while True:
                found.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            return found
        finally:
            self._socket.settimeout(WAIT_S)


@pytest.fixture(params=["a path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "a path" else f"@egide-test-{os.getpid()}"


@pytest.fixture
def manager(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield Manager(there)


def test_readiness_is_said_to_the_parent_and_to_systemd(
    manager: Manager, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised.say_ready("intake", 8402)
    assert manager.next() == "READY=1"
    assert capsys.readouterr().out == '{"ready":"intake","port":8402}\n'


def test_a_systemd_that_does_not_listen_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    supervised.tell("READY=1")
    assert "systemd could not be told READY=1" in caplog.text


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    monkeypatch.setenv("WATCHDOG_USEC", str(WAIT_S * 1_000_000))
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    clock = SetClock(0)
    clock.advance_s(1000)
    return clock


def test_the_watchdog_hears_signs_while_all_parts_turn_and_none_once_one_hangs(
    manager: Manager, clock: SetClock
) -> None:
    watchdog = Watchdog(clock, ("routing", "ladder"))
    for _ in range(WAIT_S):
        clock.advance_s(1)
        watchdog.turn("routing")
        watchdog.turn("ladder")
    heard = manager.told()
    assert set(heard) == {"WATCHDOG=1"}
    assert 6 <= len(heard) <= 8
    # The ladder hangs: within half of the wait nothing is said for it any more.
    for _ in range(WAIT_S // 2):
        clock.advance_s(1)
        watchdog.turn("routing")
    manager.told()
    for _ in range(WAIT_S):
        clock.advance_s(1)
        watchdog.turn("routing")
    assert manager.told() == []
    watchdog.leave("ladder")
    watchdog.turn("routing")
    assert manager.told() == ["WATCHDOG=1"]


def test_a_part_that_never_began_is_missed(manager: Manager, clock: SetClock) -> None:
    watchdog = Watchdog(clock, ("routing", "outbox"))
    clock.advance_s(WAIT_S)
    watchdog.turn("routing")
    assert manager.told() == []


def test_a_process_that_is_not_well_says_nothing(manager: Manager, clock: SetClock) -> None:
    state = {"well": True}
    watchdog = Watchdog(clock, ("intake",), lambda: state["well"])
    watchdog.turn("intake")
    assert manager.told() == ["WATCHDOG=1"]
    state["well"] = False
    clock.advance_s(WAIT_S / 4)
    watchdog.turn("intake")
    assert manager.told() == []


def test_the_question_whether_a_sign_is_due_is_a_turn(
    manager: Manager, clock: SetClock, tmp_path: Path
) -> None:
    pulse = TurningPulse(Signs(Config(data_dir=tmp_path), clock), clock, "outbox", Watchdog(clock))
    assert pulse.is_due
    assert manager.told() == ["WATCHDOG=1"]


def test_another_process_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert supervised.watchdog_s() is None


def test_sockets_for_another_process_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert supervised.handed_fd() is None


def test_two_sockets_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "2")
    with pytest.raises(NotSetUp, match="hands 2 sockets"):
        supervised.handed_fd()


def test_intake_serves_on_the_socket_that_systemd_hands_to_it_and_says_so(
    tmp_path: Path, manager: Manager
) -> None:
    """As the units start it: the listener is descriptor 3, and a caller who came before the process is answered."""
    # What systemd does between fork and exec, in one line of Python.
    begin = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); "
        "os.environ |= dict(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', WATCHDOG_USEC='4000000'); "
        "os.execv(sys.executable, [sys.executable, '-m', 'egide.entrypoints.intake'])"
    )
    with open_listener() as listener, socket.create_connection(listener.getsockname()) as early:
        early.settimeout(WAIT_S)
        early.sendall(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n")
        process = subprocess.Popen(
            [sys.executable, "-c", begin, str(listener.fileno())],
            env={**os.environ, "EGIDE_DATA": str(tmp_path / "data"), "EGIDE_DEMO": "1"},
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
        )
        try:
            assert manager.next() == "READY=1"
            assert early.recv(4096).startswith(b"HTTP/1.1 200")
            assert manager.next() == "WATCHDOG=1"
            process.terminate()
            # Its server ends cleanly, then of the signal: systemd takes both for a clean end.
            assert process.wait(WAIT_S) in (0, -signal.SIGTERM)
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("by_night", [True, False])
def test_a_worker_gives_signs_whatever_the_settings_leave_out(
    installation: Installation, manager: Manager, by_night: bool
) -> None:
    config = replace(installation.config, figures_by_night=by_night)
    worker = Child("egide.entrypoints.worker", [], {**config.environment(), "WATCHDOG_USEC": "8000000"})
    try:
        worker.ready()
        while manager.next() != "READY=1":
            pass
        # The first may have been on its way before its threads were asked after.
        assert [manager.next() for _ in range(4)] == ["WATCHDOG=1"] * 4
    finally:
        stop_all([worker])


# Two parts turn once and then one of them hangs: beside the others, or with them, since it never hands Python over.
HANGS = """
import ctypes, sys, threading
from egide.common.clock import SystemClock
from egide.entrypoints.serving.supervised import Watchdog

watchdog = Watchdog(SystemClock(), ("routing", "outbox"), alone_s=float(sys.argv[2]))

def waits_for_ever():
    threading.Event().wait()

def holds_all_up():
    ctypes.PyDLL(None).pause()

def turns():
    while True:
        threading.Event().wait(0.01)
        watchdog.turn("routing")

watchdog.turn("outbox")
threading.Thread(target=turns, daemon=True).start()
globals()[sys.argv[1]]()
"""


@pytest.mark.parametrize("how", ["waits_for_ever", "holds_all_up"])
def test_without_systemd_what_hangs_says_where_and_is_ended(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    begun = subprocess.run(
        [sys.executable, "-c", HANGS, how, "1"], capture_output=True, text=True, timeout=WAIT_S
    )
    assert begun.returncode == -signal.SIGALRM
    assert f"in {how}" in begun.stderr and "in turns" in begun.stderr


def test_what_ends_as_it_should_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    ends = (
        "import signal; from egide.common.clock import SystemClock; "
        "from egide.entrypoints.serving.supervised import Watchdog; "
        "watchdog = Watchdog(SystemClock(), ('routing',), alone_s=60); watchdog.turn('routing'); "
        "print(signal.getitimer(signal.ITIMER_REAL)[0] > 50); watchdog.leave('routing'); "
        "print(signal.getitimer(signal.ITIMER_REAL)[0])"
    )
    begun = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, timeout=WAIT_S)
    assert begun.stdout.split() == ["True", "0.0"]


@pytest.mark.files("by the lock of the file; tests/entrypoints/test_turns.py has a worker whose turn is lost")
def test_a_worker_that_hangs_is_ended_and_the_next_one_routes_what_came_meanwhile(
    installation: Installation, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hasty.py").write_text(
        "import egide.entrypoints.worker.__main__ as worker\nworker.ALONE_S = 8.0\nworker.main()\n"
    )
    environment = installation.config.environment() | {"PYTHONPATH": str(tmp_path)}
    worker = Child("hasty", [], environment)
    try:
        worker.ready()
        alarm = installation.open_alarm(installation.enrol())
        until(lambda: "AlarmRouted" in installation.kinds(f"alarm:{alarm}"))
        meanwhile = installation.open_alarm(installation.enrol())
        # As a process that stands still in the middle of a commit would hold it.
        with installation.config.journal_db.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert worker.process.wait(WAIT_S) == -signal.SIGALRM
        assert "journal/engines/sqlite.py" in capfd.readouterr().err
        worker.start()
        worker.ready()
        until(lambda: "AlarmRouted" in installation.kinds(f"alarm:{meanwhile}"))
    finally:
        stop_all([worker])


def test_pages_are_loaded_before_systemd_hears_that_they_are_ready(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with (
        Installation(tmp_path / "data") as installation,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there,
    ):
        there.bind(str(address))
        there.settimeout(WAIT_S)
        copy_migrated(installation.config.app_db)
        environment = installation.config.environment() | {"NOTIFY_SOCKET": str(address)}
        with open_listener() as listener:
            web = Child("egide.entrypoints.web", [], environment, listener)
            try:
                assert there.recv(4096) == b"READY=1"
                # What the pages of figures need is the last and the largest of it.
                assert "polars" in Path(f"/proc/{web.process.pid}/maps").read_text()
            finally:
                web.stop()
