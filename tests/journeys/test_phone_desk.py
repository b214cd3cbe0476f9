"""Phone and operator without a sound: question and answer, listening in, and what a code under threat says where."""

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AudioReceived, TextReceived
from tests.journeys.conftest import Desk, World
from tests.journeys.phone_app import DURESS, GRANTED, PhoneApp
from tests.journeys.pressing import press_stray

HEARS = [*GRANTED, "microphone"]
# Which microphones the page has taken, and which of them still run.
MICROPHONES = """
  window.tracks = [];
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const stream = await open.call(this, wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
"""
RUNNING = "window.tracks.filter((track) => track.readyState === 'live').length"
# The loudest moment of what the server gives out as the sound of an alarm, from 0 to 1.
LOUDEST = """async (alarm) => {
  const reply = await fetch(`/desk/alarms/${alarm}/sound/0/0`, { headers: { "X-Egide-Fragment": "1" } });
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(await reply.arrayBuffer());
  return sound.getChannelData(0).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}"""


def pieces(phone: PhoneApp) -> list[int]:
    """The numbers of the pieces of sound that are stored."""
    return sorted(event.number for event in phone.events(AudioReceived))


@pytest.mark.full(
    "phone/tests/app.test.ts",
    "tests/boards/desk/test_silent.py::test_a_question_is_asked_and_the_answer_stands_beside_it",
    "tests/journeys/test_phone_press.py::test_the_network_is_cut_at_each_step_and_each_step_comes_through_once",
)
def test_a_silent_question_from_the_desk_is_answered_with_one_finger_and_gone_at_the_end(
    world: World,
) -> None:
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    desk = world.desk()
    alarm = phone.press()
    desk.acknowledge(alarm)
    phone.unlock()
    desk.ask("3")
    expect(phone.page.locator("#question")).to_contain_text("arme")
    phone.page.locator("#answer-yes").click()
    expect(phone.page.locator("#question")).to_have_count(0)
    world.until(lambda: phone.events(TextReceived), "the answer")
    assert [event.body for event in phone.events(TextReceived)] == [b"yes"]
    expect(desk("#silent-talk .answered")).to_have_count(1)
    desk.ask("4")
    expect(phone.page.locator("#question")).to_be_visible()
    desk.close(alarm, "perpetrator-gone", "Parti avant l'arrivée")
    expect(phone.page.locator("#question")).to_have_count(0)
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)
    expect(phone.page.locator("#honest")).to_be_visible()


def listened_to(world: World) -> tuple[PhoneApp, Desk, str]:
    """A phone whose sound is heard at the desk, and its alarm."""
    phone = PhoneApp(world, permissions=HEARS)
    phone.context.add_init_script(MICROPHONES)
    phone.enrol(listens=True)
    assert phone.page.evaluate(RUNNING) == 0, "the microphone is on at rest"
    phone.to_decoy()
    desk = world.desk()
    alarm = phone.press()
    desk.choose(alarm)
    desk("#act-listen").click()
    expect(desk("#listening[data-heard-s]")).to_be_visible()
    return phone, desk, alarm


@pytest.mark.full(
    "tests/boards/desk/test_silent.py",
    "phone/tests/listening.test.ts",
    "tests/companion/test_commands.py::test_the_desk_has_every_piece_of_sound_and_can_end_it",
)
def test_rule_23_sound_is_heard_at_the_desk_until_the_operator_switches_it_off(world: World) -> None:
    phone, desk, alarm = listened_to(world)
    assert desk.page.evaluate(LOUDEST, alarm) > 0.01, "silence"
    desk("#act-listen-off").click()
    world.until(lambda: phone.page.evaluate(RUNNING) == 0, "the microphone is off")


@pytest.mark.full(
    "phone/tests/listening.test.ts",
    "tests/boards/desk/test_silent.py",
)
def test_rule_23_sound_has_no_gap_without_a_network_and_stays_off_after_a_reload(world: World) -> None:
    phone, desk, _alarm = listened_to(world)
    phone.context.set_offline(True)
    before = pieces(phone)
    phone.until_stored(3)
    assert pieces(phone) == before
    phone.context.set_offline(False)
    world.until(lambda: len(pieces(phone)) > len(before) + 3, "what was said without a network")
    world.until(lambda: pieces(phone) == list(range(len(pieces(phone)))), "every piece, once")
    desk("#act-listen-off").click()
    world.until(lambda: phone.page.evaluate(RUNNING) == 0, "the microphone is off")
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator("#alarm-panel")).to_be_visible()
    assert phone.page.evaluate("window.tracks") == [], "it listens again"


@pytest.mark.full(
    "tests/boards/desk/test_silent.py::test_rule_08_after_a_code_under_threat_nothing_can_be_asked",
    "tests/journeys/test_rule_05_order.py::test_the_board_stands_in_order_of_urgency",
    "phone/tests/app.test.ts",
)
def test_rule_08_a_code_under_threat_is_the_first_row_and_the_phone_is_asked_nothing(world: World) -> None:
    desk = world.desk()
    other = world.phone().press()
    phone = PhoneApp(world).enrol()
    phone.to_decoy()
    alarm = phone.press()
    phone.unlock()
    phone.page.locator("#cancel").click()
    phone.enter(DURESS)
    expect(desk.row(alarm)).to_have_attribute("data-looks", "duress")
    desk.page.mouse.move(900, 400)
    for place, wanted in enumerate([alarm, other]):
        expect(desk("#alarm-list > li").nth(place)).to_have_attribute("data-alarm", wanted)
    desk.choose(alarm)
    expect(desk("#duress")).to_be_visible()
    expect(desk("#act-ask")).to_have_count(0)
    press_stray(desk.page, "q")
    expect(desk("#hint")).to_be_visible()
    expect(desk("#ask-dialog")).to_be_hidden()
    expect(phone.page.locator("#alarm-panel")).to_have_count(0)
