"""Where tests write, and what they leave: no file outside their own folders, no process, and nothing held open.

Each worker has a folder for temporary files of its own, named by TMPDIR, and so has all that its tests start. Whatever
is there after the last test, runs with that TMPDIR, or is held open below a test's folder makes the run red, by name.
"""

import gc
import os
import shutil
import tempfile
import time
from bisect import bisect
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.waiting import until

# Tests write in memory where the system has that much of it: the databases ask the disk to keep each of tens of
# thousands of events, and a process that is killed loses nothing that it wrote to either.
MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 2**30
# What was told to end needs a moment for it.
ENDS_WITHIN_S = 20.0
NAME = LEFT_BY_WORKER = "left_behind"
_TICKS_A_S = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat behind the name (proc(5)); a process began so many ticks after the machine did.
_STATE, _PARENT, _BEGAN = 0, 1, 19
# Node keeps there what it compiled, for the next of its processes; the browser's sound (libpulse) has its folder there
# in a home in which it never was.
_NOT_OF_TESTS = ("node-compile-cache", "pulse-")
# Python begins it beside whatever forks by `multiprocessing`, and it ends with that process.
_PYTHONS_OWN = b"multiprocessing.resource_tracker"


class Leavings:
    """What the tests of this process leave. That of a run with workers has no tests, and hears what they left."""

    def __init__(self, folder: Path, is_ours: bool) -> None:
        self._folder = folder
        self._is_ours = is_ours
        self._began_s: list[float] = []
        self._tests: list[str] = []
        # In the folder before the first test: kept as long as this process.
        self._seen: dict[str, str] = {}
        self.left: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note when a test began, and which files are there since."""
        if not self._tests:
            self._see("")
        self._began_s.append(_now_s())
        self._tests.append(item.nodeid)
        done = yield
        self._see(item.nodeid)
        return done

    def _see(self, test: str) -> None:
        for path in self._folder.iterdir():
            self._seen.setdefault(path.name, test)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say what is left, once every fixture has ended."""
        config = session.config
        if self._tests:
            with suppress(AssertionError):
                until(lambda: not _begun_with(self._folder), within_s=ENDS_WITHIN_S)
            self.note_processes(_begun_with(self._folder))
            self.left += [*self._files(), *self._open(config)]
        if hasattr(config, "workeroutput"):
            config.workeroutput[LEFT_BY_WORKER] = self.left
        elif self.left:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.left += getattr(node, "workeroutput", {}).get(LEFT_BY_WORKER, [])

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if self.left:
            terminalreporter.section("what tests left behind")
            for line in self.left:
                terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        if self._is_ours:
            shutil.rmtree(self._folder, ignore_errors=True)

    def note_processes(self, pids: Iterable[int]) -> None:
        """These are left, unless they have ended now."""
        for pid in pids:
            with suppress(OSError):
                place = Path("/proc", str(pid))
                # A tick is as much as the two clocks may be apart.
                began_s = (int(_stat(place)[_BEGAN]) + 1) / _TICKS_A_S
                test = self._tests[max(0, bisect(self._began_s, began_s) - 1)]
                name, command = (place / "comm").read_text().strip(), (place / "cmdline").read_bytes()
                words = command.replace(b"\0", b" ").decode(errors="replace").strip()
                self.left.append(f"process {pid}, {name} ({words[:200]}), begun in {test}")

    def _files(self) -> list[str]:
        names = sorted(path.name for path in self._folder.iterdir())
        return [
            f"{name} in the folder for temporary files, since {test}"
            for name in names
            if not name.startswith(_NOT_OF_TESTS) and (test := self._seen.get(name, self._tests[-1]))
        ]

    def _open(self, config: pytest.Config) -> list[str]:
        gc.collect()
        places = (f"{self._folder}/", f"{config._tmp_path_factory.getbasetemp()}/")  # type: ignore[attr-defined]
        found = {name for name in open_files() if name.startswith(places)}
        return [f"{name} is still open" for name in sorted(found)]


def do_watch(config: pytest.Config) -> None:
    """Give this process its folders; what is left there makes the run red."""
    at_first = Path(tempfile.gettempdir())
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(at_first))
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker:
        # Below that of the run, which goes with it.
        folder = at_first / worker["workerid"]
        folder.mkdir()
    else:
        folder = Path(tempfile.mkdtemp(prefix="egide-tests-"))
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.pluginmanager.register(Leavings(folder, is_ours=not worker), NAME)


def leavings_of(config: pytest.Config) -> Leavings:
    """Those of the tests of this process."""
    plugin = config.pluginmanager.get_plugin(NAME)
    assert isinstance(plugin, Leavings)
    return plugin


def _now_s() -> float:
    """Seconds since the machine began, as the system counts them for processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _begun_with(folder: Path) -> list[int]:
    """The numbers of the processes that this one began, and of all that run with this TMPDIR."""
    mark = b"\0TMPDIR=%s\0" % os.fsencode(folder)
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = _stat(place)
            # What a fork shows of its surroundings is what the first of its kind began with.
            is_ours = int(stat[_PARENT]) == os.getpid() or mark in b"\0%s" % (place / "environ").read_bytes()
            is_pythons = _PYTHONS_OWN in (place / "cmdline").read_bytes()
            if is_ours and not is_pythons and stat[_STATE] not in "ZX":
                found.append(int(place.name))
    return found


def _stat(place: Path) -> list[str]:
    return (place / "stat").read_text().rpartition(") ")[2].split()


def open_files() -> Iterator[str]:
    """The paths of what this process has open; of a file that was removed, too."""
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            yield str(number.readlink())
