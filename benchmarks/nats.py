"""The yardstick: NATS JetStream with `sync_interval: always`, spoken to in its own protocol so that the server is what
is measured."""

import asyncio
import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.machine import group_cpu_s
from benchmarks.senders import Prepared, Seen, Send

BODY_BYTES = 128
SUBJECT = "egide.alarms"
START_S = 10.0
_MESSAGE = re.compile(rb"(?:MSG|HMSG) (\S+) (\d+) (?:(\S+) )?(?:\d+ )?(\d+)\r\n")


class NatsFailed(Exception):
    """The server did not start or refused a request."""


class _Connection(asyncio.Protocol):
    """The part of the client protocol that publishing and subscribing need."""

    def __init__(self, seen: Seen | None = None) -> None:
        self._seen = seen
        self._received = b""
        self._answered: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._inbox = f"_INBOX.{id(self)}"
        self.write(b'CONNECT {"verbose":false,"pedantic":false}\r\n' + f"SUB {self._inbox} 1\r\n".encode())

    def write(self, data: bytes) -> None:
        """Write as it is."""
        self._transport.write(data)

    def request(self, subject: str, body: bytes) -> asyncio.Future[bytes]:
        """Publish with a reply address; done when the reply came."""
        self._answered = asyncio.get_running_loop().create_future()
        self.write(f"PUB {subject} {self._inbox} {len(body)}\r\n".encode() + body + b"\r\n")
        return self._answered

    async def publish(self, body: bytes) -> None:
        """One message into the stream; returns when JetStream acknowledged that it is stored."""
        answer = await self.request(SUBJECT, body)
        if b'"error"' in answer:
            raise NatsFailed(answer.decode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        at = 0
        while True:
            end = self._received.find(b"\r\n", at)
            if end < 0:
                break
            head = _MESSAGE.match(self._received, at)
            if head is None:
                if self._received.startswith(b"PING", at):
                    self.write(b"PONG\r\n")
                at = end + 2
                continue
            body_end = head.end() + int(head[4])
            if len(self._received) < body_end + 2:
                break
            self._take(head[2], self._received[head.end() : body_end])
            at = body_end + 2
        self._received = self._received[at:]

    def _take(self, subscription: bytes, body: bytes) -> None:
        if subscription == b"2" and self._seen is not None:
            self._seen.note(body[:24])
        elif self._answered is not None and not self._answered.done():
            self._answered.set_result(body)


class Nats:
    """A server with one file-backed stream."""

    def __init__(self, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port: int = probe.getsockname()[1]
        settings = directory / "nats.conf"
        store = directory / "nats"
        settings.write_text(
            f'listen: "127.0.0.1:{self._port}"\n'
            f'jetstream {{ store_dir: "{store}", sync_interval: always, max_file_store: 4G }}\n'
        )
        server = Path(sys.executable).with_name("nats-server")
        self._process = subprocess.Popen(
            [str(server), "-c", str(settings)], stderr=subprocess.DEVNULL, process_group=0
        )
        self._next = 0

    def take(self, count: int) -> list[Prepared]:
        """Messages of an envelope's size that begin with their name."""
        names = [b"%024d" % number for number in range(self._next, self._next + count)]
        self._next += count
        return [(name.ljust(BODY_BYTES, b"x"), name) for name in names]

    async def connect(self, senders: int) -> tuple[list[Send], Seen]:
        """Connected publishers, and what a JetStream push consumer delivers."""
        await self._wait_until_up()
        seen = Seen()
        subscriber = await self._open(seen)
        stream = {"name": "ALARMS", "subjects": [SUBJECT], "storage": "file", "num_replicas": 1}
        await _ask(subscriber, "$JS.API.STREAM.CREATE.ALARMS", stream)
        subscriber.write(b"SUB egide.board 2\r\n")
        consumer = {
            "stream_name": "ALARMS",
            "config": {"deliver_subject": "egide.board", "ack_policy": "none", "deliver_policy": "new"},
        }
        await _ask(subscriber, "$JS.API.CONSUMER.CREATE.ALARMS", consumer)
        return [(await self._open()).publish for _ in range(senders)], seen

    async def _open(self, seen: Seen | None = None) -> _Connection:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: _Connection(seen), "127.0.0.1", self._port))[1]

    async def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise NatsFailed("nats-server did not listen in time")

    def cpu_s(self) -> float:
        """Processor seconds of the server."""
        return group_cpu_s(self._process.pid)

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait()


async def _ask(connection: _Connection, subject: str, request: Mapping[str, object]) -> None:
    answer = await connection.request(subject, json.dumps(request).encode())
    if b'"error"' in answer and b"already in use" not in answer:
        raise NatsFailed(answer.decode())
