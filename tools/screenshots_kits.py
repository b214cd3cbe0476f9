"""The pictures of kits, stock and roll-out, for `tools.screenshots`."""

from typing import Any

from playwright.sync_api import Page, expect

from egide.fleet.native.published import do_publish, do_withdraw
from egide.protocol.arming import ARMED, PENDING
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.link import LinkFlag
from tests.fleet import apks
from tests.support.phones import HttpPhone
from tools.screenshots_studio import Shot, Studio

OFFICER, COORDINATOR = "mons-quevy-21", "coordinator-01"
MONS = 0


def shoot_kits(studio: Studio) -> None:
    """The zone's kits, and one kit from the code to the test."""
    kit = studio.stack.demo["kits"][MONS]
    address = f"/kits/{kit['kit']}/"
    with studio.window() as page:
        studio.enter(page, OFFICER, "/kits/", "fr")
        studio.shoot(page, "kits", "A zone's kits, and what lies in its cupboard (French)", whole=True)
        studio.sheet(page, "kits")
        page.goto(studio.stack.host(OFFICER) + address)
        page.click("#show-code")
        expect(page.locator("svg.qr")).to_be_visible()
        studio.shoot(page, "kit-enrol", "Enrolling a phone: the code is shown once (French)", whole=True)
        _with_the_app(studio, page)
        phone = HttpPhone(studio.stack, kit, kit["kit"])
        number = _armed_by_the_officer(studio, page, phone)
        _say(phone, Kind.TEST, trigger=int(Trigger.BUTTON), body=f"officer:{number}".encode())
        expect(page.locator("#kit-live .follow .shut")).to_have_count(0)
        page.locator("#presses .gates button").first.click()
        expect(page.locator("#presses .open")).not_to_have_count(0)
        studio.shoot(page, "kit-gates", "A kit's gates, after the first test alarm (French)", whole=True)
        studio.sheet(page, "kit-gates")
        page.locator("#provisional summary").click()
        expect(page.locator("#magistrate")).to_be_visible()
        caption = "The only way round: a duty magistrate's oral yes (French)"
        studio.shoot(page, "kit-provisional", caption, at=page.locator("#provisional"))


def _with_the_app(studio: Studio, page: Page) -> None:
    """The two folds for a phone of Android: where its app comes from, and the line that sets it up."""
    folder = studio.stack.config.android_dir
    do_publish(apks.app(), folder)

    def unfold() -> None:
        page.click("#show-code")
        expect(page.locator("#native-app")).to_be_visible()
        for fold in ("#native-app", "#native"):
            page.locator(f"{fold} summary").click()
        expect(page.locator("#native-line")).to_be_visible()
        # A window of a sheet that grows while the page is scrolled leaves what was above it unpainted.
        page.evaluate("() => scrollTo(0, 0)")

    unfold()
    caption = "An Android phone: where its app comes from, and the line that sets it up (French)"
    studio.shoot(page, "kit-enrol-app", caption, at=page.locator("#enrolling"))
    studio.sheet(page, "kit-enrol-app", unfold)
    do_withdraw(folder)


def _armed_by_the_officer(studio: Studio, page: Page, phone: HttpPhone) -> str:
    """A test that the officer arms, and the phone takes; returns its number."""
    _say(phone, Kind.HEARTBEAT, position=None, link=int(LinkFlag.BUTTON_PAIRED))
    page.click("#arm")
    expect(page.locator("#take-back")).to_be_visible()
    offered: list[str] = []

    def is_offered() -> bool:
        pending = _say(phone, Kind.HEARTBEAT, position=None, link=int(LinkFlag.BUTTON_PAIRED))["pending"]
        offered.extend(one["text"] for one in pending if one["what"] == PENDING)
        return bool(offered)

    studio.wait_until(page, is_offered, "the phone is offered the test")
    number = offered[0].partition(":")[0]
    _say(phone, Kind.NOTICE, position=None, body=f"{ARMED}{number}".encode())
    expect(page.locator("#test-left")).to_be_visible()
    caption = "A test that the officer arms, so that the screen stays off (French)"
    studio.shoot(page, "kit-armed", caption, at=page.locator("#presses"))
    return number


def _say(phone: HttpPhone, kind: Kind, **fields: Any) -> dict[str, Any]:
    """What a phone and its button send while the officer watches."""
    status, answer = phone.post("/v1/messages", phone.envelope(kind, **fields))
    if status != 201:
        raise ValueError(f"intake answered {status}: {answer}")
    return answer


def shoot_rollout(studio: Studio) -> None:
    """Where the alarm is available, and what one zone lacks."""
    with studio.window() as page:
        studio.enter(page, COORDINATOR, "/rollout/", "nl")
        studio.shoot(page, "rollout", "Where the alarm is available, and since when (Dutch)", whole=True)
        studio.sheet(page, "rollout")
        page.goto(studio.stack.host(COORDINATOR) + "/rollout/zone/5292/")
        studio.shoot(page, "rollout-zone", "What one zone lacks before kits may leave (Dutch)", whole=True)
        studio.sheet(page, "rollout-zone")


def shoot_stock(studio: Studio) -> None:
    """The stock."""
    with studio.window() as page:
        studio.enter(page, COORDINATOR, "/stock/", "de")
        studio.shoot(page, "stock", "Stock against use, by zone (German)", whole=True)
        studio.sheet(page, "stock")


SHOTS: tuple[Shot, ...] = (shoot_kits, shoot_rollout, shoot_stock)
