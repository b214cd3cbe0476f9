"""Anyone who takes her phone finds a small app that works: after lost storage, under a threat, without a network.

And each of those small apps is used without an alarm, and held for one (safety rules 8, 18, 19, 46).
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import PressReceived
from tests.journeys.conftest import World
from tests.journeys.phone_app import DURESS, HIDDEN, QUICK, PhoneApp

OTHERS = ("calendar", "converter", "timer")
IN_THE_OTHERS = "tests/journeys/test_attack_decoy.py::test_the_other_small_apps_work_and_tell_nothing"
DECOYS = (
    "notes",
    *(
        pytest.param(
            decoy,
            marks=pytest.mark.full(IN_THE_OTHERS, "phone/tests/hold.test.ts", "phone/tests/decoys.test.ts"),
        )
        for decoy in OTHERS
    ),
)
TELLING = re.compile(
    r"alarm|polic|polit|poliz|egide|(?<!\d)112(?!\d)|protect|officier|bouton|danger", re.IGNORECASE
)
# Every word on the page, in its fields, its title and its attributes.
WORDS = """() => [document.title, document.body.outerHTML,
  ...[...document.querySelectorAll("input, textarea")].map((at) => at.value)].join("\\n")"""
CLEARED = """async () => {
  localStorage.clear();
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
  for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
}"""


def says_nothing(page: Page) -> None:
    words = page.evaluate(WORDS)
    assert TELLING.findall(words) == []


def with_decoy(world: World, decoy: str) -> PhoneApp:
    """An enrolled phone that shows that first page."""
    phone = PhoneApp(world).enrol()
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    show(phone, decoy)
    return phone


def show(phone: PhoneApp, decoy: str) -> None:
    """From her own page to that first page, which she chooses."""
    phone.page.locator("#settings").click()
    phone.page.locator("#decoy-choice").select_option(decoy)
    expect(phone.page.locator("link[rel=icon]")).to_have_attribute("href", f"./{decoy}.svg")
    phone.to_decoy()
    expect(phone.page.locator("#decoy .body > *").first).to_be_visible()


@pytest.mark.parametrize("decoy", DECOYS)
def test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost(
    world: World, decoy: str
) -> None:
    """One phone for all three: to set it up takes longer than each of them."""
    phone = with_decoy(world, decoy)
    it_works_without_a_network_and_using_it_raises_no_alarm(phone, decoy)
    phone.to_decoy()
    it_is_held_by_a_finger_that_trembles_and_nothing_on_it_changes(phone, decoy)
    it_shows_what_its_icon_shows_and_asks_for_nothing_when_its_storage_is_lost(phone)


def it_shows_what_its_icon_shows_and_asks_for_nothing_when_its_storage_is_lost(phone: PhoneApp) -> None:
    page = phone.page
    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((r) => r.json())")
    start, name = manifest["start_url"], manifest["name"]
    assert [
        icon["src"]
        for icon in manifest["icons"]
        if not page.evaluate("(src) => fetch(src).then((reply) => reply.ok)", icon["src"])
    ] == []
    page.evaluate(CLEARED)
    page.goto("about:blank")
    page.goto(phone.address() + start.removeprefix("./"))
    expect(page.locator("#decoy h1")).to_have_text(name)
    expect(page).to_have_title(name)
    expect(page.locator("#decoy .body > *").first).to_be_visible()
    says_nothing(page)
    assert "?" not in page.url
    # Even who knows the way in finds a page that asks for a code, of whatever; and back.
    page.locator("#decoy h1").click(click_count=3)
    expect(page.locator("#code")).to_have_value("")
    says_nothing(page)
    page.locator("#code").fill("1234")
    page.locator("#enrol-next").click()
    expect(page.locator("#enrol-fault")).to_contain_text("inconnu")
    says_nothing(page)
    page.locator("#enrol-back").click()
    expect(page.locator("#decoy h1")).to_have_text(name)


@pytest.mark.full(
    "tests/journeys/test_attack_decoy.py::test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost",
)
def test_a_visitor_without_a_link_from_the_police_finds_notes_and_the_typed_code_still_sets_up(
    world: World,
) -> None:
    phone = PhoneApp(world)
    page = phone.page
    page.goto(phone.address())
    expect(page.locator("#decoy h1")).to_have_text("Notes")
    says_nothing(page)
    phone.hold()
    page.locator("#decoy h1").click(click_count=3)
    page.locator("#code").fill(phone.code.lower())
    page.locator("#enrol-next").click()
    expect(page.locator("#duress-pin")).to_be_visible()


@pytest.mark.parametrize("decoy", DECOYS)
def test_a_code_under_threat_opens_a_note_and_nothing_that_is_hers(world: World, decoy: str) -> None:
    phone = with_decoy(world, decoy)
    page = phone.page
    phone.unlock(DURESS)
    note = page.locator("#private-note")
    expect(note).to_be_visible()
    says_nothing(page)
    assert world.state(phone.alarm()).press.duress
    note.fill("Anniversaire de Zoé")
    page.locator("#private-close").click()
    expect(page.locator("#decoy")).to_be_visible()
    phone.unlock(DURESS)
    expect(note).to_have_value("Anniversaire de Zoé")
    page.evaluate(HIDDEN)
    expect(page.locator("#decoy")).to_be_visible()


# -- they live ---------------------------------------------------------------------------------------------------


def use_notes(page: Page) -> None:
    page.locator("#note-new").click()
    # More than the hold time in a field, key after key.
    page.locator("#note").press_sequentially("Appeler le dentiste demain ", delay=60)
    page.locator("#note-back").click()
    expect(page.locator(".rows")).to_contain_text("Appeler le dentiste demain")


def use_timer(page: Page) -> None:
    page.get_by_role("button", name="3 min", exact=True).click()
    page.get_by_role("button", name="Une minute de moins").click()
    page.locator("#timer-go").click()
    expect(page.locator("#timer-left")).to_have_text(re.compile("01:5."))
    page.evaluate("Date.now = ((now) => () => now.call(Date) + 120_000)(Date.now)")
    expect(page.locator("#timer-over")).to_have_text("C’est l’heure")


def use_converter(page: Page) -> None:
    page.locator("#kind-temperature").click()
    page.locator("#value").fill("36,6")
    expect(page.locator("#result")).to_have_text("97,88 °F")
    page.locator("#swap").click()
    page.locator("#value").fill("212")
    expect(page.locator("#result")).to_have_text("100 °C")


def use_calendar(page: Page) -> None:
    page.locator("#month-after").click()
    page.locator(".day", has_text=re.compile("^15$")).click()
    page.locator("#entry").fill("Coiffeur")
    page.locator("#entry-add").click()
    expect(page.locator(".rows")).to_contain_text("Coiffeur")


USES: dict[str, Callable[[Page], None]] = {
    "notes": use_notes,
    "timer": use_timer,
    "converter": use_converter,
    "calendar": use_calendar,
}
KEPT = {"notes": "dentiste", "timer": "02:00", "converter": "212", "calendar": "Coiffeur"}


def it_works_without_a_network_and_using_it_raises_no_alarm(phone: PhoneApp, decoy: str) -> None:
    page = phone.page
    phone.context.set_offline(True)
    page.reload()
    expect(page.locator("#decoy .body > *").first).to_be_visible()
    USES[decoy](page)
    says_nothing(page)
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert TELLING.findall(stored) == []
    page.reload()
    if decoy == "timer":
        page.locator("#timer-reset").click()
    if decoy == "calendar":
        page.locator("#month-after").click()
        page.locator(".day", has_text=re.compile("^15$")).click()
    expect(page.locator("#decoy .body > *").first).to_be_visible()
    assert KEPT[decoy] in page.evaluate(WORDS)
    phone.context.set_offline(False)
    phone.unlock()
    phone.test()
    assert phone.alarms() == []


def test_the_other_small_apps_work_and_tell_nothing(world: World) -> None:
    """One phone shows one after the other; the code under threat opens the note behind the last one."""
    phone = PhoneApp(world).enrol()
    page = phone.page
    for decoy in OTHERS:
        show(phone, decoy)
        says_nothing(page)
        USES[decoy](page)
        says_nothing(page)
        phone.unlock()
        expect(page.locator("#honest")).to_be_visible()
    assert TELLING.findall(page.evaluate("JSON.stringify(localStorage)")) == []
    assert phone.alarms() == []
    phone.to_decoy()
    phone.unlock(DURESS)
    expect(page.locator("#private-note")).to_be_visible()
    says_nothing(page)
    assert world.state(phone.alarm()).press.duress


class Finger:
    """One finger as the platform tells of it, so that it moves pages and chooses words."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self.at = (0.0, 0.0)

    def _tell(self, kind: str, *points: tuple[float, float]) -> None:
        told: list[dict[str, Any]] = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    def down(self, x: float, y: float) -> None:
        self.at = (x, y)
        self._tell("touchStart", self.at)

    def slide(self, by_y: float) -> None:
        x, y = self.at
        for part in (0.25, 0.5, 0.75, 1.0):
            self._tell("touchMove", (x, y + by_y * part))
        self.at = (x, y + by_y)

    def up(self) -> None:
        self._tell("touchEnd")


