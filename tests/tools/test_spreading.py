"""What a worker that dies leaves is run by others, once."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import WITHIN_S

ROOT = Path(__file__).parents[2]
CONFTEST = """
from tests.support import nursery, workers
from tests.support.spreading import Lanes
nursery.NURSERY = workers.NURSERY = "loads_nothing"
def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        workers.do_fork_workers(session.config)
def pytest_xdist_make_scheduler(config, log):
    return Lanes(config, log)
"""
# What forks the workers; a run's own would load for seconds.
LOADS_NOTHING = """
import socket, sys
from egide.entrypoints.stack.fork_server import serve
if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), lambda _module: None)
"""
FILE = """
import os, pathlib, signal
import pytest
@pytest.mark.parametrize("number", range(5))
def test_one(number, request):
    assert pathlib.Path("/proc/self/comm").read_text() == "xdist_worker\\n"
    with open("told", "a") as told:
        print(request.node.nodeid, file=told)
    if "dies" in request.node.nodeid and number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
"""
FILES = ("test_a.py", "test_b_dies.py", "test_c.py")


def test_a_worker_that_dies_leaves_its_tests_to_others_and_the_run_ends_red(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "loads_nothing.py").write_text(LOADS_NOTHING)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in FILES:
        (tmp_path / name).write_text(FILE)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "2", "-q"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # What is red keeps its folders.
            "PYTEST_DEBUG_TEMPROOT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    told = (tmp_path / "told").read_text().splitlines()
    assert sorted(told) == [f"{name}::test_one[{number}]" for name in FILES for number in range(5)]
    assert "1 failed, 14 passed" in run.stdout
    assert "test_b_dies.py::test_one[2]" in run.stdout.partition("short test summary")[2]
