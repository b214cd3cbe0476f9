"""Anyone who forges the address of a caller gains nothing: behind nginx and Caddy as documented, and straight at the
servers. `egide doctor` finds the proxy behind which they would, and tells it to nobody else. And what else those
documents promise of a proxy."""

import http.client
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from egide.common import ticket as tickets
from egide.common.callers import ASKED, asking
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.doctor.finding import OK, WRONG, Finding
from egide.entrypoints.doctor.proxies import proxies, wrong_with
from egide.entrypoints.serving.connections import COUNTED
from egide.entrypoints.stack.children import Child, open_listener
from egide.entrypoints.stack.migrated import copy_migrated
from egide.journal.now.signs import Signs
from egide.protocol.envelope import MAX_BYTES
from tests.support.asgi import COSE
from tests.support.attacks import Guesser
from tests.support.installation import Installation, Phone
from tests.support.proxy import (
    CADDY,
    KINDS,
    NGINX,
    PAGES,
    PAGES_BY_ADDRESS,
    PHONES,
    Kind,
    Proxy,
    proxied,
)
from tests.support.waiting import until

BY_ADDRESS = 16
# How each says that somebody got a page.
WRITTEN = {"nginx": " GET 200 ", "caddy": '"status":200'}


@dataclass(frozen=True)
class Servers:
    """Pages, live events and intake, started as behind a proxy on the same machine."""

    installation: Installation
    phone: Phone
    ports: dict[str, int]
    config: Config


@dataclass(frozen=True)
class Place:
    """They, with one of the proxies in front. Nobody else calls from these addresses."""

    servers: Servers
    proxy: Proxy
    theirs: str
    hers: str

    def counted_tries(self) -> set[str]:
        """The addresses for which wrong passwords are counted."""
        with closing(sqlite3.connect(self.servers.config.app_db)) as connection:
            rows = connection.execute(
                "SELECT cache_key FROM access_cache WHERE cache_key LIKE '%sign_in_address%ip:ip:%'"
            )
            return {str(key).rpartition(":ip:")[2] for (key,) in rows if not str(key).endswith(":lock")}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Installation(tmp_path_factory.mktemp("installation"), SystemClock()) as installation:
        phone = installation.enrol()
        config = replace(
            installation.config,
            web_origins=(f"https://{PAGES}",),
            live_url=f"https://{PAGES}",
            intake_urls=(f"https://{PHONES}",),
            phone_url=f"https://{PHONES}/app/",
            trusted_proxies=("127.0.0.1",),
            connections_by_address=BY_ADDRESS,
        )
        copy_migrated(config.app_db)
        listeners = {name: open_listener() for name in ("web", "live", "intake")}
        children = [
            Child(f"egide.entrypoints.{name}", [], config.environment(), listener)
            for name, listener in listeners.items()
        ]
        for child in children:
            child.ready()
        ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        yield Servers(installation, phone, ports, config)
        for child in children:
            child.stop()
        for listener in listeners.values():
            listener.close()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def place(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    number = sorted(KINDS).index(request.param) + 1
    with proxied(KINDS[request.param], tmp_path_factory.mktemp(request.param), **servers.ports) as proxy:
        yield Place(servers, proxy, f"127.0.{number}.66", f"127.0.{number}.7")


@pytest.mark.parametrize("behind", [True, False], ids=["behind the proxy", "straight"])
def test_wrong_passwords_count_for_who_sends_them_whatever_they_claim(place: Place, behind: bool) -> None:
    theirs = place.theirs if behind else place.theirs.replace(".66", ".67")
    straight = http.client.HTTPConnection("127.0.0.1", place.servers.ports["web"], source_address=(theirs, 0))
    connection = place.proxy.connect(theirs) if behind else straight
    with closing(connection):
        guesser = Guesser(connection, 1, Host=PAGES, Origin=f"https://{PAGES}")
        for number in range(4):
            forged = {
                "X-Forwarded-For": f"203.0.113.{number}",
                "Forwarded": "for=203.0.113.9",
                "X-Real-IP": place.hers,
            }
            guesser.ask(**forged)
            assert guesser.answer() == 422, "its form is believed, since the pages are reached by https"
    counted = place.counted_tries()
    assert theirs in counted
    assert not [one for one in counted if one.startswith("203.0.113.")] and place.hers not in counted


def test_a_form_of_a_page_in_the_clear_is_not_believed_where_the_public_address_is_https(
    place: Place,
) -> None:
    with closing(place.proxy.connect(place.hers)) as connection:
        guesser = Guesser(connection, 1, Host=PAGES, Origin=f"http://{PAGES}")
        guesser.ask()
        assert guesser.answer() == 403


def test_half_sent_messages_behind_the_proxy_end_for_their_sender_and_her_press_gets_in(place: Place) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nhost: {PHONES}\r\nx-forwarded-for: {place.hers}\r\n"
        f"content-type: {COSE}\r\ncontent-length: {MAX_BYTES}\r\n\r\nx"
    ).encode()
    signs, what = Signs(place.servers.config, SystemClock()), f"{COUNTED}intake too-many-by-address"
    before = signs.counts(what)
    theirs = [place.proxy.start_sending(place.theirs, head) for _ in range(4 * BY_ADDRESS)]
    try:
        until(lambda: signs.counts(what) != before, "their own connections end")
        # Also where a carrier has put her behind the same address.
        for address in (place.hers, place.theirs):
            press = place.servers.phone.press()
            status, _ = place.proxy.ask(
                PHONES, "POST", "/v1/messages", address, press, {"Content-Type": COSE}
            )
            assert status == 201, address
    finally:
        for one in theirs:
            one.close()


