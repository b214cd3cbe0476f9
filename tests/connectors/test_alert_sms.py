"""The second road by short message: few words in signs that every phone shows, and nobody rung twice for one alert."""

from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.common.config import Config
from egide.common.text import LANGUAGES, read_in
from egide.connectors.alert.sms import GSM7, LONGEST, SmsRoad, text_of
from egide.connectors.base import Alert, RoadError
from egide.connectors.kannel import KannelSender, Login
from egide.connectors.registry import roads_of
from egide.connectors.texting import TextSender, WebhookSender
from egide.entrypoints.watch import rules, words
from egide.journal.chain import Unshown
from egide.journal.now.signs import ChainTrouble
from tests.support.asgi import SMS_SECRET
from tests.support.certificates import Authority, shown
from tests.support.kannel import NAME, PASSWORD
from tests.support.ports import reserved
from tests.support.sms_road import keep_secret
from tests.support.sms_sending import SendingGateway

ALERT = Alert("0011223344556677-1-0", "Alarm on no board: HAI", "Go to the desk now.")
NUMBERS = ("+32470222222", "32470333333")


class OneRefuses:
    """A gateway that takes nothing for the first number until it is told to."""

    def __init__(self) -> None:
        self.refuses = True
        self.sent: list[tuple[str, str]] = []

    def send(self, to: str, text: str, id: str, report: str = "") -> None:
        if to == NUMBERS[0] and self.refuses:
            raise TimeoutError("no answer within 5 s")
        self.sent.append((to, id))

    def check(self) -> None:
        return None


def test_one_whose_text_was_taken_is_not_rung_again_because_another_was_not() -> None:
    gateway = OneRefuses()
    road = SmsRoad(lambda: gateway, NUMBERS)
    for _ in range(2):
        with pytest.raises(RoadError, match="number 1: no answer") as refused:
            road.send(ALERT)
        assert not any(number in str(refused.value) for number in NUMBERS)
    assert [to for to, _id in gateway.sent] == [NUMBERS[1]]
    gateway.refuses = False
    road.send(ALERT)
    road.send(Alert("another", "Alarm on no board: BXL", ""))
    assert [to for to, _id in gateway.sent] == [NUMBERS[1], NUMBERS[0], *NUMBERS]
    assert len({name for _to, name in gateway.sent}) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_fits_into_one_message_of_seven_bits_with_a_mark_of_its_own(language: str) -> None:
    kinds = {value for name, value in vars(rules).items() if name.isupper() and isinstance(value, str)}
    with read_in(language):
        alerts = [words.on_no_board(Unshown("00112233445566778899-12345", "HAI", 0))]
        for kind in sorted(kinds):
            try:
                trouble = ChainTrouble(part=f"{kind}:machine-1.example", why="silent", since_us=1)
                alerts += [words.broken(trouble), words.mended(trouble)]
            except KeyError:
                continue
    assert len(alerts) > 20
    for alert in alerts:
        text = text_of(alert)
        assert len(text) <= LONGEST and set(text) <= GSM7 and "?" not in text, text
    assert "HAI" in text_of(alerts[0]) and len({text_of(alert)[-6:] for alert in alerts}) == len(alerts)
    assert text_of(alerts[0]) == text_of(alerts[0])


def test_signs_that_a_phone_would_halve_the_message_for_are_written_plainly() -> None:
    text = text_of(Alert("id", "Dépêche: « œuvre » d’été — 5 €", "ça…"))
    assert text.startswith('Dépeche: " oeuvre " d\'été')
    assert set(text) <= GSM7


def test_by_the_signed_form_a_repeat_keeps_its_name() -> None:
    with SendingGateway() as gateway:
        sender = WebhookSender(gateway.url, SMS_SECRET, SetClock(1_800_000_000_000_000))
        for road in (SmsRoad(lambda: sender, NUMBERS[:1]), SmsRoad(lambda: sender, NUMBERS[:1])):
            road.check()
            road.send(ALERT)
        assert gateway.sent == [{"to": NUMBERS[0], "text": text_of(ALERT)}] * 2
        assert len({call["webhook-id"] for call in gateway.calls}) == 1, "as after a restart of watch"


def senders(url: str) -> list[TextSender]:
    """Both forms."""
    return [WebhookSender(url, SMS_SECRET, SetClock(0)), KannelSender(url, Login(NAME, PASSWORD))]


@pytest.mark.parametrize("number", [0, 1], ids=["webhook", "kannel"])
def test_nobody_there_one_who_leads_elsewhere_and_one_who_refuses_have_taken_nothing(number: int) -> None:
    port = reserved()
    away = SmsRoad(lambda: senders(f"http://127.0.0.1:{port}/")[number], NUMBERS)
    for act in (away.check, lambda: away.send(ALERT)):
        with pytest.raises(RoadError):
            act()
    for status in (302, 403, 503):
        with SendingGateway(status) as gateway:
            road = SmsRoad(lambda gateway=gateway: senders(gateway.url)[number], NUMBERS)
            with pytest.raises(RoadError, match=str(status)):
                road.send(ALERT)


@pytest.mark.parametrize("number", [0, 1], ids=["webhook", "kannel"])
def test_a_certificate_that_nobody_trusts_ends_the_call_before_anything_is_said(
    tmp_path: Path, number: int
) -> None:
    authority = Authority(tmp_path)
    with shown(authority.server("127.0.0.1")) as port:
        road = SmsRoad(lambda: senders(f"https://127.0.0.1:{port}/")[number], NUMBERS[:1])
        with pytest.raises(RoadError, match="certificate"):
            road.send(ALERT)


def test_settings_that_cannot_be_right_are_named_and_a_secret_that_is_missing_fails_later(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="EGIDE_SMS_SEND_URL"):
        roads_of(Config(tmp_path, alert_sms=NUMBERS))
    url = "http://127.0.0.1:9/"
    with pytest.raises(ValueError, match="EGIDE_ALERT_SMS: number 2") as wrong:
        roads_of(Config(tmp_path, alert_sms=(NUMBERS[0], "+32 470 444444"), sms_send_url=url))
    assert "444444" not in str(wrong.value)
    for secrets, named in (("", "EGIDE_SMS_SECRETS"), (str(tmp_path / "none"), "none")):
        (road,) = roads_of(Config(tmp_path, alert_sms=NUMBERS, sms_send_url=url, sms_secrets=secrets))
        with pytest.raises(RoadError, match=named):
            road.check()
    path = str(keep_secret(tmp_path, "whsec_short"))
    for form in ("webhook", "kannel"):
        (road,) = roads_of(
            Config(tmp_path, alert_sms=NUMBERS, sms_send_url=url, sms_secrets=path, sms_form=form)
        )
        with pytest.raises(RoadError, match="EGIDE_SMS_SECRETS: line 1") as refused:
            road.check()
        assert "short" not in str(refused.value)
