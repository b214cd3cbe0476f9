"""What begins in the nursery is a process like any other."""

import os
import signal
from pathlib import Path

import pytest

from egide.entrypoints.stack.children import Child, open_listener, stop_all
from tests.support.nursery import Nursery
from tests.support.waiting import until

AIR = "egide.entrypoints.air"


def start_air() -> Child:
    return Child(AIR, [], {"EGIDE_SAID": "something"}, open_listener())


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_two_of_a_kind_share_their_parent_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = start_air(), start_air()
    assert first.ready() and second.ready()
    pids = [first.process.pid, second.process.pid]
    assert len({*pids, os.getpid()}) == 3
    assert parent_of(pids[0]) == parent_of(pids[1]) != os.getpid()
    for pid in pids:
        # A group of its own, the folder of whoever asked, and no descriptor of the other.
        assert os.getpgid(pid) == pid
        assert Path(f"/proc/{pid}/cwd").resolve() == tmp_path.resolve()
        sockets = [path for path in Path(f"/proc/{pid}/fd").iterdir() if "socket" in str(path.readlink())]
        assert len(sockets) <= 3
    stop_all([first, second])


def test_its_end_is_told_whatever_ended_it_and_it_starts_again_on_its_address() -> None:
    child = start_air()
    child.ready()
    assert child.process.poll() is None
    child.kill()
    assert child.process.returncode == -signal.SIGKILL
    child.start()
    child.ready()
    child.stop()
    assert child.process.poll() is not None
    # Arguments that are no arguments end it with what argparse says.
    refused = Child(AIR, ["--nonsense"], {}, open_listener())
    assert refused.process.wait(60) == 2


def test_it_does_not_outlive_the_nursery() -> None:
    nursery = Nursery()
    with open_listener() as listener:
        fd = listener.fileno()
        born = nursery.begin(AIR, ["--fd", str(fd)], dict(os.environ), [fd])
        assert "ready" in born.stdout.readline()
    nursery.close()
    until(lambda: not Path(f"/proc/{born.pid}").exists(), "it goes on alone")
