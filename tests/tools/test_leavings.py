"""What a test leaves behind makes the run red, with the name of the test."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import WITHIN_S

ROOT = Path(__file__).parents[2]
CONFTEST = """
from tests.support import leavings
leavings.ENDS_WITHIN_S = 0
def pytest_configure(config):
    leavings.do_watch(config)
"""
# The process ends with the worker: nobody holds the other end of its pipe then.
FILE = """
import subprocess, tempfile
kept = []
def test_leaves_nothing(tmp_path):
    with (tmp_path / "own").open("w"), tempfile.NamedTemporaryFile():
        subprocess.run(["true"])
def test_leaves_a_file():
    tempfile.mkdtemp(prefix="forgotten-")
def test_leaves_a_process():
    kept.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
def test_leaves_a_journal_open(tmp_path):
    kept.append((tmp_path / "journal.lock").open("w"))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The tests of the folder, by one worker."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "1", "-q", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # What is red keeps its folders.
            "PYTEST_DEBUG_TEMPROOT": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def test_a_run_whose_tests_leave_something_is_red_and_says_which_did(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_x.py").write_text(FILE)
    red = run(tmp_path)
    assert red.returncode == 1, red.stdout + red.stderr
    assert "4 passed" in red.stdout
    process, file, still_open = red.stdout.partition("what tests left behind")[2].splitlines()[1:4]
    assert process.startswith("process ")
    # Its beginning is known to a hundredth of a second (proc_pid_stat(5), starttime): these tests take less.
    assert ", cat (cat), begun in test_x.py::test_leaves_a_" in process
    assert file.startswith("forgotten-")
    assert file.endswith(" in the folder for temporary files, since test_x.py::test_leaves_a_file")
    assert still_open.endswith("/test_leaves_a_journal_open0/journal.lock is still open")
    green = run(tmp_path, "-k", "nothing")
    assert green.returncode == 0, green.stdout + green.stderr
    assert "left behind" not in green.stdout
