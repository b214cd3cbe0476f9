"""Answers to presses by SMS: tried again with the same name, given up in the end, and numbers gone with them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.common.config import Config
from egide.connectors.registry import problems_of
from egide.connectors.sms import rules
from egide.connectors.sms.answering import PAUSES_S, Answering
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.sms.rules import Callback
from egide.connectors.sms.spool import ANSWERED_WITHIN_S, MOST_ANSWERS, WHOLE, AskedAnswer, Due, Spool
from egide.connectors.texting import WebhookSender
from tests.connectors.test_sms_rules import PORT, VECTORS
from tests.support.asgi import SMS_SECRET
from tests.support.installation import NOW_S
from tests.support.sms_road import keep_secret
from tests.support.sms_sending import SendingGateway

NUMBER = "+32470111111"
PHONE, PRESS = "5e87d9a731a955dc", 42


# The table as versions before 2026-11-27 made it.
OF_BEFORE = """
CREATE TABLE answer (
    digest BLOB PRIMARY KEY, device TEXT NOT NULL DEFAULT '', sealed BLOB, at_us INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_us INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""


class Sending:
    """A spool with an answer that is due, and what sends it."""

    def __init__(self, directory: Path, gateway: SendingGateway) -> None:
        self.directory = directory
        self.clock = SetClock(NOW_S * 1_000_000)
        self.spool = Spool(Config(directory))
        self.may_tell = True
        self.noted: list[tuple[int, int, str]] = []
        sender = WebhookSender(gateway.url, SMS_SECRET, self.clock)
        self.answering = Answering(sender, self.spool, lambda _kid: self.may_tell, self.clock, self._note)

    def ask(self, data: bytes = b"press", device: str = PHONE) -> None:
        now_us = self.clock.now_us()
        self.spool.do_finish(
            self.spool.keep(WHOLE, data, "msg_1", now_us, AskedAnswer(NUMBER, 14)), device, PRESS
        )

    def _note(self, due: Due, why: str) -> None:
        self.noted.append((due.press, due.tries + 1, why))

    def numbers(self) -> int:
        """How many numbers are kept."""
        rows = self.spool._read("SELECT count(*) FROM answer WHERE sealed IS NOT NULL", ())
        return int(rows[0][0])


@pytest.fixture
def gateway() -> Iterator[SendingGateway]:
    with SendingGateway() as gateway:
        yield gateway


@pytest.fixture
def sending(tmp_path: Path, gateway: SendingGateway) -> Iterator[Sending]:
    made = Sending(tmp_path, gateway)
    yield made
    made.spool.close()


def test_it_is_tried_again_under_the_same_name_until_it_is_taken(
    sending: Sending, gateway: SendingGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.status = 503
    sending.ask()
    for pause_s in PAUSES_S[:2]:
        sending.answering.send_due()
        sending.clock.advance_s(pause_s - 1)
        sending.answering.send_due()
        sending.clock.advance_s(1)
    assert len(gateway.calls) == 2 and sending.numbers() == 1
    gateway.status = 200
    sending.answering.send_due()
    sending.answering.send_due()
    assert gateway.sent == [{"to": NUMBER, "text": ANSWERS[14]}] and sending.numbers() == 0
    assert len({call["webhook-id"] for call in gateway.calls}) == 1
    assert sending.noted == [(PRESS, 1, "refused-503"), (PRESS, 2, "refused-503"), (PRESS, 3, "")]
    assert NUMBER[1:] not in caplog.text and "503" in caplog.text


def test_it_is_given_up_and_the_number_is_gone(sending: Sending, gateway: SendingGateway) -> None:
    gateway.status = 503
    sending.ask()
    for pause_s in (*PAUSES_S, 3000, 1):
        sending.answering.send_due()
        sending.clock.advance_s(pause_s)
    assert len(gateway.calls) == len(PAUSES_S) + 1 and sending.numbers() == 0
    assert sending.answering.counts == {"failed": len(PAUSES_S) + 1, "given-up": 1}


def test_a_code_under_threat_meanwhile_withholds_it(sending: Sending, gateway: SendingGateway) -> None:
    sending.ask()
    sending.may_tell = False
    sending.answering.send_due()
    assert gateway.calls == [] and sending.numbers() == 0 and sending.noted == []


def test_a_table_of_an_earlier_version_is_taken_on(tmp_path: Path, gateway: SendingGateway) -> None:
    with closing(sqlite3.connect(tmp_path / "sms.db")) as connection, connection:
        connection.execute(OF_BEFORE)
        connection.execute("INSERT INTO answer (digest, device, at_us) VALUES (x'00', 'another', 0)")
    sending = Sending(tmp_path, gateway)
    sending.ask()
    sending.answering.send_due()
    rows = sending.spool._read("SELECT device, press FROM answer ORDER BY press", ())
    sending.spool.close()
    assert sending.noted == [(PRESS, 1, "")] and rows == [("another", 0), (PHONE, PRESS)]


def test_after_an_hour_no_number_is_left_and_a_phone_may_be_answered_again(
    sending: Sending, gateway: SendingGateway
) -> None:
    # Half of a press, whose other half never comes.
    sending.spool.keep(2, b"half", "msg_2", sending.clock.now_us(), AskedAnswer(NUMBER, 14))
    for number in range(MOST_ANSWERS + 2):
        sending.ask(b"press %d" % number)
    sending.answering.send_due()
    assert len(gateway.sent) == MOST_ANSWERS and sending.numbers() == 1
    sending.clock.advance_s(ANSWERED_WITHIN_S + 1)
    sending.spool.do_forget(sending.clock.now_us())
    assert sending.numbers() == 0
    sending.ask(b"a later press")
    sending.answering.send_due()
    assert len(gateway.sent) == MOST_ANSWERS + 1


def test_numbers_lie_on_the_disk_under_seal_only(sending: Sending) -> None:
    sending.ask()
    content = b"".join(path.read_bytes() for path in sending.directory.glob("sms.db*"))
    assert PHONE.encode() in content and NUMBER.encode() not in content and NUMBER[1:].encode() not in content


def test_the_sentences_are_those_of_the_contract_and_the_phone_asks_for_them() -> None:
    assert {one["number"]: one["text"] for one in VECTORS["answers"]} == ANSWERS
    for vector in VECTORS["asking"]:
        first, second = (rules.read(Callback(text=text), PORT) for text in vector["parts"])
        assert (first.answer, second.answer) == (0, vector["number"])
        assert (first.data + second.data).hex() == vector["envelope"]
    for odd in (".", ".x", ".1.2", ".²", ".-1"):
        with pytest.raises(rules.NotOurs, match="not-base64url"):
            rules.read_text(VECTORS["asking"][0]["parts"][1] + odd)


@pytest.mark.parametrize("url", ["ftp://gateway", "http://gateway.example/send", "gateway", "https://"])
def test_an_address_that_would_send_numbers_in_the_clear_is_named(tmp_path: Path, url: str) -> None:
    config = Config(tmp_path, sms_secrets=str(keep_secret(tmp_path)), sms_send_url=url)
    assert json.dumps(problems_of(config)).count("EGIDE_SMS_SEND_URL") == 1
    assert (
        problems_of(Config(tmp_path, sms_secrets=config.sms_secrets, sms_send_url="https://g.example/s"))
        == []
    )
