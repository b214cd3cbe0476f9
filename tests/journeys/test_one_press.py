"""From the hold of the button to the closed alarm, with the keyboard alone; then the journal is read."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmAcknowledged, AlarmClosed, NoteAdded, ShownOnBoard
from tests.journeys.conftest import World
from tests.journeys.pressing import press_armed
from tests.support import browser as b

EGIDE = Path(sys.executable).with_name("egide")
OPERATOR = "hainaut-12"
# Positions come every five seconds for as long as the story takes.
MOVING = {"PositionReceived", "PositionLocated"}


def test_one_press_from_the_button_to_the_closed_alarm(world: World, carried: dict[str, Any]) -> None:
    page = world.window()
    sign_in_by_keyboard(world, page)
    hear_the_bell_by_keyboard(page)

    alarm = press_the_button(world, carried)
    expect(page.locator(f"#row-{alarm}")).to_be_visible()
    expect(page.locator(f"#row-{alarm} .card-name")).to_have_text(carried["name"])

    acknowledge_by_keyboard(page)
    until_the_phone_is_told(world, "acknowledged")
    note_by_keyboard(page)
    bring_people_by_keyboard(page)
    the_zone_says_that_they_are_there(world, page, alarm)
    close_by_keyboard(page)
    expect(page.locator(f"#row-{alarm}")).to_have_count(0)
    until_the_phone_is_told(world, "closed")

    journal_tells_the_story(world, alarm)
    journal_is_whole(world)


def sign_in_by_keyboard(world: World, page: Page) -> None:
    page.goto(world.stack.host(OPERATOR))
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(OPERATOR)
    page.keyboard.press("Tab")
    page.keyboard.type(b.account(world.stack, OPERATOR)["password"])
    page.keyboard.press("Enter")


def hear_the_bell_by_keyboard(page: Page) -> None:
    expect(page.locator("#sound-test")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sound-heard")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#shift-start")).to_be_hidden()
    b.expect_live(page)
    expect(page.locator("#no-alarms")).to_be_visible()


def press_the_button(world: World, carried: dict[str, Any]) -> str:
    """Hold the real button; returns the alarm that the phone made of it."""
    world.stack.press(carried)
    stored = world.stack.children["companion"].wait_for("step", "phone.stored")
    return str(stored["alarm"])


def acknowledge_by_keyboard(page: Page) -> None:
    press_armed(page, "Space")
    expect(page.locator("#taken-by")).to_be_visible()


def until_the_phone_is_told(world: World, state: str) -> None:
    phone = world.stack.children["companion"]
    while phone.wait_for("step", "phone.told")["state"] != state:
        pass


def note_by_keyboard(page: Page) -> None:
    press_armed(page, "n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Patrouille 3 en route")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notes")).to_contain_text("Patrouille 3 en route")


def bring_people_by_keyboard(page: Page) -> None:
    press_armed(page, "z")
    expect(page.locator("#zone-reference")).to_be_focused()
    expect(page.locator("#zone-dialog a.dial").last).to_be_visible()
    page.keyboard.type("Insp. 21")
    page.keyboard.press("Enter")
    expect(page.locator("#way")).to_contain_text("Insp. 21")
    press_armed(page, "Enter")
    expect(page.locator("#team-call-sign")).to_be_focused()
    page.keyboard.type("M 12")
    page.keyboard.press("Enter")
    expect(page.locator("#way")).to_contain_text("M 12")
    press_armed(page, "u")
    expect(page.locator("#sure-dialog")).to_contain_text("M 12")
    page.keyboard.press("Enter")
    expect(page.locator("#act-on-site")).to_be_visible()
    press_armed(page, "o")
    expect(page.locator("#sure-dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#act-ask-supervisor.main")).to_be_visible()


def the_zone_says_that_they_are_there(world: World, page: Page, alarm: str) -> None:
    """What the operator typed ends no alarm (safety rule 8)."""
    expect(page.locator("#only-told")).to_be_visible()
    zone = world.window()
    b.sign_in(zone, world.stack, "mons-quevy-21", "/zone/")
    zone.locator(f"#card-{alarm} form[action$=on-site] button").click()
    expect(zone.locator(f"#card-{alarm} form[action$=on-site]")).to_have_count(0)
    expect(page.locator("#only-told")).to_have_count(0)
    expect(page.locator("#act-close.main")).to_be_visible()


def close_by_keyboard(page: Page) -> None:
    press_armed(page, "c")
    expect(page.locator("#close-dialog")).to_be_visible()
    first = page.locator("#close-dialog input[name=outcome]").first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[value='perpetrator-gone']")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.locator("#close-reason")).to_be_focused()
    page.keyboard.type("Parti avant l’arrivée, dit la patrouille 3")
    page.keyboard.press("Control+Enter")


def journal_tells_the_story(world: World, alarm: str) -> None:
    told = [kind for kind in world.kinds(alarm) if kind not in MOVING]
    assert told == [
        "PressReceived",
        "AlarmRouted",
        "ShownOnBoard",
        "AlarmAcknowledged",
        "NoteAdded",
        "ZoneConfirmed",
        "TeamNamed",
        "TeamUnderWay",
        "TeamOnSite",
        "TeamOnSite",
        "AlarmClosed",
    ]
    events = [world.journal.open_event(row) for row in world.journal.stream(f"alarm:{alarm}")]
    assert ShownOnBoard(user=OPERATOR, centre="HAI") in events
    assert AlarmAcknowledged(user=OPERATOR) in events
    assert NoteAdded(user=OPERATOR, text="Patrouille 3 en route") in events
    assert AlarmClosed(OPERATOR, "perpetrator-gone", "Parti avant l’arrivée, dit la patrouille 3") in events
    state = world.state(alarm)
    assert state.lead.route is not None
    assert (state.lead.route.zone, state.lead.route.centre, state.lead.route.basis) == (
        "5324",
        "HAI",
        "position",
    )


def journal_is_whole(world: World) -> None:
    environment = {**os.environ, **world.stack.config.environment()}
    proof = subprocess.run(
        [EGIDE, "journal", "verify"], env=environment, capture_output=True, text=True, check=False
    )
    assert proof.returncode == 0, proof.stderr
    assert "whole" in proof.stdout
