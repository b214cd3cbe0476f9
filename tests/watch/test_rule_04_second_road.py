"""Safety rule 4: when no board is alive, another process alerts by a second road."""

import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from egide.alarm.events import AlarmRouted, Origin, PressReceived, Route, ShownOnBoard
from egide.common.clock import SetClock, SystemClock
from egide.common.config import Config
from egide.connectors.alert.email import EmailRoad
from egide.connectors.alert.http import HttpRoad
from egide.connectors.base import Alert, RoadError
from egide.connectors.registry import roads_of
from egide.entrypoints.stack.children import Child
from egide.entrypoints.watch.__main__ import watch_over
from egide.entrypoints.watch.rules import SHOWN_WITHIN_S, Overdue
from egide.journal.engines.chosen import turn_of
from egide.journal.service import Entry, Journal, KeyStore, Unshown
from tests.support.mailbox import Mailbox
from tests.support.sms_road import keep_secret
from tests.support.sms_sending import SendingGateway
from tests.support.waiting import WITHIN_S, until

ALERT = Alert("0011223344556677-1-0", "Alarm on no board: HAI", "Go to the desk now.")


@pytest.fixture
def texting() -> Iterator[SendingGateway]:
    with SendingGateway() as gateway:
        yield gateway


def test_an_email_arrives_with_its_id_and_says_that_a_machine_wrote_it(mailbox: tuple[str, Mailbox]) -> None:
    server, box = mailbox
    EmailRoad(server, "egide@localhost", ("desk@localhost",)).send(ALERT)
    mail = box.mails.get(timeout=WITHIN_S)
    text = mail.content.decode()
    assert mail.rcpt_tos == ["desk@localhost"]
    assert f"<{ALERT.id}@egide>" in text and "Auto-Submitted: auto-generated" in text
    assert "Go to the desk now." in text


def test_a_refused_call_and_a_dead_server_are_errors_of_the_road(receiver: Any) -> None:
    url, _calls, answers = receiver
    answers.append(503)
    with pytest.raises(RoadError, match="503"):
        HttpRoad(url).send(ALERT)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as free:
        port = free.server_address[1]
    with pytest.raises(RoadError):
        HttpRoad(f"http://127.0.0.1:{port}/").send(ALERT)
    with pytest.raises(RoadError):
        EmailRoad(f"smtp://127.0.0.1:{port}", "a@localhost", ("b@localhost",)).send(ALERT)


