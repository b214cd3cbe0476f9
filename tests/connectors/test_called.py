"""Everybody who calls over HTTP, with somebody there who answers slowly, without end, wrongly, or as somebody else."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from egide.common.clock import SetClock, SystemClock
from egide.connectors import calling
from egide.connectors.alert.http import HttpRoad
from egide.connectors.base import Alert, RoadError
from egide.connectors.cad import road as webhook
from egide.connectors.dispatch.facts import RAISED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.kannel import KannelSender, Login
from egide.connectors.ng112.asking import Asking
from egide.connectors.ng112.pidf import Circle
from egide.connectors.ng112.trunk import POLICE
from egide.connectors.texting import WebhookSender
from egide.connectors.traces import road as traces
from egide.connectors.ucri2 import road as ucri2
from tests.support.asgi import SMS_SECRET
from tests.support.certificates import Authority, shown

AT_US = 1_798_700_000_000_000
NUMBER, LOGIN = "+32470111111", Login("egide", "p" * 24)
FACTS = Facts(RAISED, "0123456789abcdef-1", AT_US, AT_US, (50.4542, 3.9523, 20, AT_US))
CIRCLE = Circle(50.4542, 3.9523, 20)


def _receiver(tmp_path: Path, url: str, kind: str, secret: str, **more: str) -> Receiver:
    path = tmp_path / "secret"
    path.write_text(secret, encoding="ascii")
    path.chmod(0o640)
    return Receiver("ccic", str(path), ("HAI",), url, kind=kind, more=more)


def _webhook(url: str, tmp_path: Path) -> None:
    webhook.send(FACTS, _receiver(tmp_path, url, "webhook", "whsec_" + "QUJD" * 10), SystemClock())


def _ucri2(url: str, tmp_path: Path) -> None:
    there = _receiver(tmp_path, url, "ucri2", "password", account="egide", own="1.2.3", to="1.2.4")
    ucri2.send(Facts(TEST, "", AT_US, AT_US), there, SystemClock())


def _lost(url: str, _tmp_path: Path) -> None:
    """Whoever names nobody is as good as away: the alarm goes all the same."""
    if not Asking(url).route(CIRCLE, POLICE, SetClock(AT_US)):
        raise OSError("it named nobody")


CALLERS: dict[str, Callable[[str, Path], None]] = {
    "webhook": _webhook,
    "ucri2": _ucri2,
    "lost": _lost,
    "sms": lambda url, _path: WebhookSender(url, SMS_SECRET, SetClock(AT_US)).send(NUMBER, "-", "one"),
    "kannel": lambda url, _path: KannelSender(url, LOGIN).send(NUMBER, "-", "one"),
    "alert": lambda url, _path: HttpRoad(url).send(Alert("one", "-", "-")),
    "traces": lambda url, _path: traces.send(url, b"{}"),
}
# To these the answer says something beside its status; what cannot be read is none.
READERS = ("ucri2", "lost")


def _not_taken(name: str, url: str, tmp_path: Path) -> str:
    with pytest.raises((OSError, RoadError, Refused)) as refused:
        CALLERS[name](url, tmp_path)
    return str(refused.value)


@contextmanager
def answering(said: bytes, *, again: bool = False, is_held: bool = False) -> Iterator[str]:
    """Somebody who says this to whoever comes, again and again where it has no end, and hangs up unless it holds the
    line; the address."""
    listener, stopped = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                with connection, suppress(OSError):
                    _answer(connection)

    def _answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(said)
        while again:
            connection.sendall(b"x" * 65_536)
        if is_held:
            stopped.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/secret-token"
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline of each call is a moment; that it holds for all of a call is in test_calling.py."""
    real = calling._call

    async def soon(url: str, body: object, headers: object, _deadline_s: float, *more: object) -> object:
        return await real(url, body, headers, 0.1, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(calling, "_call", soon)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", CALLERS)
def test_who_holds_the_line_has_taken_nothing(name: str, tmp_path: Path) -> None:
    with answering(b"HTTP/1.1 200 OK\r\n", is_held=True) as url:
        assert "secret-token" not in _not_taken(name, url, tmp_path)


@pytest.mark.parametrize("name", CALLERS)
def test_of_an_answer_without_end_only_its_beginning_is_read(name: str, tmp_path: Path) -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", again=True) as url:
        if name in READERS:
            assert "timeout" not in _not_taken(name, url, tmp_path)
        else:
            CALLERS[name](url, tmp_path)


@pytest.mark.parametrize("name", CALLERS)
def test_what_is_no_whole_answer_is_none(name: str, tmp_path: Path) -> None:
    for said in (b"", b"220 ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"):
        with answering(said) as url:
            assert "secret-token" not in _not_taken(name, url, tmp_path)


@pytest.mark.parametrize("name", CALLERS)
def test_who_leads_elsewhere_has_taken_nothing_and_is_not_followed(name: str, tmp_path: Path) -> None:
    """The address that is told would be served, and nobody is led there."""
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as elsewhere:
        led = f"HTTP/1.1 307 X\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(led) as url:
            _not_taken(name, url, tmp_path)


@pytest.mark.parametrize("name", CALLERS)
def test_nothing_is_said_under_a_certificate_of_somebody_else(name: str, tmp_path: Path) -> None:
    with shown(Authority(tmp_path).server("127.0.0.1")) as port:
        _not_taken(name, f"https://127.0.0.1:{port}/", tmp_path)
