"""Safety rule 43: the bell rings in the zone that must act; other pages show the open alarm."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmClosed, AlarmRouted, Route, StepMissed, ZoneConfirmed
from egide.alarm.events.steps import TEAM_NAMED
from egide.protocol.envelope import Trigger
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.inspecting import inspecting, tab_to
from tests.journeys.test_rule_04_bell import PLAYED, fills_the_screen
from tests.support import browser as b

OFFICER, MAGISTRATE = "mons-quevy-21", "parquet-mons-01"
# Mons/Quévy and Charleroi.
ZONE, OTHER = "5324", "5330"
SIZES = (b.DESKTOP, b.TELEPHONE)
# How high the first note of each figure is, and how loud is loudest.
ALARM, DURESS, LOUDEST = 880, 520, 0.95


def rings(page: Page, hertz: int, loudness: float = 0.0) -> None:
    """From now on the page plays a figure that begins so, at least so loud."""
    page.evaluate("window.played = []")
    page.wait_for_function(
        "([hertz, loud]) => window.played.some(([tone, how]) => tone === hertz && how >= loud)",
        arg=[hertz, loudness],
    )


@pytest.mark.full(
    "tests/boards/zone/test_bell.py",
    "tests/boards/test_concerning.py",
    "tests/journeys/test_rule_43_bell_and_strip.py::test_a_zone_that_was_woken_sees_the_alarm_first_and_blocked_sound_fills_its_screen",
    "tests/journeys/test_rule_43_bell_and_strip.py::test_an_open_alarm_shows_on_an_office_page_and_goes_when_it_is_closed",
)
def test_the_zones_bell_and_the_strip_on_a_magistrates_page(world: World) -> None:
    with inspecting(world, "de", SIZES) as zone, inspecting(world, "de", SIZES) as office:
        page, reader = zone.page, office.page
        page.add_init_script(PLAYED)
        b.sign_in(reader, world.stack, MAGISTRATE, "/files/")
        expect(reader.locator("#alarm-strip")).to_be_empty()
        b.sign_in(page, world.stack, OFFICER, "/zone/", hears=False)
        assert fills_the_screen(page, "#shift-start")
        expect(page.locator("#sound-later")).to_be_hidden()
        zone.look("zone, before the sound was heard")
        tab_to(page, "#sound-test")
        page.keyboard.press("Enter")
        expect(page.locator("#sound-heard")).to_be_focused()
        page.keyboard.press("Enter")
        world.until(
            lambda: "SoundTested" in [row.kind for row in world.journal.stream(f"board:{ZONE}")], "heard"
        )

        phone = world.phone()
        alarm = phone.press()
        rings(page, ALARM)
        expect(page).to_have_title("▲ (1) Polizeizone · Egide")
        expect(reader.locator("#alarm-strip p")).to_have_count(1)
        office.look("files with an open alarm")
        number = reader.locator("#alarm-strip b").inner_text().split()[-1]
        assert (
            number[:3] == "202" and world.person(0)["name"] not in reader.locator("#alarm-strip").inner_text()
        )
        phone.press(trigger=Trigger.DURESS)
        rings(page, DURESS)
        zone.look("zone with an alarm under duress")
        world.until(lambda: world.state(alarm).missed, "a deadline passes")
        rings(page, DURESS, LOUDEST)
        expect(page.locator(".loud .who-answers")).to_be_visible()
        zone.look("zone that must act before the centre does")

        tab_to(page, f"#card-{alarm} input[name=reference]")
        page.keyboard.type("Insp. 21")
        page.keyboard.press("Enter")
        expect(page).to_have_title("Polizeizone · Egide")
        page.evaluate("window.played = []")
        world.write_down(alarm, StepMissed(step=TEAM_NAMED, rung=1, action="louder", due_at_us=1))
        rings(page, DURESS, LOUDEST)

        tab_to(reader, "#alarm-strip a")
        reader.keyboard.press("Enter")
        reader.wait_for_url("**/files/*/")
        expect(reader.locator("body")).to_contain_text(number)
        world.write_down(alarm, AlarmClosed("hainaut-12", "arrest", "told"))
        expect(reader.locator("#alarm-strip")).to_be_empty()
        expect(reader).to_have_title(re.compile("^[^▲]"))


def test_a_zone_that_was_woken_sees_the_alarm_first_and_blocked_sound_fills_its_screen(world: World) -> None:
    phone = world.phone()
    alarm = phone.press()
    page = world.window(b.TELEPHONE)
    page.add_init_script(PLAYED)
    b.sign_in(page, world.stack, OFFICER, "/zone/", hears=False)
    expect(page.locator("#shift-start .cover-alarms")).to_contain_text("1")
    page.click("#sound-later button")
    expect(page.locator(f"#card-{alarm}")).to_be_visible()
    rings(page, ALARM)
    expect(page.locator("#chain")).to_have_attribute("data-state", "well")
    phone.press(trigger=Trigger.DURESS)
    rings(page, DURESS)
    world.write_down(alarm, StepMissed(step="acknowledged", rung=1, action="louder", due_at_us=1))
    rings(page, DURESS, LOUDEST)

    again = page.context.new_page()
    again.add_init_script("sessionStorage.setItem('egide-sound-heard', 'yes')")
    again.goto(page.url)
    assert fills_the_screen(again, "#sound-blocked")
    assert violations(again) == []
    again.keyboard.press("Escape")
    expect(again.locator("#sound-blocked")).to_be_visible()
    again.keyboard.press("Enter")
    expect(again.locator("#sound-blocked")).to_be_hidden()
    expect(again.locator("#sound-state")).to_have_attribute("data-state", "on")


def test_an_open_alarm_shows_on_an_office_page_and_goes_when_it_is_closed(world: World) -> None:
    reader = world.window()
    b.sign_in(reader, world.stack, MAGISTRATE, "/files/")
    expect(reader.locator("#alarm-strip")).to_be_empty()
    alarm = world.phone().press()
    expect(reader.locator("#alarm-strip p")).to_have_count(1)
    expect(reader).to_have_title(re.compile("^▲"))
    world.write_down(alarm, AlarmClosed("hainaut-12", "arrest", "told"))
    # Coming back to the page asks at once.
    reader.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(reader.locator("#alarm-strip")).to_be_empty()
    expect(reader).to_have_title(re.compile("^[^▲]"))


@pytest.fixture
def second_zone(world: World) -> Iterator[str]:
    """The officer of Mons works for Charleroi too."""
    with closing(sqlite3.connect(world.stack.config.app_db)) as table, table:
        told = "SELECT id, 'zone-officer', ? FROM access_user WHERE name = ?"
        table.execute(f"INSERT INTO access_membership (user_id, role, place) {told}", (OTHER, OFFICER))
    yield OTHER
    with closing(sqlite3.connect(world.stack.config.app_db)) as table, table:
        table.execute("DELETE FROM access_membership WHERE place = ?", (OTHER,))


@pytest.mark.full("tests/boards/zone/test_two_zones.py")
def test_an_officer_of_two_zones_hears_both_and_chooses(world: World, second_zone: str) -> None:
    with inspecting(world, "de", SIZES) as zone:
        page = zone.page
        page.add_init_script(PLAYED)
        b.sign_in(page, world.stack, OFFICER, "/zone/")
        expect(page.locator("#zone-choices [aria-current]")).to_contain_text("Mons")
        alarm = world.phone().press()
        world.until(lambda: world.state(alarm).lead.route, "routed")
        rings(page, ALARM)
        world.write_down(alarm, ZoneConfirmed(user=OFFICER, zone=ZONE, reference="Insp. 21"))
        expect(page).to_have_title("Polizeizone · Egide")

        moved = Route(zone=second_zone, centre="HAI", managing_zone=ZONE, basis="position")
        world.write_down(alarm, AlarmRouted(route=moved))
        elsewhere = page.locator(f"#elsewhere-{second_zone}-{alarm}")
        expect(elsewhere).to_contain_text("Charleroi")
        rings(page, ALARM)
        zone.look("two zones, an alarm in the one that was not chosen")
        zone.walk("two zones")
        tab_to(page, f"#{elsewhere.get_attribute('id')} a")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Charleroi")
        tab_to(page, f"#card-{alarm} input[name=reference]")
        page.keyboard.type("Insp. 30")
        page.keyboard.press("Enter")
        world.until(lambda: world.state(alarm).lead.zone == second_zone, "the other zone leads")
        expect(page.locator("#zone-choices [aria-current]")).to_contain_text("Charleroi")
        expect(page).to_have_title("Polizeizone · Egide")
