"""A short message that goes from the parser straight to intake is answered as one that takes the way of ASGI."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, open_listener
from egide.protocol.envelope import Kind
from tests.support.installation import Installation, Phone

HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\n"
COSE = b"Content-Type: application/cose\r\n"


class Door:
    """Intake as it runs, and an enrolled phone."""

    def __init__(self, phone: Phone, port: int) -> None:
        self.phone = phone
        self._port = port

    def line(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=20)

    def ask(self, request: bytes) -> tuple[bytes, list[bytes], bytes]:
        """Status line, headers in order of name, body of the only answer on a line of its own."""
        with self.line() as line:
            line.sendall(request)
            return answer_on(line)


def answer_on(line: socket.socket) -> tuple[bytes, list[bytes], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(1)
    status, *headers = data.removesuffix(b"\r\n\r\n").lower().split(b"\r\n")
    length = next(
        int(header.partition(b":")[2]) for header in headers if header.startswith(b"content-length")
    )
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return status, sorted(h for h in headers if not h.startswith(b"content-length")), body


def seq_in(body: bytes) -> int:
    return int(json.loads(body)["seq"])


def plain(data: bytes, more: bytes = b"") -> bytes:
    return HEAD + COSE + more + b"Content-Length: %d\r\n\r\n" % len(data) + data


def chunked(data: bytes) -> bytes:
    return HEAD + COSE + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with Installation(tmp_path_factory.mktemp("whole"), SystemClock()) as installation:
        phone, listener = installation.enrol(), open_listener()
        child = Child("egide.entrypoints.intake", [], installation.config.environment(), listener)
        child.ready()
        yield Door(phone, listener.getsockname()[1])
        child.stop()
        listener.close()


def test_both_ways_answer_alike(door: Door) -> None:
    for data in (
        door.phone.press(),
        b"\x00",
        b"no envelope",
        bytes(40_000),
        Phone(door.phone.key, "", "", 10**6).press(),
    ):
        assert door.ask(plain(data)) == door.ask(chunked(data)), data[:20]
        parameter = plain(data).replace(b"application/cose", b"application/cose; x=1")
        assert door.ask(plain(data))[:2] == door.ask(parameter)[:2]


def test_a_refusal_for_its_rate_says_when_to_come_again(door: Door) -> None:
    with door.line() as line:
        # More than a phone may send at once, and in the time that a slow machine takes for them.
        line.sendall(b"".join(plain(door.phone.envelope(Kind.POSITION)) for _ in range(300)))
        status, headers, _body = b"", [b""], b""
        while b"429" not in status:
            status, headers, _body = answer_on(line)
    assert b"429" in status and b"retry-after: 1" in headers
    # A page of another origin may send, and may read when to come again.
    assert {b"access-control-allow-origin: *", b"access-control-expose-headers: retry-after"} <= set(headers)


def test_pieces_and_several_at_once_are_answered_in_their_order(door: Door) -> None:
    presses = [door.phone.press() for _ in range(6)]
    with door.line() as line:
        for byte in plain(presses[0]):
            line.sendall(bytes([byte]))
        assert b"201" in answer_on(line)[0]
        # On one line without waiting, both ways mixed.
        line.sendall(b"".join(chunked(p) if n % 2 else plain(p) for n, p in enumerate(presses)))
        seqs = [seq_in(answer_on(line)[2]) for _ in presses]
    assert seqs == [seq_in(door.ask(plain(press))[2]) for press in presses] == sorted(set(seqs))


def test_anyone_who_asks_to_close_is_closed(door: Door) -> None:
    with door.line() as line:
        line.sendall(plain(door.phone.press(), b"Connection: close\r\n"))
        status, headers, _body = answer_on(line)
        assert b"201" in status and b"connection: close" in headers and line.recv(1) == b""


def test_two_lengths_and_old_http_take_the_other_way(door: Door) -> None:
    data = door.phone.press()
    twice = plain(data, b"Content-Length: %d\r\n" % len(data))
    old = plain(data, b"Connection: keep-alive\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
    assert b"400" in door.ask(twice)[0] and b"201" in door.ask(old)[0]


def test_anyone_who_hangs_up_before_the_answer_disturbs_nobody(door: Door, tmp_path: Path) -> None:
    for _ in range(20):
        with door.line() as line:
            line.sendall(plain(door.phone.press()))
    assert b"201" in door.ask(plain(door.phone.press()))[0]
