"""A process that loads libraries once and forks others from itself: less work, less memory, sooner ready.

The demo and the tests use one; in an installation each process is started by itself and holds nothing but its own. What
is forked is a process like any other, with its own environment, folder, arguments, descriptors and process group. The
one that forks has no thread and no file of an installation open; only the process that started it speaks to it.
"""

import atexit
import contextlib
import fcntl
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from egide.entrypoints.serving.lines import PARENT_VARIABLE, name_process

_MESSAGE_BYTES = 2**18
_MAX_FDS = 16
# Descriptors are put above those that a process uses before they get their numbers.
_ASIDE = 500


class Forked:
    """A forked process, with what is used of `subprocess.Popen`."""

    def __init__(self, stdin: IO[str], stdout: IO[str], changed: threading.Condition) -> None:
        self.pid, self.stdin, self.stdout = 0, stdin, stdout
        self.returncode: int | None = None
        self._changed = changed

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        with self._changed:
            self._changed.wait_for(lambda: self.returncode is not None, timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM, unless it has ended."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that forks, as seen by the one that uses it: `serve` has the other end of `control` there."""

    def __init__(self, control: socket.socket) -> None:
        self._socket = control
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._changed = threading.Condition()
        self._next: Forked | None = None
        self._running: dict[int, Forked] = {}
        self._is_gone = False
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @classmethod
    def start(cls, main: str, environment: Mapping[str, str]) -> "ForkServer":
        """Start `python -m main FD`, which calls `serve` with that descriptor."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", main, str(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        server = cls(ours)
        server._process = process
        return server

    @property
    def running(self) -> list[int]:
        """The numbers of its forks that have not ended."""
        return list(self._running)

    def begin(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        fds: Sequence[int],
        stderr: int = 2,
    ) -> Forked:
        """Run `python -m module` in a fork; it inherits `fds` under the same numbers. Raises ConnectionError."""
        request = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(Path.cwd()),
            "numbers": [0, 1, 2, *fds],
        }
        stdin, stdout = os.pipe(), os.pipe()
        ours = Forked(os.fdopen(stdin[1], "w"), os.fdopen(stdout[0]), self._changed)
        try:
            with self._turn:
                self._next = ours
                socket.send_fds(
                    self._socket, [json.dumps(request).encode()], [stdin[0], stdout[1], stderr, *fds]
                )
                with self._changed:
                    self._changed.wait_for(lambda: ours.pid or self._is_gone)
        finally:
            os.close(stdin[0])
            os.close(stdout[1])
        if not ours.pid:
            raise ConnectionError("the process that forks is gone")
        return ours

    def stop(self) -> None:
        """End it, and its forks with it."""
        self._socket.shutdown(socket.SHUT_WR)
        # It lets go of its own end as it ends.
        self._listening.join()
        if self._process is not None:
            self._process.wait()

    def _listen(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            while message := self._socket.recv(_MESSAGE_BYTES):
                with self._changed:
                    self._learn(**json.loads(message))
                    self._changed.notify_all()
        with self._changed:
            self._is_gone = True
            for forked in self._running.values():
                # Forks end with the one that forked them.
                forked.returncode = -signal.SIGTERM
            self._changed.notify_all()

    def _learn(self, pid: int, code: int | None = None) -> None:
        """A fork began, or ended with a code."""
        if code is None:
            assert self._next is not None
            self._next.pid = pid
            self._running[pid] = self._next
        else:
            self._running.pop(pid).returncode = code


def serve(control: socket.socket, load: Callable[[str], None]) -> None:
    """Fork for each request that comes on `control`, report what ended, return when nobody asks any more.

    `load` loads what a module needs, before the fork. The fork runs the module, and its process ends with it.
    """
    request = _serve(control, load)
    control.close()
    if request is not None:
        _become(request)
        _run(request["module"])


def _serve(control: socket.socket, load: Callable[[str], None]) -> dict[str, Any] | None:
    """None at the end; in a fork, what it is asked to be."""
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                if key.fileobj is not control:
                    _report_end(control, selector, key)
                    continue
                message, fds, _flags, _address = socket.recv_fds(control, _MESSAGE_BYTES, _MAX_FDS)
                if not message:
                    return None
                request: dict[str, Any] = json.loads(message)
                _load(load, request["module"])
                became, done = os.pipe()
                pid = os.fork()
                if pid == 0:
                    for other in selector.get_map().values():
                        if other.fileobj is not control:
                            os.close(other.fd)
                    return request | {"fds": fds, "done": done}
                for fd in (done, *fds):
                    os.close(fd)
                # Until the fork has its descriptors: the one that asked may lower its limit of them at once.
                os.read(became, 1)
                os.close(became)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                control.send(json.dumps({"pid": pid}).encode())


def _report_end(control: socket.socket, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    _pid, status = os.waitpid(key.data, 0)
    selector.unregister(key.fileobj)
    os.close(key.fd)
    control.send(json.dumps({"pid": key.data, "code": os.waitstatus_to_exitcode(status)}).encode())


def _load(load: Callable[[str], None], module: str) -> None:
    """Load for good. Raises RuntimeError where that began a thread, beside which nobody may fork, or holds a file open,
    whose number is another's in each fork."""
    gc.disable()
    opened = _open_files()
    load(module)
    threads = list(Path("/proc/self/task").iterdir())
    if len(threads) > 1:
        raise RuntimeError(f"{module} began {len(threads) - 1} threads, beside which no fork is safe")
    if held := _open_files() - opened:
        raise RuntimeError(f"{module} holds open {', '.join(sorted(held))}, which no fork would find again")
    # What is there now stays: a collection that looked at it would copy it into every process.
    gc.freeze()
    gc.enable()


def _open_files() -> set[str]:
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        # That by which they are looked at is gone.
        with contextlib.suppress(OSError):
            found.add(f"{number.name} {number.readlink()}")
    return found


def _run(module: str) -> None:
    """Run it to its end, and end the process as the interpreter does, but without taking apart what was loaded.

    It shares that with the others: to take it apart is to copy it first, a tenth of a second and more.
    """
    code: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    # What the interpreter itself has to say is said on its own way to the end.
    if not isinstance(code, int):
        sys.exit(str(code))
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing does
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)
    os._exit(code)


def _become(request: dict[str, Any]) -> None:
    """Give this process what belongs to it alone."""
    # A group of its own, which a Ctrl-C in the terminal does not reach.
    os.setpgid(0, 0)
    # Above every number that is asked for: a test that holds a thousand sockets asks for high ones.
    beyond = max(_ASIDE, *request["numbers"]) + 1
    *aside, done = (fcntl.fcntl(fd, fcntl.F_DUPFD, beyond) for fd in (*request["fds"], request["done"]))
    os.closerange(3, beyond)
    for fd, number in zip(aside, request["numbers"], strict=True):
        os.dup2(fd, number)
        os.close(fd)
    os.close(done)
    os.environ.clear()
    os.environ.update(request["environment"], **{PARENT_VARIABLE: str(os.getppid())})
    os.chdir(request["folder"])
    module = request["module"]
    name_process(module.rpartition(".")[2])
    sys.argv[:] = [module, *request["arguments"]]
