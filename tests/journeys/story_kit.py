"""How a person comes by her kit: a web page as a second way first, then a phone that works with the screen off."""

import re
from pathlib import Path
from typing import Protocol

import msgspec
from playwright.sync_api import Locator, Page, expect

from egide.alarm.events import TestReceived
from egide.common.clock import SetClock, SystemClock
from egide.fleet.kits.rules import CONDITIONS, NIGHT, NIGHT_S
from egide.journal.service import Entry, Journal, KeyStore
from tests.journeys.conftest import MONS
from tests.journeys.kit import CompanionKit, Kit
from tests.journeys.phone_app import PhoneApp
from tests.journeys.test_phone_button import Bluetooth, enrol_with_button
from tests.journeys.told import LAT, LON, OFFICER, Told
from tests.support import browser as b


def the_officer_makes_a_kit_ready(told: Told, page: Page) -> None:
    """What the magistrate has decided is on the file's page; the kit that is made ready stays in the house."""
    told.file(page)
    expect(page.locator("#life")).to_contain_text("Granted")
    page.click("#todo-kit")
    take_one_of_each(told, page)
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/kits/[0-9a-f]{16}/$"))
    told.kit = page.url.rstrip("/").split("/")[-1]
    expect(gate(page, "The file is complete")).to_have_class("open")
    for title in ("The zone takes part", "The prosecutor’s office takes part"):
        expect(gate(page, title)).to_have_class("open")
    for title in (
        "The agreement is signed",
        "The phone is enrolled",
        "The phone says",
        "A test alarm",
        "Presses got",
    ):
        expect(gate(page, title)).to_have_class("shut")
    expect(gate(page, "The agreement is signed")).to_contain_text("Who can mend it")
    expect(page.locator("#hand-over")).to_have_count(0)


def take_one_of_each(told: Told, page: Page) -> None:
    """A phone and a button of the house. Others may have taken the last ones: then the coordinator sends more."""
    for kind in ("phone", "button"):
        # The first is none of them.
        if len(b.every(page.locator(f"#{kind} option"))) == 1:
            the_coordinator_sends_one(told, kind)
            page.reload()
    for kind in ("phone", "button"):
        page.select_option(f"#{kind}", index=1)


def the_coordinator_sends_one(told: Told, kind: str) -> None:
    stock = told.sign_in("coordinator-01", "/stock/")
    stock.fill("#number", "1")
    stock.select_option("#kind", kind)
    stock.select_option("#zone", told.world.person(MONS)["zone"])
    stock.locator("form[action$=allocate] button").click()
    expect(stock.locator(".messages")).to_be_visible()


def gate(page: Page, title: str) -> Locator:
    """One gate on the kit's page."""
    return page.locator("ol.gates > li", has_text=title)


def code_on(page: Page) -> str:
    """The one-time code that the officer shows."""
    page.click("#show-code")
    expect(page.locator("svg.qr path").first).to_be_visible()
    return page.locator("#code").inner_text()


def the_web_page_is_enrolled(told: Told, page: Page, bluetooth: Bluetooth) -> Kit:
    """The code on the screen, the telephone, the button over the air, and the page that follows by itself."""
    person = {"kit": told.kit, "case": told.case, "lat": LAT, "lon": LON}
    app = PhoneApp(told.world, person=person, code=code_on(page), browser=bluetooth.browser)
    button = bluetooth.button(app)
    enrol_with_button(app)
    app.page.locator("#done").click()
    app.honest("button-unheard")
    button.child.wait_for("step", "button.paired")
    expect(page.locator("#kit-live")).to_contain_text("Button paired")
    expect(gate(page, "The phone is enrolled")).to_have_class("open")
    expect(gate(page, "A test alarm")).to_have_class("shut")
    expect(page.locator("#client")).to_contain_text("It says that it is a web page")
    expect(gate(page, "The phone says")).to_have_class("shut")
    return Kit(app, button)


def the_web_page_leaves_as_a_second_way(told: Told, page: Page, phone: Kit) -> None:
    """Pressed with the page open, which is all that it can; what it cannot is read to her."""
    expect(page.locator("#hand-over, #second-way")).to_have_count(0)
    phone.test()
    expect(gate(page, "A test alarm")).to_have_class("open")
    expect(page.locator("#presses li")).to_have_count(1)
    page.locator("#presses li").get_by_role("button").click()
    expect(page.locator("#second-way blockquote")).to_have_count(4)
    expect(page.locator("#hand-over")).to_have_count(0)
    page.check("#told")
    page.click("#hand-over-second")
    expect(page.locator(".messages")).to_contain_text("The kit is handed out")
    expect(page.locator(".lead")).to_contain_text("A second way only")
    phone.app.context.close()
    phone.button.put_away()


