"""UnifiedPush: a push server of the authority's own (ntfy) beside those of the browsers' makers, and every way in which
one can fail."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.connectors.base import UNPROVEN, Subscription, WakeError
from egide.connectors.calling import MOST_BYTES, MOST_WAIT_S, CallRefused, wait_in
from egide.connectors.webpush import client
from egide.connectors.webpush.checks import problems
from egide.connectors.webpush.client import WebPush
from tests.connectors.test_webpush import CONTACT, WAKE, of
from tests.support.certificates import Authority, shown
from tests.support.ntfy import Ntfy, ntfy
from tests.support.push_service import Browser, push_service


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Ntfy]:
    with ntfy(tmp_path / "ntfy") as running:
        yield running


def waker(tmp_path: Path, *services: str) -> WebPush:
    return WebPush.of(Config(tmp_path, push_contact=CONTACT, push_services=services))


def why(one: WebPush, endpoint: str) -> str:
    with pytest.raises(WakeError) as caught:
        one.wake(of(Browser(endpoint)), WAKE)
    return caught.value.why


def test_a_browser_behind_the_authoritys_own_server_reads_what_any_other_would(
    server: Ntfy, tmp_path: Path
) -> None:
    one, browser = waker(tmp_path, server.origin), server.browser("kGd02hT9")
    one.wake(of(browser), WAKE)
    assert server.read(browser) == [WAKE]
    # Sent again, it has the same name: the page's notification takes the place of the first.
    one.wake(of(browser), WAKE)
    assert set(server.read(browser)) == {WAKE}
    assert server.read(server.browser("another")) == []
    # Whoever is not a telephone of the authority reads nothing, and writes nowhere but where telephones listen.
    assert server.status_of("/upkGd02hT9/json?poll=1") == 403
    assert server.status_of("/elsewhere", b"x") == 403
    with pytest.raises(CallRefused) as refused:
        server.read(browser, by="stranger")
    assert refused.value.status == 401
    assert why(one, f"{server.origin}/elsewhere") == "refused-403"
    # In no log of that server is an address: who has it can send a telephone rubbish.
    assert "upkGd02hT9" not in server.log.read_text("utf-8")


def test_the_page_about_it_shows_what_goes(tmp_path: Path) -> None:
    page = Path("docs/connectors/unifiedpush.md").read_text("utf-8")
    (shown_there,) = re.findall(r"```http\n(.*?)\n```", page, re.DOTALL)
    names = ("urgency", "topic", "content-encoding", "ttl", "authorization")
    with push_service() as service:
        path = "/upkGd02hT9?up=1"
        waker(tmp_path, service.origin).wake(of(Browser(service.origin + path)), WAKE)
        came = service.next()
    lines = [f"POST {came.path} HTTP/1.1"]
    for name in names:
        said = re.sub(r"([tk])=[^,]+", r"\1=…", came.headers[name])
        lines.append(f"{'TTL' if name == 'ttl' else name.title()}: {said}")
    assert "\n".join((*lines, "", f"{len(came.body)} bytes")) == shown_there


def test_a_server_that_takes_everything_vouches_for_no_page(server: Ntfy, tmp_path: Path) -> None:
    """ntfy opens a topic by its name: that it took a message does not say that a browser is there (safety rule 22)."""
    one = waker(tmp_path, server.origin)
    with pytest.raises(WakeError, match=UNPROVEN) as caught:
        one.probe(server.browser("gone").endpoint)
    assert not caught.value.is_gone and not caught.value.is_final


def test_only_a_server_that_is_listed_is_called(server: Ntfy, tmp_path: Path) -> None:
    browser = server.browser("kGd02hT9")
    assert why(waker(tmp_path, "https://push.example"), browser.endpoint) == "not-a-push-service"
    assert server.read(browser) == []
    server.stop()
    assert why(waker(tmp_path, server.origin), browser.endpoint) == "unreachable"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://192.168.1.1/upx",
        "https://169.254.169.254/latest",
        "https://[::1]/upx",
        "https://push.example@10.0.0.1/upx",
        "https://push.example\\@10.0.0.1/upx",
        "https://10.0.0.1\\.push.example/upx",
        "https://10.0.0.1%2f.push.example/upx",
        "https://10.0.0.1#.push.example/upx",
        "https://push.example:0/upx",
        "https://push.example:/upx",
        "https://push.exam\tple/upx",
        "https://pu\u017fh.example/upx",
        "http://push.example/upx",
        "//push.example/upx",
    ],
)
def test_no_address_leads_anywhere_else_however_it_is_written(tmp_path: Path, endpoint: str) -> None:
    config = Config(tmp_path, push_services=("https://push.example", "https://*.push.example"))
    assert not config.is_push_service(endpoint)
    assert config.is_push_service("https://push.example/upx?up=1")
    assert config.is_push_service("https://ntfy.push.example/upx?up=1")


@pytest.mark.parametrize(
    ("service", "is_one"),
    [
        ("https://push.example", True),
        ("https://*.push.example", True),
        ("https://push.example:8443", True),
        ("https://10.0.0.4", True),
        ("http://localhost:2586", True),
        ("http://ntfy.localhost", True),
        ("http://127.0.0.1:2586", True),
        ("http://10.0.0.4", False),
        ("https://*", False),
        ("https://*.example", False),
        ("https://*push.example", False),
        ("https://push*.example", False),
        ("https://push.example?up=1", False),
        ("https://x@push.example", False),
        ("HTTPS://push.example", False),
    ],
)
def test_an_entry_that_would_allow_too_much_or_nothing_is_named(
    tmp_path: Path, service: str, is_one: bool
) -> None:
    found = problems(Config(tmp_path, push_contact=CONTACT, push_services=(service,)))
    assert (not found) is is_one, found


@contextmanager
def answering(said: bytes) -> Iterator[str]:
    """A server that answers this to one call, whatever comes, and hangs up; its origin."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listener.accept()
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(said)
            except OSError:
                # Who was told enough has left.
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status} X", *lines, "", "")).encode()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (b"", "unreachable"),
        (b"+OK ready\r\n", "unreachable"),
        (head(200, "Content-Length: 10") + b"{", "unreachable"),
        (head(301, "Location: http://127.0.0.1:1/", "Content-Length: 0"), "unreachable"),
        (head(413, "Content-Length: 0"), "refused-413"),
        (head(507, "Content-Length: 0"), "refused-507"),
    ],
)
def test_what_is_no_answer_woke_nobody(tmp_path: Path, said: bytes, word: str) -> None:
    with answering(said) as origin:
        assert why(waker(tmp_path, origin), f"{origin}/upx") == word