def test_requests_for_pages_by_one_address_are_limited_and_a_press_from_there_gets_in(
    servers: Servers, tmp_path: Path
) -> None:
    """As for phones and an attacker behind one address of their carrier."""
    head = f"POST /app/ HTTP/1.1\r\nhost: {PHONES}\r\ncontent-length: 1000\r\n\r\nx".encode()
    with proxied(NGINX, tmp_path, **servers.ports) as proxy:
        theirs = [proxy.start_sending("127.0.3.66", head) for _ in range(PAGES_BY_ADDRESS)]
        try:
            until(lambda: proxy.ask(PHONES, "GET", "/app/", "127.0.3.66")[0] == 503, "pages are limited")
            press = servers.phone.press()
            status, _ = proxy.ask(PHONES, "POST", "/v1/messages", "127.0.3.66", press, {"Content-Type": COSE})
            assert status == 201
            assert proxy.ask(PAGES, "GET", "/v1/live", "127.0.3.66")[0] == 401, "boards are let through too"
        finally:
            for one in theirs:
                one.close()


def test_the_documented_proxy_lets_through_what_phones_and_pages_need_and_nothing_else(place: Place) -> None:
    ask, hers = place.proxy.ask, place.hers
    assert ask(PAGES, "GET", "/healthz", hers)[0] == 200
    assert ask(PAGES, "GET", "/v1/live", hers)[0] == 401
    assert ask(PHONES, "GET", "/app/", hers)[0] == 200
    assert ask(PHONES, "GET", "/v1/receipt-keys", hers)[0] == 200
    for path in ("/v1/messages", "/v1/enrolments", "/v1/openings"):
        assert ask(PHONES, "OPTIONS", path, hers)[0] == 204, path
    for path in ("/", "/sign-in", "/v1/metrics", "/v1/health", "/desk/"):
        assert ask(PHONES, "GET", path, hers)[0] == 404, path
    for path in ("/v1/metrics", "/v1/health"):
        assert ask(PAGES, "GET", path, hers)[0] == 404, path


def test_the_proxy_writes_down_no_address_and_no_link(place: Place) -> None:
    for path in ("/q/look-for-me", "/team/l/look-for-me", "/invitation/look-for-me", "/sign-in"):
        place.proxy.ask(PAGES, "GET", path, place.hers)

    def written() -> str:
        return "".join(log.read_text() for log in place.proxy.folder.glob("*.log"))

    # The proxy writes a line after its answer is gone.
    until(lambda: WRITTEN[place.proxy.kind.name] in written(), "the proxy writes down the last answer")
    assert "look-for-me" not in written() and place.hers not in written() and "sign-in" not in written()


@pytest.mark.parametrize("name", [PAGES, PHONES])
def test_health_is_told_to_this_machine_alone_and_others_find_nothing_there(place: Place, name: str) -> None:
    assert place.proxy.ask(name, "GET", "/v1/health", "127.0.0.1")[0] == 200
    # An address that is refused would tell that there is something: it answers as one that is not there.
    away = place.proxy.ask(name, "GET", "/v1/health", place.theirs)
    assert away[0] == place.proxy.ask(name, "GET", "/v1/nothing", place.theirs)[0] == 404
    assert place.proxy.ask(name, "GET", "/v1/metrics", "127.0.0.1")[0] == 404


def test_browsers_are_told_to_come_by_tls_alone_and_phones_not_which_proxy_answers(place: Place) -> None:
    with closing(place.proxy.connect(place.hers)) as connection:
        connection.request("GET", "/sign-in", headers={"Host": PAGES})
        assert connection.getresponse().headers["Strict-Transport-Security"] == (
            "max-age=31536000; includeSubDomains"
        )
    with closing(place.proxy.connect(place.hers)) as connection:
        connection.request("GET", "/", headers={"Host": PHONES})
        answer = connection.getresponse()
        assert answer.status == 404
        assert answer.headers.get("Server") in (None, "nginx") and answer.headers.get("Via") is None


def test_live_events_come_through_as_they_happen(place: Place) -> None:
    servers, now_s = place.servers, SystemClock().now_us() // 1_000_000
    ticket = tickets.Ticket("monitor", now_s + tickets.LIFETIME_S, everything=True)
    key = (servers.config.data_dir / "live.key").read_bytes()
    cookie = f"{servers.config.cookie(tickets.COOKIE)}={tickets.issue(ticket, key)}"
    with closing(place.proxy.connect(place.hers)) as connection:
        connection.request("GET", "/v1/live", headers={"Host": PAGES, "Cookie": cookie})
        stream = connection.getresponse()
        assert stream.status == 200
        # What a proxy kept until it had more of it would never come.
        assert stream.readline()
        press = servers.phone.press()
        answer = place.proxy.ask(PHONES, "POST", "/v1/messages", place.hers, press, {"Content-Type": COSE})
        assert answer[0] == 201
        said = iter(stream.readline, b"")
        assert next(line for line in said if b'"Press' in line)


