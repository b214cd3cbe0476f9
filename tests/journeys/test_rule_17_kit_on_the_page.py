"""An officer enrols and tests a kit: the page shows the code once and follows what the phone does by itself."""

import re
from typing import Any

import msgspec
from playwright.sync_api import expect

from egide.protocol.enrolment import Client, make_request
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.link import LinkFlag
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import GENT, World
from tests.support import browser as b
from tests.support.phones import HttpPhone


class CodedPhone(HttpPhone):
    """A phone that enrols with the code that stands on the officer's screen."""

    def __init__(self, world: World, person: dict[str, Any], code: str) -> None:
        self._world, self._code = world, code
        super().__init__(world.stack, person, person["kit"])

    def _enrol(self, stack: object, case: str, client: str) -> str:
        body = msgspec.json.encode(make_request(self._code, self.key, Client(client, "1.0")))
        answers: list[dict[str, Any]] = []

        def is_taken() -> bool:
            status, answer = self.post("/v1/enrolments", body, "application/json")
            answers.append(answer)
            return status == 201

        self._world.until(is_taken, "the code on the screen is known to intake")
        return str(answers[-1]["kid"])

    def heartbeat(self, link: LinkFlag) -> None:
        self._say(Kind.HEARTBEAT, position=None, link=int(link))

    def test(self) -> None:
        self._say(Kind.TEST, trigger=int(Trigger.BUTTON))


def test_rule_17_the_page_follows_the_phone_and_each_press_is_proven_by_a_test(world: World) -> None:
    person = world.person(GENT)
    page = world.window()
    world.set_language(page, "en")
    b.sign_in(page, world.stack, "gent-44", f"/kits/{person['kit']}/")
    expect(page.locator("#kit-live")).to_contain_text("No test received yet")
    page.click("#show-code")
    code = page.locator("#code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code)
    expect(page.locator("svg.qr path").first).to_be_visible()
    assert violations(page) == []

    phone = CodedPhone(world, person, code)
    expect(page.locator("#kit-live")).to_contain_text("Phone enrolled")
    phone.heartbeat(LinkFlag.BUTTON_PAIRED)
    expect(page.locator("#kit-live")).to_contain_text("Button paired")
    phone.test()
    expect(page.locator("#kit-live")).to_contain_text("Test received")
    # The code is still on the screen: what follows by itself took nothing away.
    expect(page.locator("#code")).to_have_text(code)

    presses = page.locator("#presses li")
    presses.nth(0).get_by_role("button").press("Enter")
    expect(page.locator("#presses li").nth(0)).to_contain_text("✓")
    page.locator("#presses li").nth(1).get_by_role("button").press("Enter")
    expect(page.locator("#presses .field-error")).to_contain_text("last 15 minutes")
    expect(page.locator("#hand-over")).to_have_count(0)

    expect(page.locator("#not-following")).to_be_hidden()
    page.context.clear_cookies(name="egide_session")
    expect(page.locator("#not-following")).to_be_visible()
