"""A phone of the core in Java as a process: real disk, network and time; a test is its button and its person."""

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from egide.protocol.frame import ButtonFrame, FrameKind, encode_frame
from tests.support.waiting import until
from tools import android_core

COMMAND_PHONE = "egide.core.phone.CommandPhone"


def frame_of(counter: int, key: bytes) -> str:
    """What a button says when it was held, in hexadecimal."""
    return encode_frame(ButtonFrame(FrameKind.PRESS, counter, 2000, 0, 87), key).hex()


class JavaPhone:
    """What it said is in `steps`. Use as a context; it is ended by kill -9."""

    def __init__(self, store: Path, servers: tuple[str, ...], code: str = "-") -> None:
        arguments = [str(store), ",".join(servers), code]
        command = android_core.java(COMMAND_PHONE, *arguments)
        self.steps: list[dict[str, Any]] = []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def __enter__(self) -> "JavaPhone":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                self.steps.append(json.loads(line))

    def kill(self) -> None:
        """At once; what it said before is still heard."""
        self._process.kill()
        self._process.wait()
        self._reading.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def tell(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def named(self, step: str, **facts: Any) -> list[dict[str, Any]]:
        """What it said of this step, with these facts."""
        return [said for said in list(self.steps) if said["step"] == step and facts.items() <= said.items()]

    def until(self, is_true: Callable[[], bool], every_s: float = 0.005) -> None:
        """Look until it is so. Raises AssertionError at once when the phone ended before."""
        until(lambda: is_true() or not self._reading.is_alive(), lambda: self.steps[-20:], every_s=every_s)
        assert is_true(), f"it ended: {self.steps[-20:]}"

    def wait_for(self, step: str, count: int = 1, **facts: Any) -> dict[str, Any]:
        """The `count`-th of this step."""
        self.until(lambda: len(self.named(step, **facts)) >= count)
        return self.named(step, **facts)[count - 1]

    def ready(self) -> "JavaPhone":
        self.wait_for("ready")
        return self

    def press(self, counter: int, key: bytes) -> None:
        """What its button says when it was held."""
        self.tell(frame=frame_of(counter, key))

    def acknowledged(self) -> list[bytes]:
        """What it gave the button, in order."""
        return [bytes.fromhex(said["said"]) for said in self.named("radio")]

    def wait_for_acknowledged(self, count: int) -> None:
        self.until(lambda: len(self.acknowledged()) >= count, every_s=0.0005)