def test_an_answer_without_end_is_read_to_a_limit(tmp_path: Path) -> None:
    huge = head(200, f"Content-Length: {MOST_BYTES * 64}") + b"x" * MOST_BYTES * 64
    with answering(huge) as origin:
        waker(tmp_path, origin).wake(of(Browser(f"{origin}/upx")), WAKE)


def test_a_server_that_is_slow_or_shows_anothers_certificate_woke_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with push_service() as slow:
        monkeypatch.setattr(client, "DEADLINE_S", 0.2)
        slow.may_answer.clear()
        assert why(waker(tmp_path, slow.origin), f"{slow.origin}/push/upx") == "timeout"
        monkeypatch.undo()
    with shown(Authority(tmp_path).server("127.0.0.1")) as port:
        origin = f"https://127.0.0.1:{port}"
        assert why(waker(tmp_path, origin), f"{origin}/upx") == "unreachable"


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [("7", 7), ("999999", MOST_WAIT_S), ("-7", 0), ("", 0), ("Wed, 02 Dec 2026 18:00:00 GMT", 0), ("９", 0)],
)
def test_how_long_it_wants_to_be_left_alone_is_kept_within_an_hour(
    tmp_path: Path, said: str, wait_s: int
) -> None:
    assert wait_in(said) == wait_s
    with answering(head(429, f"Retry-After: {said}", "Content-Length: 0")) as origin:
        subscription = Subscription(**Browser(f"{origin}/upx").subscription)
        with pytest.raises(WakeError, match="refused-429") as caught:
            waker(tmp_path, origin).wake(subscription, WAKE)
    assert caught.value.wait_s == wait_s and not caught.value.is_final
