"""Processes of the tests that begin with their libraries loaded: forks of one process of each worker.

Half a second and more of each start goes into loading, and the tests start hundreds of processes. Nothing of Django's
settings is loaded before the fork: those belong to one data directory.

In a run with workers, they and these processes are themselves forks of one (`tests.support.workers`).
"""

import contextlib
import importlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from egide.entrypoints.stack.children import Child, Process, begin, finish, surroundings
from egide.entrypoints.stack.fork_server import ForkServer, serve
from tests.support.waiting import WITHIN_S

# Those that load most, with what each of them loads only after its settings.
DJANGO = (
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.migrations.executor",
    "django.forms",
)
# Not the figures' library of tables, which begins threads as soon as it is loaded.
PAGES = (
    *DJANGO,
    "egide.evaluation.published.suppression",
    "fido2.server",
    "jwt",
    "pypdf",
    "requests",
    "segno",
    "typst",
)
COMMAND = "egide.entrypoints.cli"
COMMANDS = (
    "accounts",
    "installing.init",
    "installing.serve",
    "installing.settings",
    "installing.tls",
    "journal",
    "keys",
    "status",
)
LOADED = {
    "egide.entrypoints.air": (),
    "egide.entrypoints.backup.erase_again": PAGES,
    "egide.entrypoints.button": (),
    COMMAND: (*PAGES, *(f"{COMMAND}.{name}" for name in COMMANDS)),
    "egide.entrypoints.cli.installing.filling": PAGES,
    "egide.entrypoints.companion": (),
    "egide.entrypoints.intake": (),
    "egide.entrypoints.live": (),
    "egide.entrypoints.metrics": (),
    "egide.entrypoints.ready": DJANGO,
    "egide.entrypoints.rebuild": DJANGO,
    "egide.entrypoints.remind": DJANGO,
    "egide.entrypoints.sms": (),
    "egide.entrypoints.upgrading.preparing": DJANGO,
    "egide.entrypoints.watch": (),
    "egide.entrypoints.worker": DJANGO,
    "egide.entrypoints.web": PAGES,
    "egide.entrypoints.stack.demo_web": PAGES,
    "tests.support.fake_bluez": (),
}
ROOT = Path(__file__).parents[2]
NURSERY, WORKER = "tests.support.nursery", "tests.support.xdist_worker"
# What most tests load, where that begins no thread and holds no file open (GDAL does); then the tests themselves are
# read as pytest does, which rewrites their assertions.
FOR_WORKERS = (
    "aiohttp",
    "bumble.device",
    "numpy",
    "playwright.sync_api",
    "psycopg",
    "pydantic_settings",
    "pypdf",
    "shapely",
    "tests.support.pages",
)
READING = "tests.support.reading"
# The descriptor by which a worker speaks to the process that forks for it.
VARIABLE = "TESTS_NURSERY_FD"


_servers: list[ForkServer] = []


def begin_loaded(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int], stderr: int = 2
) -> Process:
    """Start a process, with its libraries loaded where it is named above; then it says on `stderr` what it logs."""
    if module not in LOADED:
        return begin(module, arguments, environment, fds)
    return _server().begin(module, arguments, environment, fds, stderr)


@contextlib.contextmanager
def nursing() -> Iterator[None]:
    """Meanwhile the processes named above are forks of one, which is there once the first of them is."""
    if VARIABLE in os.environ:
        _servers.append(_given())
    Child.begin, Child.finish = staticmethod(begin_loaded), staticmethod(finish_loaded)
    yield
    Child.begin, Child.finish = staticmethod(begin), staticmethod(finish)
    while _servers:
        _servers.pop().stop()


def _server() -> ForkServer:
    if not _servers:
        _servers.append(start())
    return _servers[0]


def start() -> ForkServer:
    """A process that forks, which has nothing loaded yet."""
    return ForkServer.start(NURSERY, surroundings({"PYTHONPATH": str(ROOT)}))


def _given() -> ForkServer:
    control = socket.socket(fileno=int(os.environ.pop(VARIABLE)))
    control.set_inheritable(False)
    return ForkServer(control)


def left_running() -> list[int]:
    """The numbers of the processes that have not ended."""
    return [pid for server in _servers for pid in server.running]


def run_loaded(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], answers: str = ""
) -> subprocess.CompletedProcess[str]:
    """What `python -m module` says, where it begins with its libraries loaded and ends by itself."""
    with tempfile.TemporaryFile("w+") as stderr:
        process = _server().begin(module, arguments, environment, (), stderr.fileno())
        with process.stdout, process.stdin:
            # Nobody reads what it was not asked for.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(answers)
                process.stdin.close()
            stdout = process.stdout.read()
        code = process.wait(WITHIN_S)
        stderr.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, stdout, stderr.read())


def finish_loaded(
    module: str, environment: Mapping[str, str], said: str = ""
) -> subprocess.CompletedProcess[str]:
    """The same for a process that another one has do its work."""
    return run_loaded(module, (), environment, said)


def load(module: str) -> None:
    """Load what the module does; itself it is loaded by each process, as its main module."""
    if module in _loaded:
        return
    _loaded.add(module)
    if module == NURSERY:
        for one in LOADED:
            load(one)
        return
    if module == WORKER:
        for one in FOR_WORKERS:
            importlib.import_module(one)
        # The tests of a run, which are named behind the descriptor.
        importlib.import_module(READING).do_read(sys.argv[2:])
        return
    name = f"{module}.__main__" if module.endswith((".watch", ".worker")) else module
    for one in (*LOADED[module], name):
        importlib.import_module(one)
    if module == COMMAND:
        # Its main module is what is given.
        return
    if module.endswith(".worker"):
        # Two thirds of what it takes to begin: the zones, ready to be asked. They are packaged.
        importlib.import_module("egide.geography.locate").locator_of()
    del sys.modules[name]


_loaded: set[str] = set()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), load)
