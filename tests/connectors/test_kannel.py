"""The road for short messages behind kannel itself, with the documented configuration and a phone of its network."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from egide.alarm.events import FromPhone
from egide.alarm.events.sms import SmsAnswerTried
from egide.common.clock import SystemClock
from egide.connectors.alert.sms import text_of
from egide.connectors.base import Alert, RoadError
from egide.connectors.registry import roads_of
from egide.connectors.sms.answers import ANSWERS
from egide.entrypoints.doctor.finding import OK, WRONG
from egide.entrypoints.doctor.outside import second_road
from egide.entrypoints.watch import roads
from egide.entrypoints.watch.roads import Carrier
from egide.journal.now.outcomes import Outcomes, outcomes
from egide.journal.now.signs import Signs
from tests.connectors.test_sms_rules import texts_of
from tests.support.installation import Installation, Phone
from tests.support.kannel import LOGIN, NAME, PASSWORD
from tests.support.kannel_road import KannelRoad, kannel_road
from tests.support.sms_road import UDH, keep_secret
from tests.support.waiting import WITHIN_S, until

HERS, ON_CALL = "+32470111111", "+32470222222"
FRENCH, ENGLISH = 2, 14
ALERT = Alert("0011223344556677-1-0", "Alarm on no board: HAI", "Go to the desk now.")


class Road:
    """With the installation that it leads to."""

    def __init__(self, installation: Installation, road: KannelRoad) -> None:
        self.installation, self.way = installation, road
        self.kannel, self.phone, self.url, self.config = road.kannel, road.phone, road.url, road.config

    def events(self, phone: Phone) -> list[FromPhone | SmsAnswerTried]:
        """What stands in the alarms of this phone, in order."""
        journal = self.installation.journal
        events = [journal.open_event(row) for row in journal.read(after=0, limit=10_000) if row.alarm]
        return [e for e in events if isinstance(e, FromPhone | SmsAnswerTried) and e.device == phone.device]

    def presses(self, phone: Phone) -> list[bytes]:
        return [event.envelope for event in self.events(phone) if isinstance(event, FromPhone)]

    def arrive(self, phone: Phone, *data: bytes) -> None:
        until(lambda: self.presses(phone) == list(data), lambda: (self.events(phone), self.metrics()))

    def metrics(self) -> str:
        return requests.get(f"{self.url}/v1/metrics", timeout=WITHIN_S).text

    def delivered(self) -> int:
        """How many answers the network says that it brought, since the road began."""
        found = re.search(r'became="delivered"} (\d+)', self.metrics())
        return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    place = tmp_path_factory.mktemp("kannel")
    with (
        Installation(place / "data", SystemClock()) as installation,
        kannel_road(installation.config, place) as made,
    ):
        yield Road(installation, made)


def test_presses_arrive_in_both_forms_and_her_phone_gets_the_sentence_that_it_asked_for_and_no_other(
    road: Road, capfd: pytest.CaptureFixture[str]
) -> None:
    one, two = road.installation.enrol(), road.installation.enrol()
    binary, texts = one.press(), two.press()
    before, told = len(road.phone.received()), road.delivered()
    road.phone.binary(UDH[:-4] + f"{ENGLISH:04x}", binary.hex(), HERS)
    road.arrive(one, binary)
    # The phone of this network is another process for each text that it sends: what is on its way to it would be lost.
    until(lambda: len(road.phone.received()) == before + 1, road.phone.received)
    first, second = texts_of(texts)
    road.phone.text("STOP", HERS)
    # The second half first, and twice.
    for text in (f"{second}.{FRENCH}", f"{second}.{FRENCH}", first):
        road.phone.text(text, HERS)
    road.arrive(two, texts)
    assert all("by-sms" in event.flags for event in road.events(one) if isinstance(event, FromPhone))
    wanted = [f"{HERS} text {ANSWERS[number]}" for number in (ENGLISH, FRENCH)]
    until(lambda: len(road.phone.received()) == before + 2, road.phone.received)
    # The network says that both arrived: by then whatever else kannel had to say is out.
    until(lambda: road.delivered() == told + 2, road.metrics)
    assert road.phone.received()[before:] == wanted
    assert [e.why for e in road.events(one) + road.events(two) if isinstance(e, SmsAnswerTried)] == ["", ""]
    said = "".join(capfd.readouterr()) + road.kannel.said()
    assert HERS[1:] not in said and "EG1" not in said and PASSWORD not in said


def test_what_comes_while_the_road_is_away_is_brought_again_and_counts_once(road: Road) -> None:
    one, two = road.installation.enrol(), road.installation.enrol()
    road.way.leave()
    binary, texts = one.press(), two.press()
    road.phone.binary(UDH, binary.hex(), HERS)
    for text in texts_of(texts)[::-1]:
        road.phone.text(text, HERS)
    road.way.come()
    road.arrive(one, binary)
    road.arrive(two, texts)


@pytest.mark.full(
    "tests/connectors/test_sms_answers.py::test_it_is_tried_again_under_the_same_name_until_it_is_taken",
    "tests/connectors/test_kannel.py::test_rule_04_a_kannel_that_is_away_is_a_trouble_and_gets_the_alert_when_it_is_back",
)
def test_a_kannel_that_begins_anew_answers_later_and_a_phone_that_is_off_gets_it_then(road: Road) -> None:
    phone = road.installation.enrol()
    data = phone.press()
    before, told = len(road.phone.received()), road.delivered()
    road.phone.binary(UDH[:-4] + f"{ENGLISH:04x}", data.hex(), HERS)
    road.arrive(phone, data)
    until(lambda: len(road.phone.received()) == before + 1, road.phone.received)
    until(lambda: road.delivered() == told + 1, road.metrics)
    road.phone.turn_off()
    road.kannel.stop_box("smsbox")
    again = phone.press()
    # By the road that is left: kannel takes nothing now.
    whole = requests.get(
        f"{road.url}/v1/sms/kannel",
        params={
            "text": again,
            "udh": bytes.fromhex(UDH[:-4]) + bytes([0, ENGLISH]),
            "coding": "1",
            "from": HERS,
        },
        auth=tuple(LOGIN.split(":")),
        timeout=WITHIN_S,
    )
    assert whole.status_code == 200 and whole.content == b""
    until(lambda: "unreachable" in str(road.events(phone)), lambda: road.events(phone))
    road.kannel.start_box("smsbox")
    road.phone.turn_on()
    until(lambda: len(road.phone.received()) == before + 2, road.phone.received)
    until(lambda: road.delivered() == told + 2, road.metrics)

    def whys() -> list[str]:
        return [event.why for event in road.events(phone) if isinstance(event, SmsAnswerTried)]

    until(lambda: whys()[-1] == "", whys)
    assert whys()[0] == "" and set(whys()) == {"", "unreachable"}


def test_rule_04_the_people_on_call_get_one_text_each_that_names_nobody(road: Road) -> None:
    config = replace(road.config, alert_sms=(ON_CALL, "+32470333333"))
    (way,) = roads_of(config)
    way.check()
    before = len(road.phone.received())
    assert [found.grade for found in second_road(config, SystemClock())] == [OK]
    assert len(road.phone.received()) == before, "asked, and nothing sent"
    way.send(ALERT)
    way.send(ALERT)
    until(lambda: len(road.phone.received()) == before + 2, road.phone.received)
    assert road.phone.received()[before:] == [
        f"{number} text {text_of(ALERT)}" for number in config.alert_sms
    ]


def test_a_password_that_kannel_does_not_know_shows_before_anything_has_to_go_out(
    road: Road, tmp_path: Path
) -> None:
    wrong = keep_secret(tmp_path, f"{NAME}:{'x' * 30}\n")
    config = replace(road.config, alert_sms=(ON_CALL,), sms_secrets=str(wrong))
    (way,) = roads_of(config)
    before = len(road.phone.received())
    for act in (way.check, lambda: way.send(ALERT)):
        with pytest.raises(RoadError, match="403") as refused:
            act()
        assert ON_CALL[1:] not in str(refused.value) and "x" * 30 not in str(refused.value)
    (found,) = second_road(config, SystemClock())
    assert found.grade == WRONG and "403" in found.text
    # Mended without a start of `watch`.
    wrong.write_text(f"{LOGIN}\n")
    way.check()
    assert len(road.phone.received()) == before


def test_rule_04_a_kannel_that_is_away_is_a_trouble_and_gets_the_alert_when_it_is_back(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "RETRY_S", 0.1)
    (way,) = roads_of(replace(road.config, alert_sms=(ON_CALL,)))
    before, stopped = len(road.phone.received()), threading.Event()
    taken: list[tuple[str, str]] = []
    signs = Signs(road.config, SystemClock())
    came = Outcomes(signs, SystemClock())
    carrier = Carrier(way, stopped, lambda name, alert: taken.append((name, alert)), came)
    road.kannel.stop_box("smsbox")
    try:
        carrier.start()
        carrier.carry(ALERT)
        until(lambda: carrier.is_failing, "two tries failed")
        came.do_keep()
        assert not outcomes(signs)["alert"]["SMS"].is_well
        assert taken == []
        road.kannel.start_box("smsbox")
        until(lambda: taken == [("SMS", ALERT.id)] and not carrier.is_failing, lambda: taken)
    finally:
        stopped.set()
        carrier.join(WITHIN_S)
    until(lambda: len(road.phone.received()) == before + 1, road.phone.received)
    assert road.phone.received()[before:] == [f"{ON_CALL} text {text_of(ALERT)}"]
