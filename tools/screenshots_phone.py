"""The pictures of the phone's web app, for `tools.screenshots`; the real app against the real installation."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmAcknowledged, TextAsked
from egide.entrypoints.stack.installation import Stack
from tests.support.phones import issue_kit
from tools.screenshots_camera import HAND, LANGUAGES
from tools.screenshots_studio import Shot, Studio

MONS = 0
PIN, DURESS = "2468", "1357"


@dataclass
class Telephone:
    """A window with the app: its pictures are in English, each sheet gets a row from every language."""

    studio: Studio
    page: Page
    language: str

    def shoot(self, name: str, caption: str, whole: bool = False) -> None:
        """The pictures and this language's row of the sheet."""
        if self.language == "en":
            self.studio.shoot(self.page, name, caption, whole)
        self.studio.sheets.add(self.page, name, HAND)


def offered_code(stack: Stack) -> str:
    """A fresh kit and its officer's code."""
    person = stack.demo["kits"][MONS]
    return stack.offer_code(issue_kit(stack, person), person["case"])


def shoot_phone_app(studio: Studio) -> None:
    """Setting up, the decoy, what lies behind it, and an alarm."""
    for language in sorted(LANGUAGES, key=lambda language: language != "en"):
        with studio.window(f"{language}-BE") as page:
            _shoot_all(Telephone(studio, page, language))


def _shoot_all(phone: Telephone) -> None:
    page, stack = phone.page, phone.studio.stack
    home = f"http://localhost:{stack.ports['web']}"
    place = stack.demo["kits"][MONS]
    page.context.grant_permissions(["geolocation"], origin=home)
    page.context.set_geolocation(
        {"latitude": float(place["lat"]), "longitude": float(place["lon"]), "accuracy": 12}
    )
    code = offered_code(stack)
    page.goto(f"{home}/app/")
    page.locator("#decoy h1").click(click_count=3)
    page.locator("#code").fill("7K2M-QX4T-9D")
    phone.shoot("phone-app-code", "The phone's app: the officer's code")
    page.locator("#code").fill(code)
    _set_up(phone)
    _at_rest(phone)
    _in_alarm(phone)


def _set_up(phone: Telephone) -> None:
    page = phone.page
    page.locator("#enrol-next").click()
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    phone.shoot("phone-app-codes", "Two codes: her own, and one for when somebody forces her")
    page.locator("#pin-next").click()
    expect(page.locator("[data-shows=place]")).to_be_visible()
    phone.shoot("phone-app-position", "Each permission with its reason")
    page.locator("#allow").click()
    expect(page.locator("[data-shows=microphone]")).to_be_visible()
    page.locator("#deny").click()
    expect(page.locator("#button-model")).to_be_visible()
    phone.shoot("phone-app-button", "Linking the button, step by step")
    page.locator("#deny").click()
    page.locator("#send-test").click()
    expect(page.locator("#first-test[data-received=true]")).to_be_visible()
    phone.shoot("phone-app-done", "The first test, seen on both screens")
    page.locator("#done").click()


def _at_rest(phone: Telephone) -> None:
    page = phone.page
    expect(page.locator("#honest[data-honest=screen]")).to_be_visible()
    phone.shoot("phone-app-home", "Behind the decoy: would an alarm get through now?", whole=True)
    page.locator("#settings").click()
    expect(page.locator("#decoy-choice")).to_be_visible()
    phone.shoot("phone-app-settings", "What is hers to choose", whole=True)
    page.locator("#settings-back").click()
    page.locator("#test-start").click()
    expect(page.locator("#test-stop")).to_be_visible()
    phone.shoot(
        "phone-app-test", "The armed test: this page is held, for one press, within two minutes", whole=True
    )
    page.locator("#test-stop").click()
    page.locator("#quit").click()
    expect(page.locator("#decoy")).to_be_visible()
    phone.shoot("phone-app-decoy", "The first page; held anywhere, it is an alarm")


def _in_alarm(phone: Telephone) -> None:
    studio, page = phone.studio, phone.page
    journal = studio.stack.journal()
    page.mouse.move(180, 500)
    page.mouse.down()
    # The decoy shows nothing of it.
    studio.wait_until(page, journal.open_alarms, "the press is in the journal")
    page.mouse.up()
    page.locator("#decoy h1").click(click_count=3)
    expect(page.locator("#pad")).to_be_visible()
    phone.shoot("phone-app-pad", "Everything behind the decoy needs the code")
    page.locator("#pad").fill(PIN)
    page.locator("#pad-enter").click()
    expect(page.locator("#alarm-panel[data-state=received]")).to_be_visible()
    (alarm,) = journal.open_alarms()
    studio.write_down(alarm, AlarmAcknowledged("hainaut-12"), TextAsked("hainaut-12", "weapon"))
    expect(page.locator("#alarm-panel[data-state=acknowledged]")).to_be_visible()
    expect(page.locator("#question")).to_be_visible()
    phone.shoot("phone-app-alarm", "An alarm that an operator has seen, and a silent question", whole=True)
    studio.clear()


SHOTS: tuple[Shot, ...] = (shoot_phone_app,)
