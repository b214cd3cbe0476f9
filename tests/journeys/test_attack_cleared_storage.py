"""Somebody clears the browser with her page: the zone is told, although the page can say nothing any more.

Everything is real but one thing: this Chromium has no push service of its maker. What the browser would get from it is
put in its place (`SUBSCRIBES`), and the service on this machine answers as such services do once storage is gone.
"""

import json

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import NoticeReceived
from egide.events.register import KitTroubleTold
from egide.fleet.supervision.rules import CLEARED, HIGHEST, SILENT, ZONE
from egide.protocol.link import PUSH, PUSH_OFF
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.journeys.phone_app import GRANTED, PhoneApp
from tests.support import browser as b
from tests.support.push_service import Browser as Subscriber
from tests.support.push_service import PushService

OFFICER = "mons-quevy-21"
KIT = """
SELECT w.kit, k.case_id FROM watched w JOIN kit k ON k.kit = w.kit WHERE w.level = ? AND k.managing_zone = ?
AND NOT EXISTS (SELECT 1 FROM trouble t WHERE t.kit = w.kit AND t.what <> ? AND t.ended_us IS NULL)
ORDER BY w.since_us DESC
"""
NEWEST = """
SELECT d.device FROM device d JOIN phone p ON p.device = d.device WHERE d.kit = ? ORDER BY p.enrolled_seq DESC
"""
# The browser's half of Web Push (Push API, W3C); it is part of the storage that is cleared.
SUBSCRIBES = """
  const given = %s;
  const made = () => ({
    endpoint: given.endpoint,
    unsubscribe: async () => { localStorage.removeItem("subscribed"); return true; },
  });
  PushManager.prototype.subscribe = async function (options) {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError("no key");
    localStorage.setItem("subscribed", "yes");
    return made();
  };
  PushManager.prototype.getSubscription = async () => localStorage.getItem("subscribed") === "yes" ? made() : null;
"""


@pytest.fixture
def push(world: World) -> PushService:
    assert world.push is not None
    return world.push


def page_of(world: World, subscriber: Subscriber, permissions: list[str]) -> PhoneApp:
    """The web app, not set up yet, on the phone of a kit of Mons that is out."""
    kit, case = world.journal.connection.execute(KIT, (HIGHEST, "5324", SILENT)).fetchone()
    person = {**world.person(MONS), "kit": kit, "case": case}
    code = world.stack.offer_code(kit, case)
    app = PhoneApp(world, person=person, code=code, browser=world.whole_browser(), permissions=permissions)
    app.context.add_init_script(SUBSCRIBES % json.dumps(subscriber.subscription))
    return app


def set_up(app: PhoneApp, answer: str) -> None:
    """To the end of setting up, with this answer to the question about a page that is lost."""
    app.enrol_up_to_button()
    app.page.locator("#deny").click()
    expect(app.page.locator("#when-lost")).to_contain_text("60")
    assert violations(app.page) == []
    app.page.locator(answer).click()
    expect(app.page.locator("#second-way")).to_be_visible()
    app.page.locator("#done").click()
    expect(app.page.locator("#honest")).to_be_visible()


def zone_list(world: World) -> Page:
    page = world.window(language="fr")
    b.sign_in(page, world.stack, OFFICER, "/kits/")
    return page


def notices(world: World, kit: str) -> list[bytes]:
    """What the page, the phone of the kit that enrolled last, said of itself."""
    [device] = world.journal.connection.execute(NEWEST, (kit,)).fetchone()
    rows = [row for row in world.journal.stream(f"device:{device}") if row.kind == "NoticeReceived"]
    return [event.body for row in rows if isinstance(event := world.journal.open_event(row), NoticeReceived)]


def told(world: World, kit: str) -> set[tuple[str, str]]:
    rows = [row for row in world.journal.stream(f"kit:{kit}") if row.kind == "KitTroubleTold"]
    events = [world.journal.open_event(row) for row in rows]
    return {(event.what, event.whom) for event in events if isinstance(event, KitTroubleTold)}


def test_the_zone_is_told_though_the_page_is_closed_and_nothing_was_ever_shown(
    world: World, push: PushService
) -> None:
    subscriber = push.browser("hers")
    app = page_of(world, subscriber, [*GRANTED, "notifications"])
    set_up(app, "#allow")
    app.until(
        lambda: f"{PUSH}{subscriber.endpoint}".encode() in notices(world, app.kit), "it says where to ask"
    )
    app.until(lambda: any(came.path == "/push/hers" for came in push.deliveries), "the push service is asked")
    shown = "navigator.serviceWorker.ready.then(async (r) => (await r.getNotifications()).length)"
    assert app.page.evaluate(shown) == 0
    page = zone_list(world)
    expect(page.locator(f"#page-{app.kit}")).to_contain_text("Sa mémoire était là")
    assert violations(page) == []
    # He clears the site's data; the browser gives the subscription up with it.
    session = app.context.new_cdp_session(app.page)
    origin = app.page.evaluate("location.origin")
    app.page.goto("about:blank")
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    push.answers["hers"] = [410] * 50
    app.until(lambda: (CLEARED, ZONE) in told(world, app.kit), "the zone is told")
    page.reload()
    expect(page.locator(f"#kit-{app.kit}")).to_contain_text("La mémoire de la page web a été effacée")


@pytest.mark.full(
    "phone/tests/reach.test.ts",
    "tests/fleet/test_rule_22_cleared_pages.py::test_a_page_that_no_push_reaches_is_missed_within_the_hour",
)
def test_she_may_refuse_it_and_is_told_what_holds_without(world: World, push: PushService) -> None:
    app = page_of(world, push.browser("refused"), [*GRANTED, "notifications"])
    set_up(app, "#deny")
    page = zone_list(world)
    expect(page.locator(f"#page-{app.kit}")).to_contain_text("Aucun service push")
    app.page.locator("#settings").click()
    box = app.page.locator("#lost-push")
    expect(box).not_to_be_checked()
    # Later on she wants it after all, and then no more.
    box.check()
    expect(app.page.locator("#when-lost")).to_contain_text("dans l’heure")
    app.until(
        lambda: [one for one in notices(world, app.kit) if one.startswith(PUSH.encode())], "where to ask"
    )
    box.uncheck()
    app.until(lambda: PUSH_OFF.encode() in notices(world, app.kit), "no more")
