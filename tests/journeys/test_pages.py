"""Every page in four languages and two sizes: accessible, translated, quiet in the console, usable by keyboard."""

from playwright.sync_api import expect

from egide.alarm.events import HandoverOffered, HelpNeeded, TeamReported
from tests.journeys.conftest import Desk, World, press_armed
from tests.journeys.inspecting import Inspector, Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b

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
        page.goto(world.stack.host("admin-01") + "/nowhere")
        inspector.look("not found")


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
        alarm = world.phone().press()
        desk = Desk(world, page, "hainaut-12")
        desk.choose(alarm)
        inspector.look("new alarm")
        desk.press_armed("Space")
        expect(page.locator("#taken-by")).to_be_visible()
        inspector.look("taken alarm")
        inspector.walk("taken alarm")
        look_at_dialogs(inspector)
        look_at_trouble(inspector, desk, alarm)


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
        page.goto(f"{host}/desk/alarms/{alarm}/ladder")
        inspector.look("ladder of an alarm")
        page.goto(f"{host}/desk/ladder")
        inspector.look("deadlines")
        inspector.walk("deadlines")
        page.fill("[name='acknowledged.louder']", "0")
        page.click("#ladder-save")
        expect(page.locator("#wrong-acknowledged")).to_be_visible()
        inspector.look("deadlines refused")


def look_at_trouble(inspector: Inspector, desk: Desk, alarm: str) -> None:
    """A team in danger while the alarm is to be handed over."""
    desk.world.arrive(alarm)
    desk.world.write_down(
        alarm, HelpNeeded(by="M 12"), HandoverOffered(user="hainaut-07", centre="LIE"), REPORT
    )
    expect(desk("#help-needed")).to_be_visible()
    expect(desk("#lead")).to_be_visible()
    expect(desk("#report")).to_be_visible()
    inspector.look("team in danger, handover")


def look_at_dialogs(inspector: Inspector) -> None:
    keys = {"n": "note", "c": "close", "h": "offer", "e": "ladder", "?": "help"}
    for key, dialog in ((key, f"#{name}-dialog") for key, name in keys.items()):
        # What has only just appeared takes no key yet (safety rule 4).
        expect(inspector.page.locator("#act-close")).not_to_have_attribute("aria-disabled", "true")
        # The walk before may have left the page for the browser's own buttons.
        inspector.page.locator("#alarm-list button").focus()
        press_armed(inspector.page, key)
        expect(inspector.page.locator(dialog)).to_be_visible()
        inspector.look(dialog)
        inspector.walk(dialog)
        inspector.page.keyboard.press("Escape")
        expect(inspector.page.locator(dialog)).to_be_hidden()
