"""Safety rule 14: a team in danger is red, first, and heard; one key says that it was seen."""

import pytest
from playwright.sync_api import expect

from egide.alarm.events import HelpNeeded
from egide.protocol.envelope import Position, Trigger
from tests.journeys.conftest import World

# Counts the tones of each loudness and height that the page plays.
LISTEN = """
window.tones = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) {
  window.tones.push(this.frequency.value);
  return start.apply(this, given);
};
"""


@pytest.mark.full(
    "tests/boards/desk/test_rule_14_help.py",
    "tests/journeys/test_team.py::test_rule_14_need_help_takes_two_taps_and_shows_red_at_the_zone_with_the_position",
)
def test_rule_14_a_team_calls_for_help_and_one_key_answers(world: World) -> None:
    page = world.window()
    page.add_init_script(LISTEN)
    desk = world.desk("hainaut-12", page)
    duress = world.phone().press(trigger=Trigger.DURESS)
    alarm = world.phone().press()
    desk.acknowledge(duress)
    desk.acknowledge(alarm)
    world.arrive(alarm)
    page.mouse.move(900, 400)
    expect(desk("#alarm-list > li").first).to_have_attribute("data-alarm", duress)

    home = world.person(0)
    at = Position(round(home["lat"] * 1e7) + 20_000, round(home["lon"] * 1e7), 30, 1, 1)
    world.write_down(alarm, HelpNeeded(by="M 12", position=at))

    expect(desk.row(alarm)).to_have_attribute("data-looks", "help")
    expect(desk("#alarm-list > li").first).to_have_attribute("data-alarm", alarm)
    expect(desk("#help-needed")).to_contain_text("M 12")
    expect(desk("#help-coordinates")).to_have_text(f"{at.lat_e7 / 1e7:.5f}, {at.lon_e7 / 1e7:.5f}")
    expect(desk(".map-team")).to_be_attached()
    page.wait_for_function("() => window.tones.includes(1320)")
    desk.press_armed("s")
    desk.page.keyboard.press("Enter")
    expect(desk("#help-seen-by")).to_contain_text("Opératrice 12 · Hainaut")
    expect(desk.row(alarm)).to_have_attribute("data-looks", "ack")
    assert world.kinds(alarm).count("HelpSeen") == 1
