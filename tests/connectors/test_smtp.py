"""A mail server that is slow, wrong, endless or somebody else holds nobody up and is told nothing."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from egide.connectors import smtp
from egide.connectors.base import RoadError
from egide.connectors.smtp import MailServer
from tests.support.certificates import Authority, shown
from tests.support.mailbox import HERE, serving
from tests.support.waiting import WITHIN_S


def told(url: str) -> str:
    """Why a mail was not taken."""
    with pytest.raises(RoadError) as refused:
        MailServer(url, "egide@localhost").send("desk@localhost", "Alarm", "Go to the desk.", "one")
    return str(refused.value)


class There:
    """`url` is where it listens, `came` what it was told."""

    def __init__(self, port: int) -> None:
        self.url, self.came = f"smtp://{HERE}:{port}", b""


@contextmanager
def saying(*pieces: bytes, forever: bytes = b"", every_s: float = 0.0) -> Iterator[There]:
    """Somebody who says these, one for each thing that is said to it, then `forever` until the other side leaves."""
    listener, stopped = socket.create_server((HERE, 0)), threading.Event()
    there = There(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                with connection, suppress(OSError):
                    _talk(connection)

    def _talk(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            there.came += connection.recv(4096)
        while forever and not stopped.wait(every_s):
            connection.sendall(forever)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield there
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_one_that_says_its_first_line_sign_by_sign_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each sign comes in time; the line never ends."""
    monkeypatch.setattr(smtp, "DEADLINE_S", 0.3)
    with saying(forever=b"2", every_s=0.05) as there:
        assert told(there.url)


def test_one_that_is_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.2)
    with saying(b"") as there:
        assert told(there.url)


@pytest.mark.parametrize("forever", [b"220-and more\r\n" * 500, b"x" * 8192], ids=["lines", "a line"])
def test_of_an_answer_without_end_only_its_beginning_is_read(forever: bytes) -> None:
    with saying(forever=forever) as there:
        assert told(there.url)


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
        (b"\xff\xff\xff\r\n",),
        (b"421 not now\r\n",),
        (b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n", b"454 not now\r\n"),
        (b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n", b"220 go\r\n250 no handshake\r\n"),
    ],
    ids=["nothing", "web", "no text", "busy", "no tls now", "no tls"],
)
def test_what_is_no_mail_server_has_taken_nothing(pieces: tuple[bytes, ...]) -> None:
    with saying(*pieces) as there:
        assert told(there.url)
    assert b"MAIL" not in there.came and b"Alarm" not in there.came


def test_one_that_offers_no_tls_is_told_nothing() -> None:
    with serving(None) as (url, box):
        assert "STARTTLS" in told(url) and box.mails.empty()


def test_one_whose_certificate_nobody_trusts_is_told_nothing(tmp_path: Path) -> None:
    context = Authority(tmp_path).server(HERE)
    with serving(context) as (url, box):
        assert "certificate" in told(url) and box.mails.empty()
    with shown(context) as port:
        assert "certificate" in told(f"smtps://{HERE}:{port}")


def test_a_mail_under_tls_from_the_start_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    context = authority.server(HERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    listener = socket.create_server((HERE, 0))
    came: list[bytes] = []

    def serve() -> None:
        plain, _address = listener.accept()
        with context.wrap_socket(plain, server_side=True) as connection:
            _take(connection, came)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        server = MailServer(f"smtps://{HERE}:{listener.getsockname()[1]}", "egide@localhost")
        server.send("desk@localhost", "Alarm", "Go to the desk.", "one")
    finally:
        listener.close()
        thread.join(WITHIN_S)
    assert b"Go to the desk." in b"".join(came) and b"Message-ID: <one@egide>" in b"".join(came)


def _take(connection: ssl.SSLSocket, came: list[bytes]) -> None:
    """One mail, as any server takes it."""
    lines = connection.makefile("rb")
    connection.sendall(b"220 here\r\n")
    for line in lines:
        came.append(line)
        word = line.strip().upper()
        if word == b"DATA":
            connection.sendall(b"354 go on\r\n")
            while (text := lines.readline()) != b".\r\n":
                came.append(text)
        connection.sendall(b"221 bye\r\n" if word == b"QUIT" else b"250 kept\r\n")
        if word == b"QUIT":
            return
