"""Processes of the tests that begin with their libraries loaded: forks of one process of each worker.

Half a second and more of each start goes into loading, and the tests start hundreds of processes. Nothing of Django's
settings is loaded before the fork: those belong to one data directory.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from egide.entrypoints.stack.children import Child, Process, begin, surroundings
from egide.entrypoints.stack.fork_server import ForkServer, serve

# Those that load most, with what each of them loads only after its settings.
DJANGO = (
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.migrations.executor",
    "django.forms",
)
# Not the figures' library of tables, which begins threads as soon as it is loaded.
PAGES = (*DJANGO, "fido2.server", "pypdf")
LOADED = {
    "egide.entrypoints.air": (),
    "egide.entrypoints.button": (),
    "egide.entrypoints.companion": (),
    "egide.entrypoints.intake": (),
    "egide.entrypoints.live": (),
    "egide.entrypoints.watch": (),
    "egide.entrypoints.worker": DJANGO,
    "egide.entrypoints.web": PAGES,
    "egide.entrypoints.stack.demo_web": PAGES,
}
ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def nursing() -> Iterator[None]:
    """Meanwhile the processes named above are forks of one, which is there once the first of them is."""
    servers: list[ForkServer] = []

    def begin_loaded(
        module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]
    ) -> Process:
        if module not in LOADED:
            return begin(module, arguments, environment, fds)
        if not servers:
            servers.append(ForkServer(__name__, surroundings({"PYTHONPATH": str(ROOT)})))
        return servers[0].begin(module, arguments, environment, fds)

    Child.begin = staticmethod(begin_loaded)
    yield
    Child.begin = staticmethod(begin)
    for server in servers:
        server.stop()


def load(module: str) -> None:
    """Load what the module does; itself it is loaded by each process, as its main module."""
    if module in _loaded:
        return
    _loaded.add(module)
    name = f"{module}.__main__" if module.endswith((".watch", ".worker")) else module
    for one in (*LOADED[module], name):
        importlib.import_module(one)
    if module.endswith(".worker"):
        # Two thirds of what it takes to begin: the zones, ready to be asked. They are packaged.
        importlib.import_module("egide.geography.locate").locator_of()
    del sys.modules[name]


_loaded: set[str] = set()


if __name__ == "__main__":
    serve(load)