def the_officer_lends_a_phone_instead(told: Told, page: Page) -> None:
    """A task says that she has a second way only; the web page's kit comes back, and another is made ready."""
    page.goto(told.host_of(OFFICER) + "/start")
    page.locator(".tasks a", has_text="A second way only").filter(has_text=told.number).click()
    page.check("input[name=how][value=returned]")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator(".lead")).to_contain_text("returned")
    page.goto(f"{told.host_of(OFFICER)}/kits/for/{told.case}")
    take_one_of_each(told, page)
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(rf"/kits/(?!{told.kit})[0-9a-f]{{16}}/$"))
    told.kit = page.url.rstrip("/").split("/")[-1]


def the_phone_is_enrolled(told: Told, page: Page, folder: Path) -> CompanionKit:
    phone = CompanionKit(told.world, code_on(page), (LAT, LON), folder / "companion")
    expect(page.locator("#client")).to_contain_text("It says that it is the companion program")
    expect(gate(page, "The phone says")).to_have_class("open")
    expect(gate(page, "The phone is enrolled")).to_have_class("open")
    return phone


class Tested(Protocol):
    """A phone with its button that can make a test alarm."""

    @property
    def device(self) -> str: ...
    def test(self) -> None: ...


def every_condition_is_proven(told: Told, page: Page, phone: Tested) -> None:
    """Safety rule 17: one test alarm for each condition; the page says which are missing."""
    for number, condition in enumerate(CONDITIONS):
        if condition == NIGHT:
            a_night_passes(told, phone)
        a_test_proves(told, page, phone, number)


def a_test_proves(told: Told, page: Page, phone: Tested, number: int) -> None:
    """The next of the conditions, by a test alarm that came in just now."""
    before = heard(told, phone)
    phone.test()
    told.world.until(lambda: heard(told, phone) > before, "the test is in the journal")
    expect(gate(page, "A test alarm")).to_have_class("open")
    expect(page.locator("#hand-over")).to_have_count(0)
    page.locator("#presses li").nth(number).get_by_role("button").click()
    expect(page.locator("#presses li.open")).to_have_count(number + 1)


def heard(told: Told, phone: Tested) -> int:
    """How many test alarms of this phone the centre has received."""
    sql = "SELECT count(*) FROM event WHERE kind = 'TestReceived' AND stream LIKE ?"
    found = told.world.journal.connection.execute(sql, (f"test:{phone.device}-%",)).fetchone()
    return int(found[0])


def a_night_passes(told: Told, phone: Tested) -> None:
    """No test waits six hours: the last test before the night is written under the clock of yesterday evening."""
    evening = SetClock(SystemClock().now_us() - (NIGHT_S + 600) * 1_000_000)
    config = told.world.stack.config
    before = the_last_test(told, phone)
    event = msgspec.structs.replace(before, counter=0, sent_at_s=evening.now_us() // 1_000_000)
    journal = Journal.open(config, evening, KeyStore.open(config))
    journal.append([Entry(stream=f"test:{phone.device}-0", event=event, case=told.case)])
    journal.connection.close()


def the_last_test(told: Told, phone: Tested) -> TestReceived:
    sql = "SELECT seq FROM event WHERE kind = 'TestReceived' AND stream LIKE ? ORDER BY seq DESC LIMIT 1"
    journal = told.world.journal
    [seq] = journal.connection.execute(sql, (f"test:{phone.device}-%",)).fetchone()
    event = journal.open_event(journal.read(after=seq - 1, limit=1)[0])
    assert isinstance(event, TestReceived)
    return event


def the_kit_is_handed_over(told: Told, page: Page) -> None:
    expect(page.locator("#kit-live")).to_contain_text("Every condition is met")
    page.click("#hand-over")
    expect(page.locator(".messages")).to_contain_text("The kit is handed out")
    expect(page.locator(".lead")).to_contain_text("handed out")
    told.file(page)
    expect(page.locator("#step h2")).to_have_text("Alarm in use")
