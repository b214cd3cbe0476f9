"""A fork of a process with its libraries loaded is a process like any other; the demo and the tests use it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.entrypoints.stack.children import Child, ChildFailed, begin, open_listener, stop_all, surroundings
from egide.entrypoints.stack.fork_server import ForkServer
from tests.support.waiting import WITHIN_S

ENVIRONMENT = {"EGIDE_DEMO": "1", "EGIDE_WEB_ORIGINS": "http://localhost"}
SPEAKS = """
import json, os, sys
print(json.dumps({"has": [sys.argv[1:], os.getcwd(), os.environ.get("EGIDE_SAID")]}))
"""

# Its thread and what it does at its end come behind its last line.
ENDS = """
import atexit, json, sys, threading
def say(word):
    print(json.dumps({"said": word}), end="\\n" if word == "thread" else "")
def stay():
    threading.main_thread().join()
    say("thread")
atexit.register(say, "at its end")
threading.Thread(target=stay).start()
sys.exit(*map(eval, sys.argv[1:]))
"""

# A process that forks and loads what it may not.
HOLDS = """
import socket, sys, threading
from egide.entrypoints.stack.fork_server import serve
kept, hold = [], HOLDS
serve(socket.socket(fileno=int(sys.argv[1])), lambda _module: hold())
"""


def server_of(place: Path) -> ForkServer:
    for name, text in (("speaks", SPEAKS), ("ends", ENDS)):
        (place / f"{name}.py").write_text(text)
    environment = Config(data_dir=place, demo=True).environment() | ENVIRONMENT | {"PYTHONPATH": str(place)}
    return ForkServer.start("egide.entrypoints.stack.demo_forks", surroundings(environment))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    made = server_of(tmp_path_factory.mktemp("data"))
    yield made
    made.stop()


def start_air(server: ForkServer, *arguments: str) -> Child:
    return Child("egide.entrypoints.air", arguments, {}, open_listener(), begin=server.begin)


def parent_of(child: Child) -> Path:
    stat = Path(f"/proc/{child.process.pid}/stat").read_text()
    return Path("/proc", stat.rpartition(")")[2].split()[1])


def test_two_of_a_kind_share_their_parent_and_nothing_else(server: ForkServer) -> None:
    airs = [start_air(server), start_air(server)]
    for air in airs:
        assert air.ready()["ready"] == "air"
        process = Path(f"/proc/{air.process.pid}")
        assert os.getpgid(air.process.pid) == air.process.pid, "a Ctrl-C of the demo does not reach it"
        assert (process / "comm").read_text() == "air\n"
        # Its listener and its loop's own pair: no descriptor of the other or of the one that forks.
        sockets = [fd for fd in (process / "fd").iterdir() if "socket" in str(fd.readlink())]
        assert len(sockets) <= 3
    parent = parent_of(airs[0])
    assert parent == parent_of(airs[1]) != Path("/proc", str(os.getpid()))
    opened = [str(fd.readlink()) for fd in (parent / "fd").iterdir()]
    assert len(list((parent / "task").iterdir())) == 1, "nothing may fork beside a thread"
    assert [path for path in opened if ".db" in path] == []
    stop_all(airs)
    assert [air.process.poll() is None for air in airs] == [False, False]


def test_each_has_the_arguments_environment_and_folder_of_its_request(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    children = [Child("speaks", [said], {"EGIDE_SAID": said}, begin=server.begin) for said in ("one", "two")]
    assert [child.wait_for("has")["has"] for child in children] == [
        [["one"], str(tmp_path), "one"],
        [["two"], str(tmp_path), "two"],
    ]
    unsaid = Child("speaks", [], {}, begin=server.begin)
    assert unsaid.wait_for("has")["has"] == [[], str(tmp_path), None]


def test_one_that_is_killed_begins_again_on_the_same_address(server: ForkServer) -> None:
    air = start_air(server)
    port = air.ready()["port"]
    with pytest.raises(subprocess.TimeoutExpired):
        air.process.wait(0.01)
    air.kill()
    assert air.process.returncode == -signal.SIGKILL
    air.start()
    assert air.ready()["port"] == port
    air.stop()


def test_of_one_that_has_ended_nobody_is_killed(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another process's by then: a machine with few numbers gives each again within minutes."""
    airs = [start_air(server), Child("egide.entrypoints.air", [], {}, open_listener(), begin=begin)]
    for air in airs:
        air.ready()
        air.process.send_signal(signal.SIGKILL)
        assert air.process.wait(60) == -signal.SIGKILL
    monkeypatch.setattr(os, "killpg", lambda pid, _number: pytest.fail(f"a signal for process {pid}"))
    for air in airs:
        air.kill()


def test_one_that_fails_says_so_with_its_exit_code(server: ForkServer) -> None:
    with pytest.raises(ChildFailed, match="ended with 2"):
        start_air(server, "--supervision-ms", "none").ready()


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [
        ((), 0, ""),
        (("0",), 0, ""),
        (("3",), 3, ""),
        (("'refused'",), 1, "refused\n"),
        (("1 / 0",), 1, "ZeroDivision"),
    ],
)
def test_one_ends_as_any_process_does(
    server: ForkServer, tmp_path: Path, end: tuple[str, ...], code: int, told: str
) -> None:
    """Its threads, its last words and its exit code; what it shares with others is not taken apart for that."""
    with (tmp_path / "err").open("w+") as err:
        process = server.begin("ends", end, surroundings({"PYTHONUNBUFFERED": ""}), (), err.fileno())
        assert process.stdout.read() == '{"said": "thread"}\n{"said": "at its end"}'
        assert process.wait(60) == code
        err.seek(0)
        assert told in err.read()


def test_forks_end_with_the_one_that_forked_them(tmp_path: Path) -> None:
    server = server_of(tmp_path)
    air = start_air(server)
    air.ready()
    server.stop()
    assert air.process.wait(WITHIN_S) is not None
    with pytest.raises(ConnectionError):
        air.start()


@pytest.mark.parametrize(
    ("holds", "told"),
    [
        ("threading.Thread(target=threading.Event().wait, daemon=True).start", "it began 1 threads"),
        ("lambda: kept.append(open(__file__))", "it holds open"),
    ],
)
def test_what_no_fork_could_share_is_not_forked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], holds: str, told: str
) -> None:
    (tmp_path / "holds.py").write_text(HOLDS.replace("HOLDS", holds))
    server = ForkServer.start("holds", surroundings({"PYTHONPATH": str(tmp_path)}))
    with pytest.raises(ConnectionError, match="the process that forks is gone"):
        server.begin("it", (), {}, ())
    server.stop()
    assert told in capfd.readouterr().err


def test_the_processes_of_the_tests_begin_so_too() -> None:
    airs = [Child("egide.entrypoints.air", [], {}, open_listener()) for _ in range(2)]
    assert [air.ready()["ready"] for air in airs] == ["air", "air"]
    assert parent_of(airs[0]) == parent_of(airs[1]) != Path("/proc", str(os.getpid()))
    stop_all(airs)


def test_what_crashes_says_where_it_stood(server: ForkServer, capfd: pytest.CaptureFixture[str]) -> None:
    air = start_air(server)
    air.ready()
    air.process.send_signal(signal.SIGSEGV)
    assert air.process.wait(60) == -signal.SIGSEGV
    said = capfd.readouterr().err
    assert "Fatal Python error: Segmentation fault" in said and "processes/air.py" in said
