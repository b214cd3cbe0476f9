"""Every page in four languages and two sizes: accessible, translated, quiet in the console, usable by keyboard."""

import pytest
from playwright.sync_api import expect

from egide.alarm.events import HandoverOffered, HelpNeeded, TeamReported, ZoneConfirmed
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import Desk, World
from tests.journeys.inspecting import (
    LONGEST,
    Inspector,
    Sizes,
    in_every_language_and_size,
    inspecting,
    tab_to,
)
from tests.journeys.pressing import press_armed
from tests.support import browser as b

# Once a team is there.
DIALOGS = {
    "z": "#zone-dialog",
    "n": "#note-dialog",
    "c": "#close-dialog",
    "h": "#offer-dialog",
    "e": "#ladder-dialog",
    "?": "#help-dialog",
    "q": "#ask-dialog",
    "l": "#radio-dialog .radio-first",
    "Control+k": "#palette",
}
REPORT = TeamReported(by="M 12", outcome="arrest", text="Interpellé devant la porte.")


@in_every_language_and_size()
def test_pages_before_and_beside_the_desk(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        page.goto(world.stack.host("admin-01") + "/sign-in")
        inspector.look("sign-in")
        inspector.walk("sign-in")
        page.fill("#name", "admin-01")
        page.fill("#password", "wrong")
        page.click("#sign-in-submit")
        expect(page.locator("#sign-in-error")).to_be_visible()
        inspector.look("sign-in refused")
        page.fill("#password", b.account(world.stack, "admin-01")["password"])
        page.click("#sign-in-submit")
        page.wait_for_url("**/start")
        page.goto(world.stack.host("admin-01") + "/account")
        inspector.look("account")
        inspector.walk("account")
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-list [aria-selected=true]")).to_be_visible()
        inspector.look("palette of an office")
        page.goto(world.stack.host("admin-01") + "/nowhere")
        inspector.look("not found")


@pytest.mark.full("tests/boards/test_concerning.py::test_every_page_of_an_account_has_the_same_ways")
def test_on_a_telephone_the_menu_of_an_office_opens_by_keyboard_and_without_scripts(world: World) -> None:
    inspector = Inspector(world, world.window(b.NARROW, LONGEST), LONGEST)
    b.sign_in(inspector.page, world.stack, "mons-quevy-ref", "/files/")
    inspector.page.click(".places-open")
    inspector.look("menu of an office")
    inspector.walk("menu of an office")
    assert not inspector.faults, "\n".join(inspector.faults)

    context = world.browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    world.keep(context)
    page = context.new_page()
    b.sign_in(page, world.stack, "mons-quevy-ref", "/files/")
    expect(page.locator("#sign-out")).to_be_hidden()
    tab_to(page, ".places-open")
    page.keyboard.press("Enter")
    tab_to(page, "#sign-out")
    page.keyboard.press("Escape")
    expect(page.locator("#sign-out")).to_be_hidden()
    expect(page.locator(".places-open")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "#places a[href='/kits/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kits/")


@in_every_language_and_size()
def test_the_desk_and_its_dialogs(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, "hainaut-12")
        expect(page.locator("#shift-start")).to_be_visible()
        inspector.look("shift start")
        inspector.walk("shift start")
        b.hear_bell(page)
        inspector.look("empty desk")
        phone = world.phone()
        alarm = phone.press()
        desk = Desk(world, page, "hainaut-12")
        desk.choose(alarm)
        inspector.look("new alarm")
        desk.press_armed("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        inspector.look("taken alarm")
        inspector.walk("taken alarm")
        world.write_down(alarm, ZoneConfirmed("hainaut-12", "5324", "Insp. 21"))
        expect(page.locator("#act-team")).to_be_visible()
        look_at_dialogs(inspector, {"t": "#team-dialog", "a": "#sure-dialog"})
        world.arrive(alarm)
        expect(page.locator("#missing")).to_be_visible()
        look_at_dialogs(inspector, DIALOGS)
        look_at_trouble(inspector, desk, alarm)
        phone.press(trigger=Trigger.DURESS)
        expect(page.locator("#call-back .not-now")).to_be_attached()
        inspector.look("under duress")
        for at_hand in inspector.in_the_other_languages([page.url]):
            page.reload()
            b.unblock_sound(page)
            b.expect_live(page)
            desk.choose(alarm)
            inspector.look(f"alarm in {at_hand}")


@in_every_language_and_size()
def test_pages_beside_the_desk(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        host = world.stack.host("hainaut-chef")
        alarm = world.phone().press()
        world.until(lambda: world.state(alarm).lead.route, "routed")
        b.sign_in(page, world.stack, "hainaut-chef", "/desk/overview")
        expect(page.locator("#overview-list li")).to_have_count(1)
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
        inspector.look("overview")
        inspector.walk("overview")
        page.goto(f"{host}/desk/wall")
        expect(page.locator("#wall-list li")).to_have_count(1)
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
        inspector.look("wall")
        page.goto(f"{host}/desk/alarms/{alarm}/ladder")
        inspector.look("ladder of an alarm")
        page.goto(f"{host}/desk/ladder")
        inspector.look("deadlines")
        inspector.walk("deadlines")
        page.fill("[name='acknowledged.louder']", "0")
        page.click("#ladder-save")
        expect(page.locator("#wrong-acknowledged")).to_be_visible()
        expect(page.locator("#form-error")).to_be_focused()
        page.locator("#form-error a").first.click()
        expect(page.locator("[name='acknowledged.louder']")).to_be_focused()
        inspector.look("deadlines refused")


def look_at_trouble(inspector: Inspector, desk: Desk, alarm: str) -> None:
    """A team in danger while the alarm is to be handed over."""
    desk.world.write_down(
        alarm, HelpNeeded(by="M 12"), HandoverOffered(user="hainaut-07", centre="LIE"), REPORT
    )
    expect(desk("#help-needed")).to_be_visible()
    expect(desk("#lead")).to_be_visible()
    expect(desk("#report")).to_be_visible()
    inspector.look("team in danger, handover")


def look_at_dialogs(inspector: Inspector, dialogs: dict[str, str]) -> None:
    """Open each by its key, and leave it again."""
    for key, dialog in dialogs.items():
        # The walk before may have left the page for the browser's own buttons.
        inspector.page.locator("#alarm-list button").focus()
        press_armed(inspector.page, key)
        expect(inspector.page.locator(dialog)).to_be_visible()
        inspector.look(dialog)
        inspector.walk(dialog)
        inspector.page.keyboard.press("Escape")
        expect(inspector.page.locator(dialog)).to_be_hidden()
