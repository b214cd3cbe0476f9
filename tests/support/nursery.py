"""Processes that begin with their libraries loaded: one process of each worker loads them once, then forks.

Half a second and more of each start goes into loading, and the tests start hundreds of processes. What begins here is
a process like any other, with its own environment, arguments, standard streams and process group; only Python and the
libraries of its module are there already. Nothing of Django's settings is: those belong to one data directory.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from egide.entrypoints.serving.lines import PARENT_VARIABLE
from egide.entrypoints.stack.children import ENVIRONMENT, Child, ChildFailed, begin
from tests.support.waiting import WITHIN_S

# Those that load most, with what each of them loads only after its settings.
DJANGO = (
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.migrations.executor",
    "django.forms",
)
LOADED = {
    "egide.entrypoints.air": (),
    "egide.entrypoints.button": (),
    "egide.entrypoints.companion": (),
    "egide.entrypoints.watch": (),
    "egide.entrypoints.worker": DJANGO,
    "egide.entrypoints.web": DJANGO,
    "egide.entrypoints.stack.demo_web": DJANGO,
}
ROOT = Path(__file__).parents[2]
MAX_BYTES = 2**18
# Descriptors are put aside above what a process uses before they get their numbers.
ASIDE = 500


class Born:
    """A process that the nursery began, as `subprocess.Popen` would show it."""

    def __init__(self, pid: int, streams: tuple[int, int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = os.fdopen(streams[0], "w", encoding="utf-8")
        self.stdout = os.fdopen(streams[1], "r", encoding="utf-8")
        self.ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self.ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The worker's end."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        self._telling = threading.Lock()
        self._answered = threading.Event()
        self._pid = 0
        self._born: dict[int, Born] = {}
        self._ended: dict[int, int] = {}
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        # NumPy's library of algebra begins a thread for each processor when it is loaded, beside which none may fork.
        environment = {**os.environ, **ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        theirs.close()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]
    ) -> Born:
        """Start `python -m module` with these arguments; it inherits `fds` under the same numbers."""
        (stdin, ours_in), (ours_out, stdout) = os.pipe(), os.pipe()
        asked = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(Path.cwd()),
            "numbers": [0, 1, 2, *fds],
        }
        with self._turn:
            self._answered.clear()
            socket.send_fds(self._socket, [json.dumps(asked).encode()], [stdin, stdout, 2, *fds])
            if not self._answered.wait(WITHIN_S) or self._pid == 0:
                raise ChildFailed(f"{module} did not begin")
            born = Born(self._pid, (ours_in, ours_out))
            self._expect(born)
        os.close(stdin)
        os.close(stdout)
        return born

    def _listen(self) -> None:
        # One that died says so to whoever asks next.
        with contextlib.suppress(ConnectionResetError):
            while text := self._socket.recv(MAX_BYTES):
                said = json.loads(text)
                if "born" in said:
                    self._pid = said["born"]
                    self._answered.set()
                else:
                    self._end(said["ended"], said["code"])
        self._pid = 0
        self._answered.set()

    def _expect(self, born: Born) -> None:
        """Its end may have been told already."""
        with self._telling:
            self._born[born.pid] = born
            code = self._ended.pop(born.pid, None)
        if code is not None:
            self._end(born.pid, code)

    def _end(self, pid: int, code: int) -> None:
        with self._telling:
            born = self._born.pop(pid, None)
            if born is None:
                self._ended[pid] = code
                return
        born.returncode = code
        born.ended.set()

    def close(self) -> None:
        """End it, and with it whatever it began."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._socket.close()


@contextlib.contextmanager
def nursing() -> Iterator[None]:
    """Meanwhile the processes named above begin in a nursery, which is there once the first of them is."""
    nurseries: list[Nursery] = []

    def begin_loaded(
        module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]
    ) -> subprocess.Popen[str]:
        if module not in LOADED:
            return begin(module, arguments, environment, fds)
        if not nurseries:
            nurseries.append(Nursery())
        born = nurseries[0].begin(module, arguments, environment, fds)
        return cast("subprocess.Popen[str]", born)

    Child.begin = staticmethod(begin_loaded)
    yield
    Child.begin = staticmethod(begin)
    for nursery in nurseries:
        nursery.close()


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Begin what is asked for until the worker is gone: None; in each process that begins: what it shall be."""
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        watched: dict[int, int] = {}
        while True:
            for key, _events in selector.select():
                if key.fileobj is not control:
                    pid = watched.pop(key.fd)
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    control.send(json.dumps({"ended": pid, "code": code}).encode())
                    continue
                text, fds, _flags, _from = socket.recv_fds(control, MAX_BYTES, 16)
                if not text:
                    return None
                asked: dict[str, Any] = json.loads(text)
                _load(asked["module"])
                became, told = os.pipe()
                pid = os.fork()
                if pid == 0:
                    for handle in watched:
                        os.close(handle)
                    return asked | {"fds": fds, "told": told}
                os.close(told)
                for fd in fds:
                    os.close(fd)
                # Until the child has its descriptors: whoever began it may take its limit of them down at once.
                os.read(became, 1)
                os.close(became)
                handle = os.pidfd_open(pid)
                watched[handle] = pid
                selector.register(handle, selectors.EVENT_READ)
                control.send(json.dumps({"born": pid}).encode())


def _load(module: str) -> None:
    """Load what the module does; itself it is loaded by each process, as its main module."""
    if module in _loaded:
        return
    _loaded.add(module)
    name = f"{module}.__main__" if module.endswith((".watch", ".worker")) else module
    for one in (*LOADED[module], name):
        importlib.import_module(one)
    del sys.modules[name]
    assert threading.active_count() == 1 and len(list(Path("/proc/self/task").iterdir())) == 1, module
    gc.freeze()


_loaded: set[str] = set()


def _become(asked: dict[str, Any]) -> None:
    """Give this process what belongs to it alone."""
    os.setpgid(0, 0)
    # Beyond every number that is asked for: a test that holds a thousand sockets asks for high ones.
    beyond = max(ASIDE, *asked["numbers"]) + 1
    *aside, told = (fcntl.fcntl(fd, fcntl.F_DUPFD, beyond) for fd in (*asked["fds"], asked["told"]))
    os.closerange(3, beyond)
    for fd, number in zip(aside, asked["numbers"], strict=True):
        os.dup2(fd, number)
        os.close(fd)
    os.close(told)
    os.environ.clear()
    os.environ.update(asked["environment"], **{PARENT_VARIABLE: str(os.getppid())})
    os.chdir(asked["folder"])
    sys.argv[1:] = asked["arguments"]


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    asked = _serve(control)
    control.close()
    if asked is not None:
        _become(asked)
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
