"""ntfy, Debian's own, with the configuration of docs/connectors/: a push server that knows nothing of Egide."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from egide.connectors.calling import CallRefused, call
from tests.support.ports import reserved
from tests.support.push_service import Browser
from tests.support.waiting import WITHIN_S, until

DOCUMENTED = Path(__file__).parents[2] / "docs" / "connectors" / "ntfy.yml"
READER, PASSWORD = "telephones", "reads what is under up"


def _program() -> str:
    """Where it is. The test is left out where it is not there."""
    unpacked = Path(sys.prefix, "ntfy", "usr", "bin", "ntfy")
    found = str(unpacked) if unpacked.exists() else shutil.which("ntfy")
    if not found:
        pytest.skip("needs ntfy: `make ntfy`, or Debian's package of this name")
    return found


class Ntfy:
    """It runs or not; what it holds outlives that."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = reserved()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self._file = folder / "server.yml"
        self._process: subprocess.Popen[bytes] | None = None
        text = DOCUMENTED.read_text("utf-8")
        for documented, here in (
            ("https://push.example", self.origin),
            ("127.0.0.1:2586", f"127.0.0.1:{self.port}"),
            ("/var/cache/ntfy/", f"{folder}/"),
            ("/var/lib/ntfy/", f"{folder}/"),
        ):
            assert documented in text, documented
            text = text.replace(documented, here)
        self._file.write_text(text, "utf-8")

    def start(self) -> None:
        """Begin, and wait until it listens."""
        with self.log.open("ab") as log:
            command = [_program(), "serve", "-c", str(self._file)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._listens, lambda: self.log.read_text("utf-8"))

    def stop(self) -> None:
        """End."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(WITHIN_S)
            self._process = None

    def allow(self) -> None:
        """The accounts and rights of the documented lines."""
        environment = os.environ | {"NTFY_PASSWORD": PASSWORD}
        for line in (
            ("user", "add", READER),
            ("access", READER, "up*", "read-only"),
            ("access", "everyone", "up*", "write-only"),
        ):
            command = [_program(), line[0], "-c", str(self._file), *line[1:]]
            subprocess.run(command, env=environment, check=True, capture_output=True)

    def browser(self, name: str) -> Browser:
        """A browser whose telephone has a distributor on this server."""
        return Browser(f"{self.origin}/up{name}?up=1")

    def read(self, browser: Browser, *, by: str = READER) -> list[str]:
        """What came for it, as its distributor hands it on and the browser decrypts it. Raises CallRefused."""
        topic = browser.endpoint.removesuffix("?up=1")
        login = base64.b64encode(f"{by}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}"} if by else {}
        lines = call(f"{topic}/json?poll=1", headers=headers).splitlines()
        came = [one for one in map(json.loads, lines) if one["event"] == "message"]
        assert all(one["encoding"] == "base64" for one in came)
        return [browser.read(base64.b64decode(one["message"])) for one in came]

    def status_of(self, path: str, body: bytes | None = None) -> int:
        """What a stranger is answered there."""
        try:
            call(f"{self.origin}{path}", body)
        except CallRefused as refused:
            return refused.status
        return 200

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def ntfy(folder: Path) -> Iterator[Ntfy]:
    """It runs until the end of the block."""
    server = Ntfy(folder)
    server.start()
    try:
        server.allow()
        yield server
    finally:
        server.stop()
