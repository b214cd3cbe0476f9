"""The pictures of a zone with an alarm, of the team's phone, and of waking both, for `tools.screenshots`."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from playwright.sync_api import Page, expect

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    AlarmRouted,
    Route,
    TeamNamed,
    TeamUnderWay,
    ZoneConfirmed,
)
from tests.support import browser as b
from tools.screenshots_camera import HAND
from tools.screenshots_studio import Shot, Studio

OFFICER, MAGISTRATE, OTHER = "mons-quevy-21", "parquet-mons-01", "5330"
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
    """The zone's page with an alarm, the one-time link, and the page that it opens."""
    with studio.window() as zone:
        studio.enter(zone, OFFICER, "/zone/", "fr")
        alarm = studio.phone(0).press()
        card = zone.locator(f"#card-{alarm}")
        expect(card).to_be_visible()
        studio.write_down(alarm, AlarmAcknowledged("hainaut-12"))
        expect(card.locator("input[name=reference]")).to_be_visible()
        studio.shoot(zone, "zone-alarm", "An alarm on the zone's page: who is informed? (French)", whole=True)
        studio.sheet(zone, "zone-alarm", lambda: b.unblock_sound(zone))
        _open_call_back(zone, alarm)
        studio.shoot(zone, "zone-call-back", "How the person is rung back (French)")
        studio.sheet(zone, "zone-call-back", lambda: _open_call_back(zone, alarm))
        zone.keyboard.press("Escape")
        studio.write_down(alarm, *TEAM)
        code = _open_link(zone, alarm)
        studio.shoot(zone, "team-link", "A link for one alarm and one phone (French)")
        zone.keyboard.press("Escape")
        _shoot_phone(studio, alarm, code)
        expect(card.locator("form[action$=under-way]")).to_have_count(0)
        studio.shoot(zone, "zone-under-way", "The zone follows its team (French)", whole=True)
        studio.sheet(zone, "zone-under-way", lambda: b.unblock_sound(zone))
        card.locator("a[href*=timeline]").click()
        expect(zone.locator(".timeline li").first).to_be_visible()
        studio.shoot(zone, "zone-timeline", "One alarm, one timeline, for the zone too (French)", whole=True)
        studio.sheet(zone, "zone-timeline")
        _shoot_afterwards(studio, zone, alarm)
    studio.clear()


def _open_call_back(zone: Page, alarm: str) -> None:
    b.unblock_sound(zone)
    zone.locator(f"#card-{alarm} [data-call-back] button:enabled").click()
    expect(zone.locator("#call-back")).to_be_visible()


def _open_link(zone: Page, alarm: str) -> str:
    zone.locator(f"#card-{alarm} form[action$='/link'] button:enabled").click()
    expect(zone.locator("#link-dialog .qr svg path").last).to_be_visible()
    return zone.locator("#team-code").inner_text()


def _shoot_phone(studio: Studio, alarm: str, code: str) -> None:
    with studio.window() as page:
        _to_code(studio, page, "fr")
        studio.shoot(page, "team-code", "Where a team types its code (French)")
        studio.sheet(page, "team-code", windows=HAND)
        _open_team(page, code)
        studio.shoot(page, "team", "The team's page: weapons first (French)", whole=True)
        studio.sheet(page, "team", lambda: _is_ready(page), HAND)
        studio.write_down(alarm, TeamUnderWay(by="Mons 12"))
        expect(page.locator("[data-tap=under-way]")).to_be_hidden()
        studio.shoot(page, "team-under-way", "What a team says next, and undoing it (French)", whole=True)
        studio.sheet(page, "team-under-way", lambda: _is_ready(page), HAND)


def _shoot_afterwards(studio: Studio, zone: Page, alarm: str) -> None:
    """A report that is due and what the managing zone does afterwards."""
    studio.write_down(alarm, AlarmClosed("hainaut-12", "perpetrator-gone", "Il était parti."))
    zone.goto(studio.stack.host(OFFICER) + "/zone/")
    b.unblock_sound(zone)
    expect(zone.locator("#follow-ups")).to_be_visible()
    studio.shoot(zone, "zone-afterwards", "A report that is due, and what follows (French)", whole=True)
    studio.sheet(zone, "zone-afterwards", lambda: b.unblock_sound(zone))


