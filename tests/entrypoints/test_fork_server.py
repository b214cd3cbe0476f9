"""The processes of a demo are forks of one: they begin, speak, end and begin again as if started by themselves."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.entrypoints.stack.children import Child, ChildFailed, open_listener, surroundings
from egide.entrypoints.stack.fork_server import ForkServer

ENVIRONMENT = {"EGIDE_DEMO": "1", "EGIDE_WEB_ORIGINS": "http://localhost"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    config = Config(data_dir=tmp_path_factory.mktemp("data"), demo=True)
    made = ForkServer(surroundings(config.environment() | ENVIRONMENT))
    yield made
    made.stop()


def started(server: ForkServer, module: str, *arguments: str) -> Child:
    return Child(f"egide.entrypoints.{module}", arguments, {}, open_listener(), fork_server=server)


def test_a_fork_says_that_it_is_ready_and_ends_when_it_is_told_to(server: ForkServer) -> None:
    air = started(server, "air")
    assert air.ready()["ready"] == "air"
    assert os.getpgid(air.process.pid) == air.process.pid, "a Ctrl-C of the demo does not reach it"
    assert Path(f"/proc/{air.process.pid}/comm").read_text() == "air\n"
    air.stop()
    assert air.process.poll() is not None


def test_one_that_is_killed_begins_again_on_the_same_address(server: ForkServer) -> None:
    air = started(server, "air")
    port = air.ready()["port"]
    air.kill()
    assert air.process.returncode == -signal.SIGKILL
    air.start()
    assert air.ready()["port"] == port
    air.stop()


def test_one_that_fails_says_so_with_its_exit_code(server: ForkServer) -> None:
    child = started(server, "air", "--supervision-ms", "none")
    with pytest.raises(ChildFailed, match="ended with 2"):
        child.ready()


def test_one_that_does_not_end_is_waited_for_no_longer_than_asked(server: ForkServer) -> None:
    air = started(server, "air")
    air.ready()
    with pytest.raises(subprocess.TimeoutExpired):
        air.process.wait(0.01)
    air.stop()


def test_what_forks_has_no_thread_and_no_database_open(server: ForkServer) -> None:
    air = started(server, "air")
    air.ready()
    stat = Path(f"/proc/{air.process.pid}/stat").read_text()
    parent = Path("/proc", stat.rpartition(")")[2].split()[1])
    threads = len(list((parent / "task").iterdir()))
    opened = [str(fd.readlink()) for fd in (parent / "fd").iterdir()]
    assert (threads, [path for path in opened if ".db" in path]) == (1, [])
    air.stop()


def test_forks_end_with_the_one_that_forked_them(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, demo=True)
    server = ForkServer(surroundings(config.environment() | ENVIRONMENT))
    air = started(server, "air")
    air.ready()
    server.stop()
    assert air.process.wait(10) is not None
    with pytest.raises(ConnectionError):
        air.start()
