"""Calls over HTTP end at their deadline, read a bounded answer, follow nobody and repeat no secret."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from egide.connectors.calling import MOST_BYTES, CallRefused, call
from tests.support.certificates import Authority
from tests.support.mailbox import HERE
from tests.support.ports import reserved

DEADLINE_S = 0.5
# Far longer than the deadline, far shorter than what the servers here would take.
_MOST_S = 5.0
Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server on this machine that hands each connection to a function; its address."""
    opened: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)

        def run() -> None:
            connection, _address = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                answer(connection)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/secret-token"

    yield start
    for thread in threads:
        thread.join(_MOST_S)
    for listener in opened:
        listener.close()


def test_an_answer_that_trickles_is_given_up_at_the_deadline(serve: Serve) -> None:
    """Each byte comes in time; all of them would take a minute."""
    over = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
        while not over.wait(0.1):
            connection.send(b"x")

    url = serve(trickle)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"0\.5 s"):
        call(url, deadline_s=DEADLINE_S)
    assert time.monotonic() - began < _MOST_S
    over.set()


def test_a_name_that_is_looked_up_for_too_long_does_not_outlast_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(_MOST_S)
        raise OSError("nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        call("http://gateway.example/", deadline_s=DEADLINE_S)
    assert time.monotonic() - began < _MOST_S
    over.set()


def test_an_answer_without_end_is_read_only_so_far(serve: Serve) -> None:
    def pour(connection: socket.socket) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.send(b"y" * 65536)

    assert call(serve(pour)) == b"y" * MOST_BYTES


@pytest.mark.parametrize("status", [204, 302, 401, 503])
def test_every_answer_but_2xx_is_refused_with_its_status(serve: Serve, status: int) -> None:
    head = f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n"
    url = serve(lambda connection: connection.sendall(head.encode()))
    if status == 204:
        assert call(url, b"{}") == b""
        return
    with pytest.raises(CallRefused) as caught:
        call(url, b"{}")
    assert caught.value.status == status


@pytest.mark.parametrize("answer", [b"220 ready\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_answer_is_an_error_that_does_not_repeat_the_address(serve: Serve, answer: bytes) -> None:
    url = serve(lambda connection: connection.sendall(answer))
    with pytest.raises(OSError, match="no HTTP") as caught:
        call(url, b"{}")
    assert "secret-token" not in str(caught.value)


def test_nobody_there_is_an_error(serve: Serve) -> None:
    port = reserved()
    with pytest.raises(OSError, match=str(port)):
        call(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("is_trusted", [True, False])
def test_over_tls_the_certificate_must_come_from_an_authority_that_the_machine_trusts(
    tmp_path: Path, is_trusted: bool
) -> None:
    """`SSL_CERT_FILE` names others; it is read once, so that each case has a process of its own."""
    authority = Authority(tmp_path)
    taken: list[str] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(201)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((HERE, 0), Taking) as server:
        server.socket = authority.server(HERE).wrap_socket(server.socket, server_side=True)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        code = f"from egide.connectors.calling import call; call('https://{HERE}:{server.server_port}/', b'{{}}')"
        environment = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
        if is_trusted:
            environment["SSL_CERT_FILE"] = str(authority.pem)
        ended = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        server.shutdown()
        serving.join()
    assert taken == (["{}"] if is_trusted else [])
    assert (ended.returncode == 0) is is_trusted
    assert is_trusted or "certificate" in ended.stderr
