"""Anyone who forges the address of a caller gains nothing: behind nginx as documented, and straight at the servers."""

import http.client
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.serving.connections import COUNTED
from egide.entrypoints.stack.children import Child, open_listener
from egide.entrypoints.stack.migrated import copy_migrated
from egide.journal.now.signs import Signs
from egide.protocol.envelope import MAX_BYTES
from tests.support.asgi import COSE
from tests.support.attacks import Guesser
from tests.support.installation import Installation, Phone
from tests.support.proxy import PAGES, PHONES, Proxy, proxied
from tests.support.waiting import until

THEIRS, HERS = "127.0.0.66", "127.0.0.7"
BY_ADDRESS = 16


class Place:
    """Pages, live events and intake, started as behind a proxy on the same machine, with nginx in front."""

    def __init__(self, folder: Path, proxy: Proxy, ports: dict[str, int], phone: Phone) -> None:
        self.config = Config(folder)
        self.proxy = proxy
        self.ports = ports
        self.phone = phone

    def counted_tries(self) -> set[str]:
        """The addresses for which wrong passwords are counted."""
        with closing(sqlite3.connect(self.config.app_db)) as connection:
            rows = connection.execute(
                "SELECT cache_key FROM access_cache WHERE cache_key LIKE '%sign_in_address%ip:ip:%'"
            )
            return {str(key).rpartition(":ip:")[2] for (key,) in rows if not str(key).endswith(":lock")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, beside = tmp_path_factory.mktemp("installation"), tmp_path_factory.mktemp("nginx")
    with Installation(folder, SystemClock()) as installation:
        phone = installation.enrol()
        copy_migrated(installation.config.app_db)
    environment = installation.config.environment() | {
        "EGIDE_WEB_ORIGINS": f"https://{PAGES}",
        "EGIDE_LIVE_URL": f"https://{PAGES}",
        "EGIDE_INTAKE_URLS": f"https://{PHONES}",
        "EGIDE_PHONE_URL": f"https://{PHONES}/app/",
        "EGIDE_TRUSTED_PROXIES": "127.0.0.1",
        "EGIDE_CONNECTIONS_BY_ADDRESS": str(BY_ADDRESS),
    }
    listeners = {name: open_listener() for name in ("web", "live", "intake")}
    ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
    with proxied(beside, **ports) as proxy:
        children = [
            Child(f"egide.entrypoints.{name}", [], environment, listener)
            for name, listener in listeners.items()
        ]
        for child in children:
            child.ready()
        yield Place(folder, proxy, ports, phone)
        for child in children:
            child.stop()
    for listener in listeners.values():
        listener.close()


@pytest.mark.parametrize("behind", [True, False], ids=["behind the proxy", "straight"])
def test_wrong_passwords_count_for_who_sends_them_whatever_they_claim(place: Place, behind: bool) -> None:
    theirs = THEIRS if behind else "127.0.0.67"
    straight = http.client.HTTPConnection("127.0.0.1", place.ports["web"], source_address=(theirs, 0))
    connection = place.proxy.connect(theirs) if behind else straight
    with closing(connection):
        guesser = Guesser(connection, 1, Host=PAGES, Origin=f"https://{PAGES}")
        for number in range(4):
            forged = {
                "X-Forwarded-For": f"203.0.113.{number}",
                "Forwarded": "for=203.0.113.9",
                "X-Real-IP": HERS,
            }
            guesser.ask(**forged)
            assert guesser.answer() == 422, "its form is believed, since the pages are reached by https"
    counted = place.counted_tries()
    assert theirs in counted
    assert not [one for one in counted if one.startswith("203.0.113.")] and HERS not in counted


def test_a_form_of_a_page_in_the_clear_is_not_believed_where_the_public_address_is_https(
    place: Place,
) -> None:
    with closing(place.proxy.connect(HERS)) as connection:
        guesser = Guesser(connection, 1, Host=PAGES, Origin=f"http://{PAGES}")
        guesser.ask()
        assert guesser.answer() == 403


def test_half_sent_messages_behind_the_proxy_end_for_their_sender_and_her_press_gets_in(place: Place) -> None:
    head = (
        f"POST /v1/messages HTTP/1.1\r\nhost: {PHONES}\r\nx-forwarded-for: {HERS}\r\n"
        f"content-type: {COSE}\r\ncontent-length: {MAX_BYTES}\r\n\r\nx"
    ).encode()
    signs = Signs(place.config, SystemClock())
    theirs = [place.proxy.start_sending(THEIRS, head) for _ in range(4 * BY_ADDRESS)]
    try:
        until(lambda: signs.counts(f"{COUNTED}intake too-many-by-address"), "their own connections end")
        status, _ = place.proxy.ask(
            PHONES, "POST", "/v1/messages", HERS, place.phone.press(), {"Content-Type": COSE}
        )
        assert status == 201
    finally:
        for one in theirs:
            one.close()


def test_the_documented_proxy_lets_through_what_phones_and_pages_need_and_nothing_else(place: Place) -> None:
    ask = place.proxy.ask
    assert ask(PAGES, "GET", "/healthz", HERS)[0] == 200
    assert ask(PAGES, "GET", "/v1/live", HERS)[0] == 401
    assert ask(PHONES, "GET", "/app/", HERS)[0] == 200
    for path in ("/", "/sign-in", "/v1/metrics", "/v1/health", "/desk/"):
        assert ask(PHONES, "GET", path, HERS)[0] == 404, path
    for path in ("/v1/metrics", "/v1/health"):
        assert ask(PAGES, "GET", path, HERS)[0] == 404, path


def test_the_proxy_writes_down_no_address_and_no_link(place: Place) -> None:
    for path in ("/q/look-for-me", "/team/l/look-for-me", "/invitation/look-for-me", "/sign-in"):
        place.proxy.ask(PAGES, "GET", path, HERS)

    def written() -> str:
        return "".join(log.read_text() for log in place.proxy.folder.glob("*.log"))

    # The proxy writes a line after its answer is gone.
    until(lambda: " GET 200 " in written(), "the proxy writes down the last answer")
    assert "look-for-me" not in written() and HERS not in written()


@pytest.mark.parametrize("name", [PAGES, PHONES])
def test_health_is_told_to_this_machine_alone_and_others_find_nothing_there(place: Place, name: str) -> None:
    assert place.proxy.ask(name, "GET", "/v1/health", "127.0.0.1")[0] == 200
    # An address that is refused would tell that there is something: it answers as one that is not there.
    away = place.proxy.ask(name, "GET", "/v1/health", THEIRS)
    assert away[0] == place.proxy.ask(name, "GET", "/v1/nothing", THEIRS)[0] == 404
    assert place.proxy.ask(name, "GET", "/v1/metrics", "127.0.0.1")[0] == 404
