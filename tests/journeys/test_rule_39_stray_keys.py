"""Stray keys record nothing (safety rule 39): what a letter would record is asked first; letters can be off."""

import random
import string

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AlarmAcknowledged, TeamNamed, TeamOnSite, ZoneConfirmed
from tests.journeys.conftest import Desk, World
from tests.journeys.pressing import press_stray

PRESSES, MORE = 100, 250
SIGNS = string.ascii_letters + string.digits
# What comes by the clock or by a board alone, and from nobody's keys.
BY_ITSELF = {"ShownOnBoard", "StepMissed", "PushTried", "PositionReceived"}
COUNT_QUESTIONS = """() => {
  window.asked = [];
  document.addEventListener("asked", ({ target }) => window.asked.push(target.id));
}"""


def said(world: World, alarm: str) -> list[str]:
    """What people have said of the alarm."""
    return [kind for kind in world.kinds(alarm) if kind not in BY_ITSELF]


def sent(world: World) -> tuple[Desk, str]:
    """A desk before an alarm of its own, for which a team is named that has not left."""
    desk, alarm = world.desk(), world.phone().press()
    world.write_down(
        alarm,
        AlarmAcknowledged(user="hainaut-12"),
        ZoneConfirmed(user="hainaut-12", zone="5324", reference="Insp. 21"),
        TeamNamed(user="hainaut-12", zone="5324", call_sign="M 12"),
    )
    desk.choose(alarm)
    expect(desk("#act-under-way")).to_be_visible()
    expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    return desk, alarm


def test_rule_39_a_storm_of_letters_and_digits_records_nothing_that_was_not_confirmed(world: World) -> None:
    desk, alarm = sent(world)
    before, chance, page = said(world, alarm), random.Random(39), desk.page
    page.evaluate(COUNT_QUESTIONS)
    for _ in range(MORE if world.is_full else PRESSES):
        page.keyboard.press("Escape" if chance.random() < 0.4 else chance.choice(SIGNS))
    assert page.evaluate("window.asked"), "the storm met a letter that would record"
    assert said(world, alarm) == before
    page.keyboard.press("Escape")
    expect(desk("#act-under-way")).to_be_visible()
    assert not world.state(alarm).team.under_way_at_us


def choose_letters(desk: Desk, choice: str) -> None:
    desk("#help-open").click()
    desk(f"#letters [value={choice}]").check()
    desk.page.keyboard.press("Escape")


def test_rule_39_a_step_said_for_a_team_names_it_and_waits_for_a_fresh_enter(world: World) -> None:
    desk, alarm = sent(world)
    page = desk.page
    desk.press_armed("u")
    expect(desk("#sure-dialog")).to_contain_text("M 12")
    page.keyboard.press("Escape")
    expect(desk("#sure-dialog")).to_be_hidden()
    assert "TeamUnderWay" not in world.kinds(alarm)
    # What is found by its name asks as well.
    word = desk("#act-under-way").evaluate("at => at.firstChild.textContent.trim()")
    page.keyboard.press("Control+k")
    expect(desk("#palette-text")).to_be_focused()
    page.keyboard.type(word)
    expect(desk("#palette-list [role=option][aria-selected=true]")).to_contain_text(word)
    page.keyboard.press("Enter")
    expect(desk("#sure-dialog")).to_contain_text("M 12")
    page.keyboard.press("Escape")
    assert "TeamUnderWay" not in world.kinds(alarm)
    # A key that is held is pressed once.
    page.keyboard.down("Enter")
    expect(desk("#sure-dialog")).to_be_visible()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(desk("#sure-dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(desk("#act-on-site")).to_be_visible()
    expect(desk("#sure-dialog")).to_be_hidden()
    assert world.kinds(alarm).count("TeamUnderWay") == 1
    # What was asked is not recorded once it means something else.
    desk.press_armed("o")
    expect(desk("#sure-dialog")).to_be_visible()
    world.write_down(alarm, TeamOnSite(by="team:M 12"))
    expect(desk("#act-on-site")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(desk("#hint")).to_be_visible()
    expect(desk("#sure-dialog")).to_be_hidden()
    assert world.kinds(alarm).count("TeamOnSite") == 1
    # Letters can need Alt, or be off altogether.
    choose_letters(desk, "alt")
    for letter in "nz":
        press_stray(page, letter)
    expect(desk("dialog[open]")).to_have_count(0)
    desk.press_armed("Alt+n")
    expect(desk("#note-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    choose_letters(desk, "off")
    expect(desk("body")).to_have_attribute("data-letters", "off")
    for letter in "nzo":
        press_stray(page, letter)
    expect(desk("dialog[open]")).to_have_count(0)


@pytest.mark.full(
    "tests/journeys/test_rule_39_stray_keys.py::test_rule_39_a_step_said_for_a_team_names_it_and_waits_for_a_fresh_enter",
)
@pytest.mark.parametrize(("choice", "key"), [("alt", "Alt+n"), ("off", "")])
def test_letters_need_alt_or_are_switched_off_and_this_browser_keeps_it(
    world: World, choice: str, key: str
) -> None:
    desk, _alarm = sent(world)
    page = desk.page
    page.keyboard.press("?")
    desk(f"#letters [value={choice}]").check()
    page.keyboard.press("Escape")
    page.reload()
    expect(desk("body")).to_have_attribute("data-letters", choice)
    # Whether a browser still lets the page sound after a reload is its own affair.
    expect(desk("#sound-unblock:visible, #sound-state[data-state=on]").first).to_be_visible()
    if desk("#sound-unblock").is_visible():
        desk("#sound-unblock").click()
    expect(desk("#act-note")).to_be_visible()
    # What is read aloud beside a button is the key that it takes here.
    expect(desk("#act-note[aria-keyshortcuts]")).to_have_count(1 if key else 0)
    if key:
        expect(desk("#act-note")).to_have_attribute("aria-keyshortcuts", "Alt+N")
    for letter in "nzuck?":
        press_stray(page, letter)
    expect(desk("dialog[open]")).to_have_count(0)
    if key:
        page.keyboard.press(key)
        expect(desk("#note-dialog")).to_be_visible()
        page.keyboard.press("Escape")
    choose_letters(desk, "alone")
    expect(desk("#act-note")).to_have_attribute("aria-keyshortcuts", "N")
    desk.press_armed("n")
    expect(desk("#note-dialog")).to_be_visible()
