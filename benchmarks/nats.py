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
from collections.abc import Mapping, Sequence
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
    """One file-backed stream, on a server, or kept by several that form a cluster."""

    def __init__(self, directory: Path, replicas: int = 1) -> None:
        self._replicas = replicas
        self._ports = [_free_port() for _ in range(replicas)]
        routes = [_free_port() for _ in range(replicas if replicas > 1 else 0)]
        self._servers = []
        for number, port in enumerate(self._ports):
            settings = directory / f"nats-{number}.conf"
            settings.write_text(_settings(directory, number, port, routes))
            command = [str(Path(sys.executable).with_name("nats-server")), "-c", str(settings)]
            server = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
            )
            self._servers.append(server)
        self._next = 0

    def take(self, count: int) -> list[Prepared]:
        """Messages of an envelope's size that begin with their name."""
        names = [b"%024d" % number for number in range(self._next, self._next + count)]
        self._next += count
        return [(name.ljust(BODY_BYTES, b"x"), name) for name in names]

    async def connect(self, senders: int) -> tuple[list[Send], Seen]:
        """Connected publishers, and what a JetStream push consumer delivers."""
        for port in self._ports:
            await self._wait_until_up(port)
        seen = Seen()
        subscriber = await self._open(seen)
        stream = {"name": "ALARMS", "subjects": [SUBJECT], "storage": "file", "num_replicas": self._replicas}
        await _create(subscriber, "$JS.API.STREAM.CREATE.ALARMS", stream)
        subscriber.write(b"SUB egide.board 2\r\n")
        consumer = {
            "stream_name": "ALARMS",
            "config": {"deliver_subject": "egide.board", "ack_policy": "none", "deliver_policy": "new"},
        }
        await _ask(subscriber, "$JS.API.CONSUMER.CREATE.ALARMS", consumer)
        return [(await self._open()).publish for _ in range(senders)], seen

    async def _open(self, seen: Seen | None = None) -> _Connection:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: _Connection(seen), "127.0.0.1", self._ports[0]))[1]

    async def _wait_until_up(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise NatsFailed("nats-server did not listen in time")

    def cpu_s(self) -> float:
        """Processor seconds of the servers."""
        return sum(group_cpu_s(server.pid) for server in self._servers)

    def stop(self) -> None:
        """End the servers."""
        for server in self._servers:
            server.terminate()
        for server in self._servers:
            server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _settings(directory: Path, number: int, port: int, routes: Sequence[int]) -> str:
    text = (
        f'server_name: "nats-{number}"\n'
        f'listen: "127.0.0.1:{port}"\n'
        f'jetstream {{ store_dir: "{directory}/nats-{number}", sync_interval: always, max_file_store: 4G }}\n'
    )
    if routes:
        others = ", ".join(f'"nats://127.0.0.1:{route}"' for route in routes)
        text += f'cluster {{ name: "three", listen: "127.0.0.1:{routes[number]}", routes: [{others}] }}\n'
    return text


async def _create(connection: _Connection, subject: str, request: Mapping[str, object]) -> None:
    """Once the servers of a cluster have found a leader: until then they say no, or nothing. Raises NatsFailed."""
    deadline = time.monotonic() + 3 * START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(NatsFailed, TimeoutError):
            return await asyncio.wait_for(_ask(connection, subject, request), 1)
        await asyncio.sleep(0.2)
    raise NatsFailed("the servers found no leader in time")


async def _ask(connection: _Connection, subject: str, request: Mapping[str, object]) -> None:
    answer = await connection.request(subject, json.dumps(request).encode())
    if b'"error"' in answer and b"already in use" not in answer:
        raise NatsFailed(answer.decode())
