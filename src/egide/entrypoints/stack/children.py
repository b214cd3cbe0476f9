"""Starts the project's processes as children: for the demo, the tests and the benchmarks.

Each child gets its listening socket from here, so that it can be killed and started again on the same address while
connections wait; each ends when this process ends.
"""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Protocol

from egide.entrypoints.serving.lines import PARENT_VARIABLE

# Ends a wait that is lost. On a busy machine a minute passes for what otherwise takes seconds.
READY_S = 180.0
# Few arenas: threads that take turns need no memory of their own each (100 MB become 65 in the web process). Nor does
# NumPy's library of algebra need a thread for each processor, beside which no process could fork.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}


class ChildFailed(Exception):
    """A child ended, or did not say that it is ready, in time."""


class Process(Protocol):
    """What is used of `subprocess.Popen`; a fork has it too."""

    pid: int

    @property
    def stdin(self) -> IO[str] | None: ...
    @property
    def stdout(self) -> IO[str] | None: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def open_listener(port: int = 0, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket that children may inherit."""
    listener = socket.create_server((host, port), backlog=1024)
    listener.set_inheritable(True)
    return listener


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that this one starts, with its settings."""
    return {**os.environ, **environment, **ENVIRONMENT, PARENT_VARIABLE: str(os.getpid())}


def begin(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]
) -> Process:
    """Start `python -m module`; it inherits `fds` under the same numbers."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        pass_fds=fds,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def finish(module: str, environment: Mapping[str, str], said: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m module` to its end with `said` on its standard input; what it says comes back."""
    return subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


Begin = Callable[[str, Sequence[str], Mapping[str, str], Sequence[int]], Process]


class Child:
    """One process, started by itself or, with the `begin` of a fork server, forked.

    Its JSON lines arrive in `lines`; what is not JSON is kept in `noise`.
    """

    # How a process begins, and how one is run to its end; the tests have a quicker way for most of them.
    begin = staticmethod(begin)
    finish = staticmethod(finish)

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        listener: socket.socket | None = None,
        on_line: Callable[[dict[str, Any]], None] | None = None,
        begin: Begin | None = None,
    ) -> None:
        self.module = module
        self.arguments = list(arguments)
        self.environment = dict(environment)
        self._listener = listener
        self._on_line = on_line
        self._begin = begin or Child.begin
        self.lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.noise: list[str] = []
        self.start()

    def start(self) -> None:
        """Start it (again) on the same address."""
        fds = [self._listener.fileno()] if self._listener else []
        arguments = [*self.arguments, "--fd", str(fds[0])] if fds else self.arguments
        self.process = self._begin(self.module, arguments, surroundings(self.environment), fds)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process: Process) -> None:
        assert process.stdout is not None
        for text in process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                self.noise.append(text.rstrip())
                continue
            self.lines.put(line)
            if self._on_line is not None:
                self._on_line(line)

    def wait_for(self, key: str, value: object = None, timeout_s: float = READY_S) -> dict[str, Any]:
        """The next line that has `key` (with this value, when given). Raises ChildFailed."""
        deadline = time.monotonic() + timeout_s
        others: list[dict[str, Any]] = []
        while True:
            try:
                line = self.lines.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise ChildFailed(f"{self.module} ended with {self.process.returncode}") from None
                if time.monotonic() > deadline:
                    raise ChildFailed(
                        f"{self.module} did not say {key}={value} within {timeout_s} s, but {others}"
                    ) from None
                continue
            if key in line and (value is None or line[key] == value):
                return line
            others.append(line)

    def ready(self) -> dict[str, Any]:
        """Wait for the readiness line."""
        return self.wait_for("ready")

    def send(self, line: Mapping[str, Any]) -> None:
        """Write one JSON line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """kill -9, as a power cut would. Of one that has ended the number may be another process's by now."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout_s: float = 8.0) -> int:
        """End it cleanly; returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL


def stop_all(children: Sequence[Child]) -> None:
    """End the children, last started first."""
    for child in reversed(children):
        if child.process.poll() is None:
            child.stop()