def found(servers: Servers, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the doctor says, on a machine on which the public names lead to this proxy."""
    port, asked = proxy.port, socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: asked("127.0.0.1", *rest, **more))
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
    config = replace(
        servers.config,
        web_origins=(f"https://{PAGES}:{port}",),
        live_url=f"https://{PAGES}:{port}",
        intake_urls=(f"https://{PHONES}:{port}",),
        phone_url=f"https://{PHONES}:{port}/app/",
    )
    return list(proxies(config))


def test_the_doctor_finds_nothing_wrong_with_the_documented_proxies(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.grade for one in found(place.servers, place.proxy, monkeypatch)] == [OK]


OWN_LINES = "proxy_set_header Host $http_host;\n            proxy_pass http://egide_intake;"


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "said", "count"),
    [
        (NGINX, "$proxy_add_x_forwarded_for", "$http_x_forwarded_for", "that a caller made up", 7),
        # Lines of one `location` take the place of all that stand above: what a caller wrote goes through as it came.
        (
            NGINX,
            "proxy_pass http://egide_intake;\n            proxy_next_upstream",
            f"{OWN_LINES}\n            proxy_next_upstream",
            f"{PHONES}/v1/messages hands on",
            1,
        ),
        (NGINX, "$proxy_add_x_forwarded_for", '""', "does not say who calls", 7),
        (
            CADDY,
            "reverse_proxy 127.0.0.1:8402 {",
            "reverse_proxy 127.0.0.1:8402 {\n\t\ttrusted_proxies 0.0.0.0/0",
            "",
            0,
        ),
        (
            CADDY,
            "reverse_proxy 127.0.0.1:8402 {",
            "reverse_proxy 127.0.0.1:8402 {\n\t\theader_up X-Forwarded-For {header.X-Forwarded-For}",
            "that a caller made up",
            4,
        ),
    ],
    ids=["nginx hands on", "one location hands on", "nginx is silent", "caddy appends", "caddy hands on"],
)
def test_the_doctor_finds_a_proxy_behind_which_callers_choose_their_address(
    servers: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    right: str,
    wrong: str,
    said: str,
    count: int,
) -> None:
    lying = replace(kind, changes={right: wrong, **kind.changes})
    with proxied(lying, tmp_path, **servers.ports) as proxy:
        told = [one for one in found(servers, proxy, monkeypatch) if one.grade != OK]
        assert [one.grade for one in told] == [WRONG] * count
        assert all(said in one.text for one in told)


def test_a_proxy_that_no_setting_names_is_told(servers: Servers) -> None:
    config = replace(servers.config, trusted_proxies=("192.0.2.1",))
    listener = open_listener()
    child = Child("egide.entrypoints.live", [], config.environment(), listener)
    child.ready()
    try:
        port = listener.getsockname()[1]
        with asking(config.data_dir) as question:
            with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
                connection.request("GET", "/v1/live", headers={ASKED: question.secret})
                assert connection.getresponse().status == 401
            seen = question.answer
        assert seen is not None and not seen.is_proxy
        assert "127.0.0.1, which EGIDE_TRUSTED_PROXIES does not name" in wrong_with(seen, "127.0.0.1").format(
            where="x", peer=seen.peer
        )
    finally:
        child.stop()
        listener.close()


def answered(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers but for the second of it, and body for somebody who asks a server."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", path, headers={"Host": PHONES, **headers})
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() != "date"}
        return answer.status, headers, answer.read()


@pytest.mark.parametrize(("name", "path"), [("intake", "/v1/receipt-keys"), ("web", "/healthz")])
def test_nobody_learns_for_whom_callers_are_taken_and_guessing_touches_no_file(
    servers: Servers, name: str, path: str
) -> None:
    port, folder = servers.ports[name], servers.config.data_dir
    plain = answered(port, path)
    with asking(folder) as question:
        (file,) = folder.glob("asked-*")
        forged = {"X-Forwarded-For": "203.0.113.9"}
        for guess in (file.name, file.name.removeprefix("asked-"), "../live.key", "", "a" * 60_000):
            assert answered(port, path, **{ASKED: guess}, **forged) == plain
        assert question.answer is None and file.read_bytes() == b""
        # Whoever has the secret reads nothing in an answer either, and a second time changes nothing.
        assert answered(port, path, **{ASKED: question.secret}, **forged) == plain
        first = file.read_bytes()
        assert question.answer is not None and question.answer.caller == "203.0.113.9"
        assert answered(port, path, **{ASKED: question.secret}, **{"X-Forwarded-For": "203.0.113.8"}) == plain
        assert file.read_bytes() == first
    assert not list(folder.glob("asked-*"))
    assert answered(port, path, **{ASKED: question.secret}) == plain
    assert not list(folder.glob("asked-*")), "an answer makes no file"
