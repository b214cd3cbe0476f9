"""A control room by PJSIP as a test sees it: where it is told, and what it took."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.waiting import until


class PjsipRoom:
    """`tcp` and `tls` are where it is told; `came` is what it took."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(lambda: self.said or process.poll() is not None, "it does not listen")
        ports = self.said.pop(0)
        self.tcp = f"sip:127.0.0.1:{ports['tcp']};transport=tcp"
        self.tls = f"sips:127.0.0.1:{ports['tls']}"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self.said.append(json.loads(line))

    @property
    def came(self) -> list[dict[str, Any]]:
        return list(self.said)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()


@contextmanager
def pjsip_room(certificate: Path) -> Iterator[PjsipRoom]:
    """It runs until the end of the block."""
    command = [sys.executable, "-m", "tests.support.sip.pjsip_room", str(certificate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        room = PjsipRoom(process)
        try:
            yield room
        finally:
            room.close()
