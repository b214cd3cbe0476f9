"""Dispatch systems that only take: one process for all of them, which keeps what came and answers.

On the machine of a benchmark their work counts against what is measured; in life they run elsewhere. So they check
nothing while they take: signature, schema and numbers are checked by `checked`, afterwards. `python -m
benchmarks.takers FOLDER NAME...` prints a port for each name; how a name behaves stands in `FOLDER/NAME.json`:
`{"status": 503, "wait_s": 0}`.
"""

import asyncio
import base64
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import uvloop
from lxml import etree  # type: ignore[import-untyped]
from standardwebhooks.webhooks import Webhook

from egide.common.clock import utc
from tests.support.dispatch_system import schema

ROUTE = "/incidents"


class Took(NamedTuple):
    """What one of them answered with 200, checked afterwards: `messages` by their id, each once."""

    messages: dict[str, dict[str, Any]]
    faults: list[str]


class Takers:
    """What a benchmark sees of them. `pid` is their process."""

    def __init__(self, folder: Path, ports: dict[str, int], pid: int) -> None:
        self._folder = folder
        self._ports = ports
        self.pid = pid

    def entry(self, name: str) -> dict[str, object]:
        """As the settings name it."""
        url = f"http://127.0.0.1:{self._ports[name]}{ROUTE}"
        return {
            "name": name,
            "url": url,
            "secret_file": str(self._folder / f"{name}.key"),
            "centres": ["HAI"],
        }

    def behave(self, name: str, **how: int) -> None:
        """From the next call on; without a word, as it should."""
        draft = self._folder / "draft"
        draft.write_text(json.dumps(how), encoding="utf-8")
        draft.replace(self._folder / f"{name}.json")

    def checked(self, name: str) -> Took:
        """What it took so far: signed with its own key, CAP by the schema, the same id always with the same alarm."""
        key = (self._folder / f"{name}.key").read_text(encoding="ascii")
        path, faults = self._folder / f"{name}.came", list[str]()
        messages: dict[str, dict[str, Any]] = {}
        for line in path.read_text(encoding="ascii").splitlines() if path.exists() else []:
            head, _, body = base64.b64decode(line).partition(b"\r\n\r\n")
            headers = BytesHeaderParser().parsebytes(head.partition(b"\r\n")[2])
            number, at = headers["webhook-id"], utc(int(headers["webhook-timestamp"]) * 1_000_000)
            said = json.loads(body)
            if Webhook(key).sign(number, at, body.decode()) not in headers["webhook-signature"].split():
                faults.append(f"{name}: {number} is not signed with its key")
            if said.get("cap") and not schema().validate(etree.fromstring(said["cap"].encode())):
                faults.append(f"{name}: the CAP of {number} is not CAP")
            known = messages.setdefault(number, said)
            if known["alarm"] != said["alarm"] or known["type"] != said["type"]:
                faults.append(f"{name}: {number} was two messages")
        return Took(messages, faults)


@contextmanager
def takers(folder: Path, names: tuple[str, ...]) -> Iterator[Takers]:
    """They run until the end of the block."""
    folder.mkdir(parents=True)
    for name in names:
        key = folder / f"{name}.key"
        key.write_text("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), encoding="ascii")
        key.chmod(0o640)
    command = [sys.executable, "-m", __name__, str(folder), *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Takers(folder, {name: int(process.stdout.readline()) for name in names}, process.pid)
        finally:
            process.kill()


async def _take(folder: Path, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection; what is answered with 200 is kept before it is answered."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            behaves = folder / f"{name}.json"
            how = json.loads(behaves.read_bytes()) if behaves.exists() else {}
            status = how.get("status", 200)
            if wait_s := how.get("wait_s", 0):
                await asyncio.sleep(wait_s)
            if status == 200:
                with (folder / f"{name}.came").open("ab") as file:
                    file.write(base64.b64encode(head + body) + b"\n")
            writer.write(f"HTTP/1.1 {status} .\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve(folder: Path, names: list[str]) -> None:
    async with asyncio.TaskGroup() as serving:
        for name in names:
            server = await asyncio.start_server(partial(_take, folder, name), "127.0.0.1", 0)
            sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()
            serving.create_task(server.serve_forever())


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), sys.argv[2:]))
