"""The pictures of a zone with an alarm, of the team's phone, and of waking both, for `tools.screenshots`."""

import json

from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmAcknowledged, TeamNamed, TeamUnderWay, ZoneConfirmed
from tests.support import browser as b
from tools.screenshots_studio import LANGUAGES, Shot, Studio

OFFICER = "mons-quevy-21"
TEAM = (
    ZoneConfirmed(user=OFFICER, zone="5324", reference="Insp. 21"),
    TeamNamed(user=OFFICER, zone="5324", call_sign="Mons 12", telephone="0470 00 00 12"),
)
# What a browser whose maker has a push service would answer (Push API, W3C); the one that takes the pictures has none.
SUBSCRIBES = """PushManager.prototype.subscribe = async () => ({
  toJSON: () => ({ endpoint: %(endpoint)s, keys: { p256dh: %(p256dh)s, auth: %(auth)s } }),
  unsubscribe: async () => true,
});"""


def shoot_team_page(studio: Studio) -> None:
    """The zone's page with an alarm, the one-time link, and the page that it opens, in four languages."""
    with studio.window() as zone:
        studio.enter(zone, OFFICER, "/zone/", "fr")
        alarm = studio.phone(0).press()
        card = zone.locator(f"#card-{alarm}")
        expect(card).to_be_visible()
        studio.write_down(alarm, AlarmAcknowledged("hainaut-12"))
        expect(card.locator("input[name=reference]")).to_be_visible()
        studio.shoot(zone, "zone-alarm", "An alarm on the zone's page: who is informed? (French)", whole=True)
        studio.write_down(alarm, *TEAM)
        for language, name in LANGUAGES.items():
            button = card.locator("form[data-link] button")
            expect(button).to_be_enabled()
            button.click()
            expect(zone.locator("#link-dialog .qr svg path").last).to_be_visible()
            code = zone.locator("#team-code").inner_text()
            if language == "fr":
                studio.shoot(zone, "team-link", "A link for one alarm and one phone (French)")
            zone.keyboard.press("Escape")
            _shoot_phone(studio, code, language, name)
        studio.write_down(alarm, TeamUnderWay(by="Mons 12"))
        expect(card.locator("form[action$=under-way]")).to_have_count(0)
        studio.shoot(zone, "zone-under-way", "The zone follows its team (French)", whole=True)
    studio.clear()


def _shoot_phone(studio: Studio, code: str, language: str, name: str) -> None:
    with studio.window() as page:
        _to_code(studio, page, language)
        if language == "fr":
            studio.shoot(page, "team-code", "Where a team types its code (French)")
        _open_team(page, code)
        studio.shoot(page, f"team-{language}", f"The team's page: weapons first ({name})", whole=True)


def _to_code(studio: Studio, page: Page, language: str) -> None:
    host = studio.stack.host("m12")
    page.context.add_cookies([{"name": b.LANGUAGE_COOKIE, "value": language, "url": host}])
    page.goto(f"{host}/team/")
    expect(page.locator("#code")).to_be_visible()


def _open_team(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("#code-submit")
    expect(page.locator("#weapons")).to_be_visible()
    expect(page.locator("#help")).to_be_enabled()


def shoot_waking(studio: Studio) -> None:
    """A zone's and a team's page that ask to be woken: what the button says before, after, and where it cannot be."""
    alarm = studio.phone(0).press()
    studio.write_down(alarm, AlarmAcknowledged("hainaut-12"), *TEAM)
    with studio.window() as zone:
        _prepare_waking(studio, zone, "zone")
        studio.enter(zone, OFFICER, "/zone/", "nl")
        _shoot_waking(studio, zone, "zone-waking", "A zone's page", "Dutch")
        zone.locator(f"#card-{alarm} form[data-link] button").click()
        code = zone.locator("#team-code").inner_text()
    with studio.window() as page:
        _prepare_waking(studio, page, "team")
        _to_code(studio, page, "fr")
        _open_team(page, code)
        _shoot_waking(studio, page, "team-waking", "A team's phone", "French")
    with studio.window() as zone:
        studio.enter(zone, OFFICER, "/zone/", "de")
        _wake(zone, "denied")
        caption = "Waking is not allowed by the browser: what to change (German)"
        studio.shoot(zone, "zone-waking-denied", caption, at=zone.locator("#waking"))
    studio.clear()


def _prepare_waking(studio: Studio, page: Page, name: str) -> None:
    page.context.grant_permissions(["notifications"])
    given = studio.push.browser(name).subscription
    page.add_init_script(SUBSCRIBES % {key: json.dumps(value) for key, value in given.items()})


def _shoot_waking(studio: Studio, page: Page, name: str, where: str, language: str) -> None:
    box = page.locator("#waking")
    expect(page.locator("#waking-state")).to_have_text(str(box.get_attribute("data-off")))
    studio.shoot(page, f"{name}-off", f"{where} that is not woken yet ({language})", at=box)
    _wake(page, "ready")
    studio.shoot(page, f"{name}-on", f"{where} that is woken when something happens ({language})", at=box)


def _wake(page: Page, then: str) -> None:
    page.locator("#wake-on").click()
    word = str(page.locator("#waking").get_attribute(f"data-{then}"))
    expect(page.locator("#waking-state")).to_have_text(word)


SHOTS: tuple[Shot, ...] = (shoot_team_page, shoot_waking)
