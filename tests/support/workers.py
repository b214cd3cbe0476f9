"""The workers of a run as forks of one process that has loaded what most tests need: it is loaded and held once."""

import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from unittest.mock import patch

import pytest
from execnet import gateway_io
from execnet.gateway_base import ExecModel, Popen2IO
from execnet.xspec import XSpec

from egide.entrypoints.stack.fork_server import Forked, ForkServer
from tests.support.nursery import NURSERY, VARIABLE, WORKER, start


class Fork(Popen2IO):
    """A worker, as execnet uses the processes that it starts itself."""

    def __init__(self, forked: Forked, execmodel: ExecModel) -> None:
        self._forked = forked
        super().__init__(forked.stdin, forked.stdout, execmodel=execmodel)

    def wait(self) -> int:
        return self._forked.wait()

    def kill(self) -> None:
        self._forked.kill()


class Workers:
    """Three generations: one process has what the processes of tests need, a fork of it what the tests themselves do,
    too, and the tests of this run. Each worker is a fork of the second; that which forks for a worker is one of the
    first, and knows no test.
    """

    def __init__(self, tests: Sequence[str]) -> None:
        self._first = start()
        self._second = ForkServer(_another(self._first, tests))

    def create_io(self, _spec: XSpec, execmodel: ExecModel) -> Fork:
        """A worker, with the process that forks for it (`tests.support.nursery`)."""
        with _another(self._first) as control:
            number = control.fileno()
            environment = {**os.environ, VARIABLE: str(number)}
            return Fork(self._second.begin(WORKER, (), environment, [number]), execmodel)

    def stop(self) -> None:
        """End what forks."""
        self._second.stop()
        self._first.stop()


def _another(first: ForkServer, tests: Sequence[str] = ()) -> socket.socket:
    """Our end of the socket of a fork that forks, and reads these tests where it forks workers."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        first.begin(NURSERY, [str(theirs.fileno()), *tests], os.environ, [theirs.fileno()])
    return ours


def do_fork_workers(config: pytest.Config) -> None:
    """Each worker of this run is a fork, where it has any."""
    if config.getoption("tx", None):
        running = ExitStack()
        workers = Workers([*config.args, *["--full"] * config.getoption("--full", False)])
        running.callback(workers.stop)
        running.enter_context(patch.object(gateway_io, "create_io", workers.create_io))
        config.add_cleanup(running.close)
