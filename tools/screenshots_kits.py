"""The pictures of kits, stock and roll-out, for `tools.screenshots`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from playwright.sync_api import Page, expect

from egide.entrypoints.stack import Stack
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.link import LinkFlag
from tests.support import browser as b
from tests.support.phones import HttpPhone

OFFICER, COORDINATOR = "mons-quevy-21", "coordinator-01"
MONS = 0
KEYS = b"kind;serial;model;button_key\nbutton;A0-17-44;Model B;3f0c\n"
WRONG = (
    b"kind;serial;model;sim\nbutton;A0-17-44;Model B;\nphone;123456789012345;Model P;\n"
    b"lamp;A0-17-45;Model B;\nbutton;A0-17-44;Model B;\n"
)


class Studio(Protocol):
    """What these need of the studio."""

    @property
    def stack(self) -> Stack: ...
    @property
    def size(self) -> str: ...
    def window(self) -> AbstractContextManager[Page]: ...
    def shoot(self, page: Page, name: str, caption: str, whole: bool = False) -> None: ...


def enter(studio: Studio, page: Page, name: str, path: str, language: str) -> None:
    """Sign in as `name` and open `path` in a language."""
    page.context.add_cookies([{"name": "egide_language", "value": language, "url": studio.stack.host(name)}])
    b.sign_in(page, studio.stack, name, path)
    page.wait_for_url(f"**{path}")


def shoot_kits(studio: Studio) -> None:
    """The zone's kits, and one kit from the code to the test."""
    kit = studio.stack.demo["kits"][MONS]
    address = f"/kits/{kit['kit']}/"
    with studio.window() as page:
        enter(studio, page, OFFICER, "/kits/", "fr")
        studio.shoot(page, "kits", "A zone's kits, and what lies in its cupboard (French)", whole=True)
        page.goto(studio.stack.host(OFFICER) + address)
        page.click("#show-code")
        expect(page.locator("svg.qr")).to_be_visible()
        studio.shoot(page, "kit-enrol", "Enrolling a phone: the code is shown once (French)", whole=True)
        _test(studio, kit)
        expect(page.locator("#kit-live .follow .shut")).to_have_count(0)
        page.locator("#presses button").first.click()
        expect(page.locator("#presses .open")).not_to_have_count(0)
        studio.shoot(page, "kit-gates", "A kit's gates, after the first test alarm (French)", whole=True)
        page.locator("#provisional summary").click()
        page.locator("#provisional").scroll_into_view_if_needed()
        studio.shoot(page, "kit-provisional", "The only way round: a duty magistrate's oral yes (French)")


def _test(studio: Studio, kit: dict[str, str]) -> None:
    """What a phone and its button send while the officer watches."""
    phone = HttpPhone(studio.stack, kit, kit["kit"])
    for kind, fields in (
        (Kind.HEARTBEAT, {"position": None, "link": int(LinkFlag.BUTTON_PAIRED)}),
        (Kind.TEST, {"trigger": int(Trigger.BUTTON)}),
    ):
        status, answer = phone.post("/v1/messages", phone.envelope(kind, **fields))
        if status != 201:
            raise ValueError(f"intake answered {status}: {answer}")


def shoot_rollout(studio: Studio) -> None:
    """Where the alarm is available, and what one zone lacks."""
    with studio.window() as page:
        enter(studio, page, COORDINATOR, "/rollout/", "nl")
        studio.shoot(page, "rollout", "Where the alarm is available, and since when (Dutch)", whole=True)
        page.goto(studio.stack.host(COORDINATOR) + "/rollout/zone/5292/")
        studio.shoot(page, "rollout-zone", "What one zone lacks before kits may leave (Dutch)", whole=True)


def shoot_stock(studio: Studio) -> None:
    """The stock, and two deliveries that are refused."""
    with studio.window() as page:
        enter(studio, page, COORDINATOR, "/stock/", "de")
        studio.shoot(page, "stock", "Stock against use, by zone (German)", whole=True)
        for name, data, caption in (
            ("delivery-keys", KEYS, "A delivery file that carries keys is refused (German)"),
            ("delivery-faults", WRONG, "Every fault of a file, by line; nothing is imported (German)"),
        ):
            page.goto(studio.stack.host(COORDINATOR) + "/stock/import")
            page.set_input_files("#file", {"name": "delivery.csv", "mimeType": "text/csv", "buffer": data})
            page.click("#preview")
            expect(page.locator("[role=alert] table")).to_be_visible()
            studio.shoot(page, name, caption, whole=True)


SHOTS: tuple[Callable[[Studio], None], ...] = (shoot_kits, shoot_rollout, shoot_stock)
