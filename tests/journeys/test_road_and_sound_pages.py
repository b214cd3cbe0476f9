"""By SMS, a zone that was not woken, and sound that nobody heard: on the desk and in the file, in four languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AlarmClosed, PushTried
from egide.alarm.events.sms import SmsAnswerTried
from egide.protocol import cbor
from egide.protocol.envelope import Kind
from tests.connectors.test_sms_rules import texts_of
from tests.journeys.conftest import MONS, Desk, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_files import MAGISTRATE
from tests.support import browser as b
from tests.support.phones import HttpPhone
from tests.support.sms_road import SmsRoad

NOT_WOKEN = PushTried(
    road="webpush",
    wake="w1",
    to="zone",
    unit="5324",
    device="d1",
    step="zone-confirmed",
    rung=0,
    why="timeout",
)


@pytest.fixture(scope="module")
def road(installed: World) -> Iterator[SmsRoad]:
    """The road for short messages of the same installation."""
    made = SmsRoad(installed.stack.config)
    yield made
    made.close()


def press_with_sound(world: World) -> tuple[HttpPhone, str]:
    """A phone that pressed and sends a piece of sound; with its alarm."""
    phone = world.phone(MONS)
    alarm = phone.press()
    sound = phone.envelope(Kind.AUDIO, press=phone.counter, body=cbor.encode([0, b"opus"]))
    assert phone.post("/v1/messages", sound)[0] == 201
    return phone, alarm


@pytest.mark.full("tests/boards/desk/test_unwoken.py", "tests/boards/desk/test_sms_answer.py")
@in_every_language_and_size()
def test_the_desk_says_what_could_not_be_woken_what_came_by_sms_and_what_nobody_heard(
    world: World, road: SmsRoad, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, "hainaut-12")
        b.hear_bell(page)
        phone, alarm = press_with_sound(world)
        texts = [road.hand(text=text) for text in texts_of(phone.envelope())]
        assert "received" in [road.delivered(call)["answer"]["state"] for call in texts]
        world.write_down(alarm, NOT_WOKEN)
        world.write_down(alarm, SmsAnswerTried(device=phone.device, press=1))
        desk = Desk(world, page, "hainaut-12")
        desk.choose(alarm)
        expect(desk(".unwoken")).to_be_visible()
        expect(desk.row(alarm).locator(".card-flag")).to_have_count(1)
        expect(desk("#listening .chip.test")).to_be_visible()
        expect(desk("#sms-answer time")).not_to_be_empty()
        inspector.look("not woken, by SMS, unheard sound")
        world.write_down(alarm, SmsAnswerTried(device=phone.device, press=2, why="timeout"))
        expect(desk("#sms-answer")).to_contain_text("◌")
        inspector.look("answer by SMS failed")


@pytest.mark.full(
    "tests/casework/test_rule_23_keep_sound.py::test_rule_23_the_file_says_when_unheard_sound_goes",
    "tests/casework/test_rule_23_keep_sound.py::test_rule_23_the_prosecutor_keeps_it_with_a_reason_that_stands_in_the_journal",
    "tests/journeys/test_register.py::test_a_closed_alarm_is_found_played_heard_taken_out_and_verified",
)
@in_every_language_and_size()
def test_rule_23_a_magistrate_keeps_unheard_sound_on_a_page_of_its_own(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        _phone, alarm = press_with_sound(world)
        world.write_down(alarm, AlarmClosed(user="hainaut-12", outcome="handling-error", reason="Démo"))
        case = world.person(MONS)["case"]
        host = world.stack.host(MAGISTRATE)
        b.sign_in(page, world.stack, MAGISTRATE, f"/files/{case}/")
        expect(page.locator(f"#sound-{alarm}")).to_be_visible()
        inspector.look("file with sound")
        page.goto(f"{host}/files/{case}/sound/{alarm}/keep")
        inspector.look("keep")
        inspector.walk("keep")
        page.fill("#reason", "court")
        page.click("#keep-sound")
        expect(page.locator("#reason-error")).to_be_visible()
        expect(page.locator("#reason")).to_have_value("court")
        inspector.look("keep refused")
        page.fill("#reason", "Procès en mars, la défense la demande.")
        page.click("#keep-sound")
        expect(page.locator(f"#sound-{alarm}")).to_contain_text("Procès en mars")
        assert world.state(alarm).talk.sound_kept_by == MAGISTRATE
