"""The pictures of the phone's web app, for `tools.screenshots`; the real app against the real installation."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from playwright.sync_api import Page, expect

from egide.entrypoints.stack import Stack
from egide.events.alarm import AlarmAcknowledged, AlarmClosed, TextAsked
from egide.events.base import Event
from tests.support.phones import issue_kit

MONS = 0
PIN, DURESS = "2468", "1357"
HOLD_MS = 2300
MAIN_PAGES = ("phone-app-position", "phone-app-home", "phone-app-decoy", "phone-app-alarm")


class Studio(Protocol):
    """What these need of the studio."""

    @property
    def stack(self) -> Stack: ...
    def window(self, locale: str | None = None) -> AbstractContextManager[Page]: ...
    def shoot(self, page: Page, name: str, caption: str, whole: bool = False) -> None: ...
    def write_down(self, alarm: str, *events: Event) -> None: ...


def offered_code(stack: Stack) -> str:
    """A fresh kit and its officer's code."""
    person = stack.demo["kits"][MONS]
    return stack.offer_code(issue_kit(stack, person), person["case"])


def shoot_phone_app(studio: Studio) -> None:
    """Setting up, the decoy, what lies behind it, and an alarm: all in English, the main pages in every language."""
    _shoot_all(studio, "en")
    for language in ("fr", "nl", "de"):
        _shoot_all(_MainPages(studio, language), language)


class _MainPages:
    """A studio that photographs only what she sees most, and says in which language."""

    def __init__(self, studio: Studio, language: str) -> None:
        self._studio = studio
        self._language = language

    @property
    def stack(self) -> Stack:
        return self._studio.stack

    def window(self, locale: str | None = None) -> AbstractContextManager[Page]:
        return self._studio.window(locale)

    def shoot(self, page: Page, name: str, caption: str, whole: bool = False) -> None:
        if name in MAIN_PAGES:
            self._studio.shoot(page, f"{name}-{self._language}", f"{caption} ({self._language})", whole)

    def write_down(self, alarm: str, *events: Event) -> None:
        self._studio.write_down(alarm, *events)


def _shoot_all(studio: Studio, language: str) -> None:
    with studio.window(f"{language}-BE") as page:
        home = f"http://localhost:{studio.stack.ports['web']}"
        place = studio.stack.demo["kits"][MONS]
        page.context.grant_permissions(["geolocation"], origin=home)
        page.context.set_geolocation(
            {"latitude": float(place["lat"]), "longitude": float(place["lon"]), "accuracy": 12}
        )
        code = offered_code(studio.stack)
        page.goto(f"{home}/app/#c={code}")
        expect(page.locator("#code")).to_be_visible()
        page.locator("#code").fill("7K2M-QX4T-9D")
        studio.shoot(page, "phone-app-code", "The phone's app: the officer's code")
        page.locator("#code").fill(code)
        _set_up(studio, page)
        _at_rest(studio, page)
        _in_alarm(studio, page)


def _set_up(studio: Studio, page: Page) -> None:
    page.locator("#enrol-next").click()
    page.locator("#pin").fill(PIN)
    page.locator("#duress-pin").fill(DURESS)
    studio.shoot(page, "phone-app-codes", "Two codes: her own, and one for when somebody forces her")
    page.locator("#pin-next").click()
    expect(page.locator("[data-shows=place]")).to_be_visible()
    studio.shoot(page, "phone-app-position", "Each permission with its reason")
    page.locator("#allow").click()
    expect(page.locator("[data-shows=microphone]")).to_be_visible()
    page.locator("#deny").click()
    studio.shoot(page, "phone-app-button", "Linking the button, step by step")
    page.locator("#deny").click()
    page.locator("#send-test").click()
    expect(page.locator("#first-test[data-received=true]")).to_be_visible()
    studio.shoot(page, "phone-app-done", "The first test, seen on both screens")
    page.locator("#done").click()


def _at_rest(studio: Studio, page: Page) -> None:
    expect(page.locator("#honest[data-honest=through]")).to_be_visible()
    studio.shoot(page, "phone-app-home", "Behind the decoy: would an alarm get through now?", whole=True)
    page.locator("#settings").click()
    studio.shoot(page, "phone-app-settings", "What is hers to choose", whole=True)
    page.locator("#settings-back").click()
    page.locator("#test-start").click()
    studio.shoot(page, "phone-app-test", "An armed test: one press, two minutes", whole=True)
    page.locator("#test-stop").click()
    page.locator("#quit").click()
    studio.shoot(page, "phone-app-decoy", "The first page; held anywhere, it is an alarm")


def _in_alarm(studio: Studio, page: Page) -> None:
    page.mouse.move(180, 500)
    page.mouse.down()
    page.wait_for_timeout(HOLD_MS)
    page.mouse.up()
    page.locator("#decoy h1").click(click_count=3)
    studio.shoot(page, "phone-app-pad", "Everything behind the decoy needs the code")
    page.locator("#pad").fill(PIN)
    page.locator("#pad-enter").click()
    expect(page.locator("#alarm-panel[data-state=received]")).to_be_visible()
    (alarm,) = studio.stack.journal().open_alarms()
    studio.write_down(alarm, AlarmAcknowledged("hainaut-12"), TextAsked("hainaut-12", "weapon"))
    expect(page.locator("#question")).to_be_visible()
    studio.shoot(
        page, "phone-app-alarm", "An alarm that an operator has seen, and a silent question", whole=True
    )
    studio.write_down(alarm, AlarmClosed("hainaut-12", "test", "photographed"))


SHOTS: tuple[Callable[[Studio], None], ...] = (shoot_phone_app,)
