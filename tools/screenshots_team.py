"""The pictures of a zone with an alarm and of the team's phone, for `tools.screenshots`."""

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import expect

from egide.events.alarm import AlarmAcknowledged, TeamNamed, TeamUnderWay, ZoneConfirmed
from egide.events.base import Event
from tests.support.phones import HttpPhone
from tools import screenshots_kits
from tools.screenshots_kits import enter

OFFICER = "mons-quevy-21"
LANGUAGES = {"fr": "French", "nl": "Dutch", "de": "German", "en": "English"}


class Studio(screenshots_kits.Studio, Protocol):
    """What these pictures need beside the others."""

    def phone(self, number: int) -> HttpPhone: ...
    def write_down(self, alarm: str, *events: Event) -> None: ...
    def keep_board(self, name: str) -> None: ...
    def clear(self) -> None: ...


def shoot_team_page(studio: Studio) -> None:
    """The zone's page with an alarm, the one-time link, and the page that it opens, in four languages."""
    studio.keep_board("hainaut-12")
    with studio.window() as zone:
        enter(studio, zone, OFFICER, "/zone/", "fr")
        alarm = studio.phone(0).press()
        card = zone.locator(f"#card-{alarm}")
        expect(card).to_be_visible()
        studio.write_down(alarm, AlarmAcknowledged("hainaut-12"))
        expect(card.locator("input[name=reference]")).to_be_visible()
        studio.shoot(zone, "zone-alarm", "An alarm on the zone's page: who is informed? (French)", whole=True)
        studio.write_down(
            alarm,
            ZoneConfirmed(user=OFFICER, zone="5324", reference="Insp. 21"),
            TeamNamed(user=OFFICER, zone="5324", call_sign="Mons 12", telephone="0470 00 00 12"),
        )
        for language, name in LANGUAGES.items():
            button = card.locator("form[data-link] button")
            expect(button).to_be_enabled()
            button.click()
            code = zone.locator("#team-code").inner_text()
            if language == "fr":
                studio.shoot(zone, "team-link", "A link for one alarm and one phone (French)")
            zone.keyboard.press("Escape")
            _shoot_phone(studio, code, language, name)
        studio.write_down(alarm, TeamUnderWay(by="Mons 12"))
        expect(card).to_contain_text("Mons 12")
        studio.shoot(zone, "zone-under-way", "The zone follows its team (French)", whole=True)
    studio.clear()


def _shoot_phone(studio: Studio, code: str, language: str, name: str) -> None:
    host = studio.stack.host("m12")
    with studio.window() as page:
        page.context.add_cookies([{"name": "egide_language", "value": language, "url": host}])
        page.goto(f"{host}/team/")
        if language == "fr":
            studio.shoot(page, "team-code", "Where a team types its code (French)")
        page.fill("#code", code)
        page.click("#code-submit")
        expect(page.locator("#weapons")).to_be_visible()
        expect(page.locator("#help")).to_be_enabled()
        studio.shoot(page, f"team-{language}", f"The team's page: weapons first ({name})", whole=True)


SHOTS: tuple[Callable[[Studio], None], ...] = (shoot_team_page,)
