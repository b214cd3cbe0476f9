"""A text says that a press arrived, in words that tell an onlooker nothing: who else tries to get one or to stop it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import requests

from egide.alarm.events.sms import SmsAnswerTried
from egide.common.clock import SystemClock
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.sms.spool import ANSWERED_WITHIN_S
from egide.events.register import KitReturned
from egide.protocol.envelope import Kind, Trigger
from tests.connectors.test_sms_process import Road
from tests.connectors.test_sms_road import forged
from tests.connectors.test_sms_rules import texts_of
from tests.support.asgi import IntakeClient, SmsClient
from tests.support.installation import Installation, Phone
from tests.support.sms_road import UDH
from tests.support.sms_sending import SendingGateway
from tests.support.waiting import WITHIN_S, until

HERS, HIS = "+32470111111", "+32470666666"
FRENCH, ENGLISH = 2, 14


@contextmanager
def answering(place: Path) -> Iterator[tuple[Road, SendingGateway]]:
    """A road that sends its answers to a gateway."""
    with SendingGateway() as gateway, Installation(place, SystemClock()) as installation:
        installation.config = replace(installation.config, sms_send_url=f"{gateway.url}/send")
        road = Road(installation)
        try:
            yield road, gateway
        finally:
            road.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Road, SendingGateway]]:
    """Started once: each test has phones of its own, and ends when all of its answers are out."""
    with answering(tmp_path_factory.mktemp("answering")) as made:
        yield made


@pytest.fixture
def road(both: tuple[Road, SendingGateway]) -> Road:
    return both[0]


@pytest.fixture
def gateway(both: tuple[Road, SendingGateway]) -> SendingGateway:
    """Nothing was sent yet."""
    both[1].sent.clear()
    return both[1]


def udh_asking(number: int) -> str:
    """The header of a binary message that asks for an answer: the number is the port that it comes from."""
    return UDH[:-4] + f"{number:04x}"


def hand(road: Road, data: bytes, sender: str = HERS, **more: object) -> str:
    """A binary message that asks, and what became of it."""
    call = road.hand(udh=udh_asking(ENGLISH), data=data.hex(), **{"from": sender}, **more)
    return str(road.delivered(call)["answer"]["state"])


def sent_after(road: Road, gateway: SendingGateway, number: str = "+32499999999") -> list[dict[str, str]]:
    """All that went out until now: answers leave in the order of their presses, and this one is the last."""
    assert hand(road, road.installation.enrol().press(), number) == "received"
    until(lambda: any(one["to"] == number for one in gateway.sent), lambda: gateway.sent)
    return [one for one in gateway.sent if one["to"] != number]


def metric(road: Road, became: str) -> int:
    text = requests.get(f"{road.url}/v1/metrics", timeout=WITHIN_S).text
    found = re.search(rf'egide_sms_answers_total{{became="{became}"}} (\d+)', text)
    return int(found[1]) if found else 0


def tries(road: Road, phone: Phone) -> list[SmsAnswerTried]:
    """What the journal says of answers to the presses of this phone."""
    journal = road.installation.journal
    events = [journal.open_event(row) for row in journal.read(limit=10_000) if row.kind == "SmsAnswerTried"]
    return [one for one in events if isinstance(one, SmsAnswerTried) and one.device == phone.device]


def test_each_kind_of_press_is_answered_once_in_her_language(road: Road, gateway: SendingGateway) -> None:
    phone, other = road.installation.enrol(), road.installation.enrol()
    first, second = texts_of(phone.press())
    for text in (f"{second}.{FRENCH}", first):
        road.delivered(road.hand(text=text, **{"from": HERS}))
    until(lambda: len(gateway.sent) == 1, lambda: gateway.sent)
    assert hand(road, other.press(), "32470222222", times=3) == "received"
    assert sent_after(road, gateway) == [
        {"to": HERS, "text": ANSWERS[FRENCH]},
        {"to": "32470222222", "text": ANSWERS[ENGLISH]},
    ]


def test_anyone_who_did_not_ask_or_tells_no_number_gets_none_and_the_press_counts(
    road: Road, gateway: SendingGateway
) -> None:
    phone = road.installation.enrol()
    assert road.delivered(road.hand(udh=UDH, data=phone.press().hex()))["answer"] == {"state": "received"}
    for sender in ("", "POLICE", "+32 470", 32470111111, {"number": HERS}, None, "1" * 16, "+١٢٣٤٥٦٧٨"):
        assert hand(road, phone.press(), sender) == "received"  # type: ignore[arg-type]
    unknown = road.hand(udh=udh_asking(999), data=phone.press().hex())
    assert road.delivered(unknown)["answer"] == {"state": "received"}
    assert sent_after(road, gateway) == [] and len(road.presses(phone)) == 10


def test_forged_ones_strangers_and_earlier_phones_learn_nothing(road: Road, gateway: SendingGateway) -> None:
    installation = road.installation
    kit = installation.issue_kit()
    earlier, phone = installation.enrol(kit), installation.enrol(kit)
    with Installation(installation.config.data_dir / "elsewhere") as elsewhere:
        assert hand(road, elsewhere.enrol().press(), HIS) == "refused"
    assert hand(road, forged(phone.press()), HIS) == "refused"
    assert hand(road, earlier.press(), HIS) == "received", "safety rule 38: it shows, and learns nothing"
    assert hand(road, phone.envelope(Kind.TEXT, body=b"weapon"), HIS) == "received"
    given_back = installation.enrol()
    installation.append(f"kit:{given_back.kit}", KitReturned(kit=given_back.kit), case=given_back.case)
    assert hand(road, given_back.press(), HIS) == "received"
    assert sent_after(road, gateway) == []


def test_half_of_a_press_is_not_answered_until_the_other_half_comes(
    road: Road, gateway: SendingGateway
) -> None:
    first, second = texts_of(road.installation.enrol().press())
    call = road.hand(text=f"{second}.{ENGLISH}", **{"from": HERS})
    assert road.delivered(call)["answer"] == {"state": "waiting"}
    assert sent_after(road, gateway) == []
    road.delivered(road.hand(text=first))
    until(lambda: {"to": HERS, "text": ANSWERS[ENGLISH]} in gateway.sent, lambda: gateway.sent)


@pytest.mark.parametrize("kind", [Kind.PRESS, Kind.CANCEL])
def test_rule_08_after_a_code_under_threat_nothing_comes_back(
    road: Road, gateway: SendingGateway, kind: Kind
) -> None:
    phone = road.installation.enrol()
    road.delivered(road.hand(udh=UDH, data=phone.press().hex()))
    press = None if kind is Kind.PRESS else phone.counter
    assert hand(road, phone.envelope(kind, trigger=Trigger.DURESS, press=press)) == "received"
    assert hand(road, phone.press()) == "received"
    assert sent_after(road, gateway) == [] and tries(road, phone) == []


@pytest.mark.parametrize("she_asks", [True, False])
@pytest.mark.parametrize("ways", [("binary", "binary"), ("binary", "texts"), ("texts", "binary")])
def test_a_press_that_somebody_sends_again_from_a_number_of_his_is_not_answered_there(
    road: Road, gateway: SendingGateway, ways: tuple[str, str], she_asks: bool
) -> None:
    data = road.installation.enrol().press()

    def send(way: str, sender: str, answer: int) -> None:
        if way == "binary":
            calls = [road.hand(udh=udh_asking(answer), data=data.hex(), **{"from": sender})]
        else:
            first, second = texts_of(data)
            asking = f"{second}.{answer}" if answer else second
            calls = [road.hand(text=text, **{"from": sender}) for text in (first, asking)]
        assert [road.delivered(call)["statuses"] for call in calls] == [[200]] * len(calls)

    send(ways[0], HERS, ENGLISH if she_asks else 0)
    send(ways[1], HIS, ENGLISH)
    assert sent_after(road, gateway) == ([{"to": HERS, "text": ANSWERS[ENGLISH]}] if she_asks else [])


def test_that_it_went_out_stands_beside_the_press_without_number_or_words(
    road: Road, gateway: SendingGateway
) -> None:
    phone = road.installation.enrol()
    assert hand(road, phone.press(), HERS) == "received"
    stream, journal = f"alarm:{phone.alarm()}", road.installation.journal
    until(lambda: len(road.installation.kinds(stream)) == 2, lambda: road.installation.kinds(stream))
    press, tried = journal.stream(stream)
    assert journal.open_event(tried) == SmsAnswerTried(device=phone.device, press=press.seq)
    assert hand(road, phone.press(), HERS, times=3) == "received"
    until(lambda: len(tries(road, phone)) == 2, lambda: road.installation.kinds(stream))
    presses = [row.seq for row in journal.stream(stream) if row.kind != tried.kind]
    assert len(presses) == 2 and [one.press for one in tries(road, phone)] == presses


def test_a_phone_gets_three_an_hour_and_all_its_presses_count(road: Road, gateway: SendingGateway) -> None:
    phone: Phone = road.installation.enrol()
    for _ in range(5):
        assert hand(road, phone.press()) == "received"
    assert len(sent_after(road, gateway)) == 3 and len(road.presses(phone)) == 5


@pytest.mark.parametrize("status", [500, 302, 400])
def test_a_gateway_that_does_not_take_it_or_leads_elsewhere_changes_nothing_of_the_press(
    tmp_path: Path, status: int
) -> None:
    with answering(tmp_path) as (road, gateway):
        gateway.status = status
        phone = road.installation.enrol()
        assert hand(road, phone.press()) == "received" and len(road.presses(phone)) == 1
        until(lambda: metric(road, "failed") > 0, lambda: gateway.paths)
        assert metric(road, "sent") == 0 and set(gateway.paths) == {"/send"}
        until(lambda: tries(road, phone), lambda: road.installation.kinds(f"alarm:{phone.alarm()}"))
        assert tries(road, phone)[0].why == f"refused-{status}"


async def test_a_press_that_he_recorded_is_answered_nowhere_hours_later(
    installation: Installation, intake: IntakeClient
) -> None:
    installation.config = replace(installation.config, sms_send_url="http://127.0.0.1:9/send")
    press = installation.enrol().press()
    assert (await intake.send(press)).status == 201
    installation.set_clock.advance_s(ANSWERED_WITHIN_S + 1)
    body = {"udh": udh_asking(ENGLISH), "data": press.hex(), "from": HIS}
    async with SmsClient(installation) as sms:
        assert (await sms.call(msgspec.json.encode(body))).json["state"] == "received"
    with closing(sqlite3.connect(installation.config.data_dir / "sms.db")) as kept:
        assert kept.execute("SELECT count(*) FROM answer").fetchone() == (0,)


def test_the_words_tell_an_onlooker_nothing() -> None:
    betraying = (
        r"polic|politi|polizei|alarm|alert|help|aide|hulp|hilfe|egide|press|appui|receiv|reçu|http|www|[0-9/]"
    )
    for text in ANSWERS.values():
        assert not re.search(betraying, text, re.IGNORECASE) and len(text) <= 160
        # What of these languages GSM 7-bit has (3GPP TS 23.038, section 6.2.1).
        assert re.fullmatch(r"[A-Za-z ,.\-éèùàäöüßÄÖÜ]+", text), text
