"""Starts the processes of a demo as forks of one that has loaded what they share: less work, less memory, sooner ready.

Only a demo does: in an installation each process is started by itself and holds nothing but its own. The one that forks
has no thread and no file of an installation open; nobody speaks to it but whoever started it.
"""

import contextlib
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
from typing import IO

from egide.entrypoints.serving.lines import PARENT_VARIABLE, name_process, prepare

# NumPy's library of algebra begins a thread for each processor when it is loaded.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
_MESSAGE_BYTES = 65_536
_FDS = 3


class Forked:
    """A forked process, with what is used of `subprocess.Popen`."""

    def __init__(self, server: "ForkServer", pid: int, stdin: IO[str], stdout: IO[str]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._server = server

    @property
    def returncode(self) -> int | None:
        return self._server.codes.get(self.pid)

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        return self._server.wait_for(self.pid, timeout)

    def terminate(self) -> None:
        """SIGTERM, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


class ForkServer:
    """The process that forks, as whoever uses it sees it. `environment` is that of every fork."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "egide.entrypoints.stack.fork_server", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command,
                env={**environment, **_ONE_THREAD},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        self.codes: dict[int, int] = {}
        self._changed = threading.Condition()
        self._started: list[int] = []
        self._is_gone = False
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, module: str, arguments: Sequence[str], listener: socket.socket | None) -> Forked:
        """Run a module as the main one in a fork, with `--fd` of its listening socket. Raises ConnectionError."""
        stdin, stdout = os.pipe(), os.pipe()
        fds = [stdin[0], stdout[1], *([listener.fileno()] if listener else [])]
        request = json.dumps({"module": module, "arguments": list(arguments)}).encode()
        socket.send_fds(self._socket, [request], fds)
        for fd in fds[:2]:
            os.close(fd)
        with self._changed:
            self._changed.wait_for(lambda: self._started or self._is_gone)
            if not self._started:
                raise ConnectionError("the process that forks is gone")
            pid = self._started.pop()
        return Forked(self, pid, os.fdopen(stdin[1], "w"), os.fdopen(stdout[0]))

    def wait_for(self, pid: int, timeout: float | None) -> int:
        """The exit code of a fork. Raises subprocess.TimeoutExpired."""
        with self._changed:
            if not self._changed.wait_for(lambda: pid in self.codes or self._is_gone, timeout):
                raise subprocess.TimeoutExpired(str(pid), timeout or 0)
            # Forks end with the one that forked them.
            return self.codes.get(pid, -signal.SIGTERM)

    def stop(self) -> None:
        """End it, after its forks."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()

    def _listen(self) -> None:
        while message := self._socket.recv(_MESSAGE_BYTES):
            told = json.loads(message)
            with self._changed:
                if "started" in told:
                    self._started.append(told["started"])
                else:
                    self.codes[told["ended"]] = told["code"]
                self._changed.notify_all()
        with self._changed:
            self._is_gone = True
            self._changed.notify_all()


def load_pages() -> None:
    """What the first fork needs, which has most to do: web, with people to invent.

    Not the pages of figures: their library of tables begins threads as soon as it is loaded.
    """
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "egide.entrypoints.settings"
    django.setup()
    import egide.access.urls
    import egide.boards.desk.urls
    import egide.boards.team.urls
    import egide.boards.zone.urls
    import egide.entrypoints.processes.web
    import egide.fleet.urls
    import egide.rollout.urls  # noqa: F401  their use is that they are loaded


def load_others() -> None:
    """What the others need, while the first fork is at work."""
    import egide.entrypoints.processes.air
    import egide.entrypoints.processes.button
    import egide.entrypoints.processes.companion
    import egide.entrypoints.processes.intake
    import egide.entrypoints.processes.live
    import egide.entrypoints.watch.__main__
    import egide.entrypoints.worker.__main__  # noqa: F401

    for name in ("watch", "worker"):
        # They run as main modules later; until then they must not seem to be there.
        del sys.modules[f"egide.entrypoints.{name}.__main__"]


def _load(part: Callable[[], None]) -> None:
    """Load a part for good. Raises RuntimeError where it began a thread, beside which nobody may fork."""
    gc.disable()
    part()
    threads = list(Path("/proc/self/task").iterdir())
    if len(threads) > 1:
        raise RuntimeError(f"{part.__name__} began {len(threads) - 1} threads, beside which no fork is safe")
    # What is there now stays: a collection that looked at it would copy it into every process.
    gc.freeze()
    gc.enable()


def serve(control: socket.socket) -> None:
    """Fork for each request, tell what ended, until nobody is there any more. In a fork it runs what was asked for."""
    parts = [load_pages, load_others]
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                if key.fileobj is not control:
                    _tell_end(control, selector, key)
                    continue
                request, fds, _flags, _address = socket.recv_fds(control, _MESSAGE_BYTES, _FDS)
                if not request:
                    return
                if parts:
                    _load(parts.pop(0))
                pid = os.fork()
                if pid == 0:
                    for other in list(selector.get_map().values()):
                        os.close(other.fd)
                    _become(json.loads(request), fds)
                with contextlib.suppress(OSError):
                    # Whichever of the two comes first: a group of its own, that a Ctrl-C here does not reach.
                    os.setpgid(pid, pid)
                for fd in fds:
                    os.close(fd)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                control.send(json.dumps({"started": pid}).encode())


def _tell_end(control: socket.socket, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    _pid, status = os.waitpid(key.data, 0)
    selector.unregister(key.fileobj)
    os.close(key.fd)
    control.send(json.dumps({"ended": key.data, "code": os.waitstatus_to_exitcode(status)}).encode())


def _become(request: dict[str, list[str] | str], fds: list[int]) -> None:
    """Run the module that was asked for; the process ends with it as any other does."""
    os.setpgid(0, 0)
    for fd, number in zip(fds[:2], (0, 1), strict=True):
        os.dup2(fd, number)
        os.close(fd)
    module = str(request["module"])
    os.environ[PARENT_VARIABLE] = str(os.getppid())
    name_process(module.rpartition(".")[2])
    sys.argv = [module, *request["arguments"], *(["--fd", str(fds[2])] if len(fds) == _FDS else [])]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


def main() -> None:
    prepare()
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