def test_a_receiver_that_speaks_no_http_is_an_error_of_the_road() -> None:
    class Speaking(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"220 ready\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Speaking) as server:
        threading.Thread(target=server.handle_request).start()
        with pytest.raises(RoadError, match="no HTTP"):
            HttpRoad(f"http://127.0.0.1:{server.server_address[1]}/").send(ALERT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_receiver_that_leads_elsewhere_has_taken_nothing(receiver: Any, status: int) -> None:
    url, _calls, answers = receiver
    answers.append(status)
    with pytest.raises(RoadError, match=str(status)):
        HttpRoad(url).send(ALERT)


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="EGIDE_ALERT_SMTP"):
        roads_of(Config(tmp_path, alert_smtp="mail.example"))
    with pytest.raises(ValueError, match="EGIDE_ALERT_URL"):
        roads_of(Config(tmp_path, alert_url="ftp://example"))
    assert roads_of(Config(tmp_path)) == []


def test_an_alarm_is_overdue_once_for_as_long_as_no_board_shows_it() -> None:
    clock, overdue = SetClock(0), Overdue()
    waiting = [Unshown("a-1", "HAI", 0)]
    assert overdue.find(waiting, clock.now_us()) == []
    clock.advance_s(SHOWN_WITHIN_S - 0.1)
    assert overdue.find(waiting, clock.now_us()) == []
    clock.advance_s(0.1)
    assert overdue.find(waiting, clock.now_us()) == waiting
    assert overdue.find(waiting, clock.now_us()) == []
    assert overdue.find([], clock.now_us()) == []
    clock.advance_s(60)
    assert overdue.find(waiting, clock.now_us()) == [], "opened again: five seconds from then on"
    clock.advance_s(SHOWN_WITHIN_S)
    assert overdue.find(waiting, clock.now_us()) == waiting


def test_rule_04_a_clock_that_is_set_back_delays_no_alert() -> None:
    clock, overdue = SetClock(3_600_000_000), Overdue()
    waiting = [Unshown("a-1", "HAI", 0)]
    assert overdue.find(waiting, clock.now_us()) == []
    clock.advance_s(-3600)
    assert overdue.find(waiting, clock.now_us()) == []
    clock.advance_s(SHOWN_WITHIN_S)
    assert overdue.find(waiting, clock.now_us()) == waiting


def _press(journal: Journal, case: str, alarm: str) -> None:
    device, counter = alarm.split("-")
    press = PressReceived(
        device=device,
        case=case,
        counter=int(counter),
        sent_at_s=0,
        envelope=alarm.encode(),
        origin=Origin("5324", "5324", "HAI"),
    )
    journal.append([Entry(stream=f"alarm:{alarm}", event=press, case=case)])
    route = Route(zone="5324", centre="HAI", managing_zone="5324", basis="home")
    journal.decide(alarm, lambda _: [AlarmRouted(route=route)])


def test_rule_04_an_alarm_on_no_board_goes_out_by_every_road_and_names_nobody(
    tmp_path: Path, mailbox: tuple[str, Mailbox], receiver: Any, texting: SendingGateway
) -> None:
    server, box = mailbox
    url, calls, answers = receiver
    answers.append(500)
    (tmp_path / "second place").mkdir()
    config = replace(
        Config(tmp_path, checkpoints_to=str(tmp_path / "second place")),
        alert_smtp=server,
        alert_to=("desk@localhost",),
        alert_url=url,
        alert_sms=("+32470222222",),
        sms_send_url=texting.url,
        sms_secrets=str(keep_secret(tmp_path)),
        demo=False,
        # That nothing else runs here is told by other tests.
        watch_patience_s=3600,
    )
    keys = KeyStore.open(config)
    keys.ensure("c0ffee0000000001")
    journal = Journal.open(config, SystemClock(), keys)
    _press(journal, "c0ffee0000000001", "00000000000000aa-1")
    journal.decide("00000000000000aa-1", lambda _: [ShownOnBoard(user="operator", centre="HAI")])
    watcher = Child("egide.entrypoints.watch", [], config.environment() | {"EGIDE_LANG": "fr"})
    try:
        watcher.ready()
        _press(journal, "c0ffee0000000001", "00000000000000bb-7")
        mail = box.mails.get(timeout=WITHIN_S)
        first, again = calls.get(timeout=WITHIN_S), calls.get(timeout=WITHIN_S)
        until(lambda: texting.sent, "a text goes out")
    finally:
        watcher.stop()
    assert first == again, "a refused call is repeated, with the same id"
    assert first["key"] == "00000000000000bb-7-0" and "HAI" in first["subject"]
    (texted,) = texting.sent
    assert texted["to"] == "+32470222222" and "HAI" in texted["text"]
    text = mail.content.decode() + first["text"] + texted["text"]
    assert "00000000000000bb-7" in text
    assert "00000000000000aa-1" not in text, "a shown alarm is nobody's second road"
    assert "c0ffee0000000001" not in text and not re.search(r"\b5324\b", text)
    assert box.mails.empty()


def test_rule_04_a_watch_whose_own_notes_are_ruined_alerts_all_the_same(
    tmp_path: Path, receiver: Any
) -> None:
    url, calls, _answers = receiver
    config = replace(Config(tmp_path), alert_url=url)
    keys = KeyStore.open(config)
    keys.ensure("c0ffee0000000001")
    journal = Journal.open(config, SystemClock(), keys)
    (tmp_path / "watch.db").write_bytes(b"not a database " * 1000)
    watcher = Child("egide.entrypoints.watch", [], config.environment() | {"EGIDE_LANG": "en"})
    try:
        watcher.ready()
        _press(journal, "c0ffee0000000001", "00000000000000bb-7")
        subjects = [calls.get(timeout=WITHIN_S)["subject"]]
        while not subjects[-1].startswith("Alarm on no board"):
            subjects.append(calls.get(timeout=WITHIN_S)["subject"])
        assert watcher.process.poll() is None
    finally:
        watcher.stop()


def test_rule_04_a_watch_that_begins_while_the_database_is_away_says_what_is_wrong(
    tmp_path: Path, receiver: Any
) -> None:
    """As on the machine that is left, when the one with the other watch and the database that led is gone."""
    url, calls, _answers = receiver
    config = replace(
        Config(tmp_path),
        journal="postgresql://watch@127.0.0.1:1/journal",
        intake_urls=("http://127.0.0.1:1",),
        alert_url=url,
        watch_patience_s=2,
    )
    clock, stopped = SystemClock(), threading.Event()
    journal, turn = Journal.open_or_later(config, clock), turn_of(config, "watch", clock)
    watching = threading.Thread(target=watch_over, args=(config, journal, clock, turn, stopped))
    watching.start()
    try:
        assert calls.get(timeout=WITHIN_S)["subject"]
        assert watching.is_alive()
    finally:
        stopped.set()
        watching.join(WITHIN_S)
    turn.close()
