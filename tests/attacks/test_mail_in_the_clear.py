"""Somebody on the network listens to the second road, or answers in the place of its mail server."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.base import Alert, RoadError
from egide.entrypoints.stack.children import Child
from egide.journal.now.signs import Signs
from tests.support.certificates import Authority
from tests.support.mailbox import HERE, Mailbox, serving
from tests.support.waiting import WITHIN_S, until

ALERT = Alert("0011223344556677-1-0", "Alarm on no board: HAI", "Go to the desk now.")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one that this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.pem))
    return made


def _road(server: str) -> EmailRoad:
    return EmailRoad(server, "egide@localhost", ("desk@localhost",))


def test_a_mail_goes_out_under_tls(authority: Authority) -> None:
    with serving(authority.server(HERE)) as (server, box):
        _road(server).check()
        _road(server).send(ALERT)
        assert box.was_sealed.get(timeout=WITHIN_S)
        assert b"Go to the desk now." in box.mails.get(timeout=WITHIN_S).content


@pytest.fixture(params=["no STARTTLS", "another authority", "another host"])
def stranger(
    request: pytest.FixtureRequest, authority: Authority, tmp_path: Path
) -> Iterator[tuple[str, Mailbox]]:
    """Servers that this one must not talk to."""
    (tmp_path / "stranger").mkdir()
    shown: dict[str, ssl.SSLContext | None] = {
        "no STARTTLS": None,
        "another authority": Authority(tmp_path / "stranger").server(HERE),
        "another host": authority.server("127.0.0.9"),
    }
    with serving(shown[request.param]) as served:
        yield served


def test_nothing_is_said_to_a_server_that_shows_no_certificate_of_its_host(
    stranger: tuple[str, Mailbox],
) -> None:
    server, box = stranger
    for ask in (_road(server).check, lambda: _road(server).send(ALERT)):
        with pytest.raises(RoadError):
            ask()
    assert box.mails.empty()


def test_that_the_road_takes_nothing_stands_on_the_boards_before_an_alarm_needs_it(tmp_path: Path) -> None:
    with serving(None) as (server, box):
        (tmp_path / "data").mkdir()
        config = Config(
            tmp_path / "data", alert_smtp=server, alert_to=("desk@localhost",), watch_patience_s=3600
        )
        watcher = Child("egide.entrypoints.watch", [], config.environment() | {"EGIDE_LANG": "en"})
        try:
            watcher.ready()
            signs = Signs(config, SystemClock())
            until(lambda: any(trouble.part == "road:e-mail" for trouble in signs.troubles()))
        finally:
            watcher.stop()
        assert box.mails.empty()