def shoot_two_zones(studio: Studio) -> None:
    """An officer of two zones: an alarm in the one that is not chosen."""
    with _of_two_zones(studio), studio.window() as zone:
        studio.enter(zone, OFFICER, "/zone/", "fr")
        alarm = studio.phone(0).press()
        moved = Route(zone=OTHER, centre="HAI", managing_zone="5324", basis="position")
        studio.write_down(alarm, ZoneConfirmed(user=OFFICER, zone="5324", reference="Insp. 21"))
        studio.write_down(alarm, AlarmRouted(route=moved))
        expect(zone.locator(f"#elsewhere-{OTHER}-{alarm}")).to_be_visible()
        studio.shoot(zone, "zone-two", "An officer of two zones: the other one must act (French)", whole=True)
        studio.sheet(zone, "zone-two", lambda: b.unblock_sound(zone))
    studio.clear()


@contextmanager
def _of_two_zones(studio: Studio) -> Iterator[None]:
    """The officer of Mons works for Charleroi too, for this picture alone."""
    told = "SELECT id, 'zone-officer', ? FROM access_user WHERE name = ?"
    with closing(sqlite3.connect(studio.stack.config.app_db, timeout=15)) as app, app:
        app.execute(f"INSERT INTO access_membership (user_id, role, place) {told}", (OTHER, OFFICER))
    try:
        yield
    finally:
        with closing(sqlite3.connect(studio.stack.config.app_db, timeout=15)) as app, app:
            app.execute("DELETE FROM access_membership WHERE place = ?", (OTHER,))


def _to_code(studio: Studio, page: Page, language: str) -> None:
    host = studio.stack.host("m12")
    page.context.add_cookies([{"name": b.LANGUAGE_COOKIE, "value": language, "url": host}])
    page.goto(f"{host}/team/")
    expect(page.locator("#code")).to_be_visible()


def _open_team(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("#code-submit")
    _is_ready(page)


def _is_ready(page: Page) -> None:
    expect(page.locator("#weapons")).to_be_visible()
    expect(page.locator("body[data-ready]")).to_have_count(1)


def shoot_waking(studio: Studio) -> None:
    """A zone's and a team's page that ask to be woken: what the button says before, after, and where it cannot be."""
    alarm = studio.phone(0).press()
    studio.write_down(alarm, AlarmAcknowledged("hainaut-12"), *TEAM)
    with studio.window() as zone:
        _prepare_waking(studio, zone, "zone")
        studio.enter(zone, OFFICER, "/zone/", "nl")
        _shoot_waking(studio, zone, "zone-waking", "A zone's page", "Dutch")
        zone.locator(f"#card-{alarm} form[action$='/link'] button").click()
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


def shoot_bell_and_strip(studio: Studio) -> None:
    """What fills the zone's screen before its bell was heard, and an open alarm on a magistrate's page."""
    with studio.window() as zone, studio.window() as office:
        studio.enter(office, MAGISTRATE, "/files/", "fr")
        studio.phone(0).press()
        expect(office.locator("#alarm-strip p")).to_have_count(1)
        studio.shoot(office, "open-alarm-strip", "An open alarm on a magistrate's page (French)")
        studio.sheet(
            office, "open-alarm-strip", lambda: expect(office.locator("#alarm-strip p")).to_have_count(1)
        )
        studio.enter(zone, OFFICER, "/account", "nl")
        zone.goto(studio.stack.host(OFFICER) + "/zone/")
        expect(zone.locator("#sound-later")).to_be_visible()
        studio.shoot(
            zone, "zone-bell", "The zone's bell is heard before a shift; an alarm comes first (Dutch)"
        )
        studio.sheet(zone, "zone-bell", lambda: expect(zone.locator("#sound-later")).to_be_visible())
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


SHOTS: tuple[Shot, ...] = (shoot_team_page, shoot_two_zones, shoot_waking, shoot_bell_and_strip)
