"""The button "wake this device" on the pages of zone and team, in the browser.

Everything is real but one thing: this Chromium has no push service of its maker. Where a story needs one, what the
browser would get from it is put in its place (`SUBSCRIBES`), and what arrives at the service on this machine is handed
to the page's own service worker by Chromium itself.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import IN_EVERY_LANGUAGE, Inspector
from tests.support import browser as b
from tests.support.push_service import Browser as Subscriber
from tests.support.push_service import Delivery, PushService
from tests.support.waiting import until

OFFICER = "mons-quevy-21"
ALLOWED = ["notifications"]
# Chromium's own remark: a test's window is a private one, and those cannot be woken.
PRIVATE = "does not support the Push API in incognito mode"
# The browser's half of Web Push (Push API, W3C), with keys that the test holds.
SUBSCRIBES = """
  const given = %s;
  const kept = () => sessionStorage.getItem("subscribed") === "yes" ? made() : null;
  const made = () => ({
    toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }),
    unsubscribe: async () => { sessionStorage.removeItem("subscribed"); return true; },
  });
  PushManager.prototype.subscribe = async function (options) {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError("not a wake-up");
    sessionStorage.setItem("subscribed", "yes");
    return made();
  };
  PushManager.prototype.getSubscription = async () => kept();
  window.woken = 0;
  navigator.serviceWorker.addEventListener("message", ({ data }) => data === "wake" && (window.woken += 1));
"""


@pytest.fixture
def push(world: World) -> PushService:
    assert world.push is not None
    return world.push


def zone_page(
    world: World, language: str = "fr", permissions: list[str] | None = None, script: str = ""
) -> Page:
    page = world.window(b.TELEPHONE, language, world.whole_browser())
    page.context.grant_permissions(permissions or [])
    if script:
        page.add_init_script(script)
    b.sign_in(page, world.stack, OFFICER, "/zone/")
    expect(page.locator("#waking")).to_be_visible()
    return page


def delivered(push: PushService) -> list[Delivery]:
    """What came for the officer's device; pages of other stories are asked after at the same service."""
    return [one for one in push.deliveries if one.path == "/push/officer"]


def deliver(page: Page, tag: str) -> None:
    """Chromium hands a push message to the page's service worker."""
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    origin = ""

    def registrations() -> set[str]:
        nonlocal origin
        # What Chromium has told arrives while it is asked something.
        origin = page.evaluate("location.origin")
        return {one["registrationId"] for one in found if one["scopeURL"].endswith("/zone/")}

    until(registrations, "Chromium tells of the service worker")
    [registration] = registrations()
    told = {"origin": origin, "registrationId": registration, "data": tag}
    session.send("ServiceWorker.deliverPushMessage", told)


def test_a_zone_that_let_itself_be_woken_is_woken_by_an_alarm_until_it_says_no_more(
    world: World, push: PushService
) -> None:
    subscriber: Subscriber = push.browser("officer")
    page = zone_page(world, permissions=ALLOWED, script=SUBSCRIBES % json.dumps(subscriber.subscription))
    state = page.locator("#waking-state")
    words = {word: str(page.locator("#waking").get_attribute(f"data-{word}")) for word in ("off", "ready")}
    expect(state).to_have_text(words["off"])
    page.locator("#wake-on").click()
    expect(state).to_have_text(words["ready"])
    expect(page.locator("#wake-on")).to_be_hidden()
    phone = world.phone(MONS)
    alarm = phone.press()
    until(lambda: delivered(push), "the officer's device is woken")
    arrived = delivered(push)[0]
    tag = subscriber.read(arrived.body)
    for personal in (alarm, phone.kit, OFFICER):
        assert personal not in tag + json.dumps(arrived.headers)
    deliver(page, tag)
    page.wait_for_function("() => window.woken === 1")
    shown = page.evaluate(
        """async () => (await (await navigator.serviceWorker.getRegistration("/zone/")).getNotifications())
        .map(({ title, body, tag }) => [title, body, tag])"""
    )
    assert shown == [["Regardez la page", "Il y a du nouveau.", tag]]
    # Told again after a reload; then no more.
    page.reload()
    expect(state).to_have_text(words["ready"])
    # Nobody has touched this page yet: its bell is blocked, and says so.
    b.unblock_sound(page)
    with page.expect_response("**/wake/off"):
        page.locator("#wake-off").click()
    expect(state).to_have_text(words["off"])
    assert page.evaluate("navigator.serviceWorker.getRegistration('/zone/').then((r) => r === undefined)")
    count = len(delivered(push))
    world.calm()
    world.phone(MONS).press()
    page = zone_page(world)
    expect(page.locator("#zone-alarms")).to_contain_text("Responsable maintenant")
    assert len(delivered(push)) == count


@pytest.mark.full(
    "tests/journeys/test_waking.py::test_a_zone_that_let_itself_be_woken_is_woken_by_an_alarm_until_it_says_no_more",
    "tests/boards/waking/test_waking.py::test_the_button_speaks_the_officers_language",
    "tests/boards/waking/test_waking.py::test_pages_offer_it_only_where_it_is_set_up",
)
@IN_EVERY_LANGUAGE
def test_each_answer_of_the_browser_is_one_sentence_in_every_language(world: World, language: str) -> None:
    """Not asked yet; refused by the person; allowed, but a browser that cannot be woken, as this one."""
    faults: list[str] = []
    for permissions, then in ((None, "denied"), (ALLOWED, "failed")):
        page = zone_page(world, language, permissions)
        inspector = Inspector(world, page, language)
        box, state = page.locator("#waking"), page.locator("#waking-state")
        expect(state).to_have_text(str(box.get_attribute("data-off")))
        inspector.look(f"{language} off")
        inspector.walk(f"{language} off")
        page.locator("#wake-on").focus()
        page.keyboard.press("Enter")
        expect(state).to_have_text(str(box.get_attribute(f"data-{then}")))
        inspector.look(f"{language} {then}")
        # Who refused can still change their mind; who cannot be woken is not led on.
        expect(page.locator("#wake-on")).to_be_visible(visible=then == "denied")
        faults += [fault for fault in inspector.faults if PRIVATE not in fault]
    assert faults == []
