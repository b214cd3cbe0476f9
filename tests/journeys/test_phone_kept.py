"""What the phone's app keeps of itself: installed, without a network, over a new version, with new roads."""

import json

import pytest
from playwright.sync_api import expect

from egide.alarm.events import PressedAgain, PressReceived
from tests.journeys.conftest import World
from tests.journeys.phone_app import PhoneApp


@pytest.mark.full(
    "tests/journeys/test_attack_decoy.py::test_a_small_app_lives_is_held_by_a_finger_and_comes_back_when_its_storage_is_lost",
)
def test_the_app_can_be_installed_and_opens_without_a_network(world: World) -> None:
    phone = PhoneApp(world).enrol()
    session = phone.context.new_cdp_session(phone.page)
    session.send("Page.enable")
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    about = json.loads(manifest["data"])
    assert (about["display"], about["scope"]) == ("standalone", "./")
    # The icon says what it opens, also on a phone that lost everything.
    assert about["start_url"] == about["id"] == "./?open=notes&lang=fr"
    assert {icon["sizes"] for icon in about["icons"]} >= {"192x192", "512x512"}
    # A private window is the one thing that a test's window is and hers is not.
    found = [
        error["errorId"] for error in session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    ]
    assert [error for error in found if error != "in-incognito"] == []
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.context.set_offline(True)
    phone.page.goto(phone.address())
    expect(phone.page.locator("#decoy")).to_be_visible()
    phone.unlock()
    # What is hers needs the server's half of the key; the decoy stays.
    expect(phone.page.locator("#pad-fault")).to_contain_text("connexion")


def test_a_new_version_that_is_installed_while_somebody_presses_loses_nothing(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page = phone.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.to_decoy()
    phone.context.set_offline(True)
    phone.hold()
    phone.context.set_offline(False)
    # Another worker under another address takes over what this one keeps, as a new version does.
    page.evaluate(
        """() => {
        window.taken = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
        void navigator.serviceWorker.register("sw.js?new");
        }"""
    )
    phone.hold()
    page.evaluate("window.taken.then(() => true)")
    world.until(lambda: phone.events(PressedAgain), "both presses")
    assert len(phone.events(PressReceived)) == len(phone.alarms()) == 1
    counters = [event.counter for event in phone.from_phone()]
    assert len(counters) == len(set(counters))
    assert len(page.evaluate("caches.keys()")) == 1
    phone.context.set_offline(True)
    page.reload()
    expect(page.locator("#decoy")).to_be_visible()


@pytest.mark.full(
    "phone/tests/sw.test.ts::a new number is kept for the next time, and stays without a network",
    "tests/journeys/test_phone_press.py::test_without_internet_the_press_is_offered_as_two_text_messages_with_the_same_bytes",
)
def test_a_new_number_for_text_messages_is_learnt_without_a_new_version(world: World) -> None:
    phone = PhoneApp(world).enrol()
    page, web = phone.page, world.stack.children["web"]
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    number = "document.querySelector('meta[name=sms]').content"
    before = page.evaluate(number)
    web.kill()
    # Away, it changes nothing: the app opens as it was kept.
    page.reload()
    expect(page.locator("#decoy")).to_be_visible()
    assert page.evaluate(number) == before
    web.environment["EGIDE_SMS_NUMBER"] = "+3200000001"
    web.start()
    try:
        web.ready()
        page.reload()

        def is_kept() -> bool:
            page.reload()
            return bool(page.evaluate(number) == "+3200000001")

        phone.until(is_kept, "the new number")
        phone.context.set_offline(True)
        page.reload()
        expect(page.locator("#decoy")).to_be_visible()
        assert page.evaluate(number) == "+3200000001"
    finally:
        web.kill()
        web.environment["EGIDE_SMS_NUMBER"] = ""
        web.start()
        web.ready()