def it_is_held_by_a_finger_that_trembles_and_nothing_on_it_changes(phone: PhoneApp, decoy: str) -> None:
    page = phone.page
    if decoy == "notes":
        page.locator("#note-new").click()
    before = page.evaluate("document.querySelector('#decoy').innerText")
    held = page.locator("#note" if decoy == "notes" else "#decoy .body button").first
    box = held.bounding_box()
    assert box
    finger = Finger(page)
    finger.down(box["x"] + box["width"] / 2, box["y"] + min(box["height"], 60) / 2)
    finger.slide(30)
    phone.held(QUICK.hold_ms + 200)
    finger.up()
    phone.alarm()
    assert len(phone.events(PressReceived)) == 1
    assert page.evaluate("document.querySelector('#decoy').innerText") == before


@pytest.mark.full("phone/tests/hold.test.ts")
def test_a_finger_that_moves_a_long_page_or_chooses_words_is_no_alarm(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page = phone.page
    phone.to_decoy()
    page.locator("#note-new").click()
    page.locator("#note").fill("ligne\n" * 80)
    finger = Finger(page)
    finger.down(180, 700)
    finger.slide(-300)
    page.wait_for_function("() => scrollY > 100")
    phone.held(QUICK.hold_ms + 200)
    finger.up()
    page.mouse.move(60, 300)
    page.mouse.down()
    page.mouse.move(250, 420, steps=5)
    phone.held(QUICK.hold_ms + 200)
    page.mouse.up()
    phone.unlock()
    phone.test()
    assert phone.alarms() == []


@pytest.mark.full(
    "phone/tests/hold.test.ts",
    "tests/journeys/test_phone_pages.py::test_rule_33_everything_can_be_done_with_the_keyboard_alone",
)
def test_the_space_bar_holds_a_long_page_too_and_opens_a_choice_without_an_alarm(world: World) -> None:
    phone = with_decoy(world, "converter")
    page = phone.page
    page.locator("#from").focus()
    page.keyboard.down(" ")
    phone.held(QUICK.hold_ms + 200)
    page.keyboard.up(" ")
    page.keyboard.press("Escape")
    phone.unlock()
    phone.test()
    assert phone.alarms() == []
    phone.to_decoy()
    page.evaluate("document.querySelector('#decoy').style.minHeight = '400vh'")
    page.locator("#decoy h1").focus()
    page.keyboard.down(" ")
    page.wait_for_function("() => scrollY > 100")
    phone.held(QUICK.hold_ms + 200)
    page.keyboard.up(" ")
    phone.alarm()
