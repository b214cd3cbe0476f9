"""An officer sets how long she must hold, on a telephone; her web app takes it with its next reply, and holds to it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import PressReceived
from egide.fleet.supervision.rules import URGENT
from egide.protocol.settings import settings_of
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import Inspector, inspecting, tab_to
from tests.journeys.phone_app import PhoneApp
from tests.support import browser as b

OFFICER = "mons-quevy-21"
SMALL = {"width": 360, "height": 740}
KIT = """
SELECT w.kit, k.case_id FROM watched w JOIN kit k ON k.kit = w.kit WHERE w.level = ? AND k.managing_zone = ?
AND NOT EXISTS (SELECT 1 FROM alarm a WHERE a.key = k.case_id) ORDER BY w.since_us DESC
"""

NEWEST = (
    "SELECT d.device FROM device d JOIN phone p USING (device) WHERE d.kit = ? ORDER BY p.enrolled_seq DESC"
)
TAKEN = """
SELECT s.settings FROM settings_taken t JOIN kit_settings s ON s.version = t.version
WHERE s.kit = ? AND t.device = ?
"""


class NewPhone(PhoneApp):
    """The web app on a kit that had another phone before."""

    @property
    def device(self) -> str:
        return str(self.world.journal.connection.execute(NEWEST, (self.kit,)).fetchone()[0])


@contextmanager
def officer(world: World, kit: str) -> Iterator[Inspector]:
    """The settings on the kit's page, on the smallest telephone, in Dutch."""
    with inspecting(world, "nl", (SMALL,)) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, f"/kits/{kit}/")
        page.wait_for_url(f"**/kits/{kit}/")
        open_settings(page)
        yield inspector


def open_settings(page: Page) -> None:
    """By the keyboard alone, as what follows; open already where the phone has yet to take something."""
    tab_to(page, "#phone-settings > summary")
    if page.locator("#phone-settings").get_attribute("open") is None:
        page.keyboard.press("Enter")
    expect(page.locator("#set-hold_ms")).to_be_visible()


def set_hold(page: Page, seconds: str) -> None:
    tab_to(page, "#set-hold_ms")
    page.keyboard.press("Control+A")
    page.keyboard.type(seconds)
    page.keyboard.press("Enter")
    expect(page.locator(".messages .success")).to_be_visible()


@pytest.mark.full(
    "tests/fleet/test_phone_settings.py",
    "tests/attacks/test_settings_from_somebody_else.py",
    "phone/tests/kit_settings.test.ts",
)
def test_the_hold_time_of_the_zones_page_decides_on_her_phone(world: World) -> None:
    kit, case = world.journal.connection.execute(KIT, (URGENT, "5324")).fetchone()
    person = {**world.person(MONS), "kit": kit, "case": case}
    app = NewPhone(world, person=person, code=world.stack.offer_code(kit, case)).enrol()
    with officer(world, kit) as inspector:
        page = inspector.page
        inspector.look("settings of phone and button")
        set_hold(page, "5")
        expect(page.locator("#settings-taken b")).to_be_visible()
        assert violations(page) == []
        inspector.look("settings set")
        taken(app, page, 5000)
        inspector.look("settings taken")
        app.to_decoy()
        # Longer than what it was issued with, and too short now.
        app.hold(for_ms=3500)
        app.unlock()
        expect(app.page.locator("#honest")).to_be_visible()
        set_hold(page, "1")
        taken(app, page, 1000)
    assert app.alarms() == []
    app.to_decoy()
    app.hold(for_ms=1300)
    app.alarm()
    assert len(app.events(PressReceived)) == 1


def taken(app: PhoneApp, page: Page, hold_ms: int) -> None:
    """Her app says something, as it does every few minutes, and the officer's page shows that it has what was set."""
    app.page.evaluate("void dispatchEvent(new Event('online'))")
    # Not what it took before: what was set now may still be on its way to the phones.
    app.until(lambda: hold_taken_ms(app) == hold_ms, "her phone takes it")
    page.reload()
    open_settings(page)
    expect(page.locator("#settings-taken")).to_be_visible()
    expect(page.locator("#settings-taken b")).to_have_count(0)


def hold_taken_ms(app: PhoneApp) -> int | None:
    """How long she must hold by the settings that her phone said it has; None before it said so."""
    found = app.world.journal.connection.execute(TAKEN, (app.kit, app.device)).fetchone()
    settings = settings_of(found[0]) if found else None
    return settings.hold_ms if settings else None
