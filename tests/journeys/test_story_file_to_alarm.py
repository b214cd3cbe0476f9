"""One person's whole story: asked, decided, signed, kit tested and handed over, a real alarm, and who read what."""

import io
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from egide.common.clock import SetClock, SystemClock, utc
from egide.events.alarm import TestReceived
from egide.fleet.rules import CONDITIONS, NIGHT_S
from egide.journal.service import Entry, Journal, KeyStore
from tests.journeys.conftest import Desk, World
from tests.journeys.kit import Kit
from tests.journeys.phone_app import PhoneApp
from tests.journeys.test_phone_button import Bluetooth, enrol_with_button
from tests.journeys.test_story_one_alarm_to_the_end import (
    Story,
    the_operator_closes_with_the_report,
    the_team_goes_and_arrives,
    the_team_reports,
    the_zone_does_what_follows,
    the_zone_names_a_team,
    the_zone_names_who_is_informed,
)
from tests.support import browser as b
from tests.support.clear_text import find_clear_text
from tests.support.pdf import scanned

OFFICER, MAGISTRATE, OPERATOR, PRIVACY = "mons-quevy-21", "parquet-mons-01", "hainaut-12", "dpo-01"
NAME, CHILD, PERPETRATOR = "Noa Inventée (démo)", "Zélie Inventée", "Hugo Chimère (démo)"
ADDRESS, CODE, WEAPON = "Allée des Mirages 17, 7000 Mons", "8842#", "Fusil de chasse au grenier"
CONTEXT, REASONS = (
    "Menaces répétées depuis la séparation (démo)",
    "Le danger est établi par deux rapports (démo)",
)
LAT, LON = 50.44873, 3.95512
# What nobody who finds the disk may read there.
SECRETS = (
    "Noa Invent",
    "Zélie Invent",
    "Hugo Chim",
    "des Mirages",
    CODE,
    "Fusil de chasse",
    "depuis la séparation",
    "établi par deux rapports",
    "Chez sa tante",
)


def day(days: int = 0) -> str:
    """Today, or so many days later, as a field of a form takes it."""
    return (utc(SystemClock().now_us()).date() + timedelta(days=days)).isoformat()


def noise() -> bytes:
    """A photo whose bytes are like no other's."""
    picture = io.BytesIO()
    Image.effect_noise((160, 160), 90).convert("RGB").save(picture, "JPEG")
    return picture.getvalue()


@dataclass
class Told(Story):
    """The story with its file, kit and alarm as they come to be; `pictures` are bytes that nobody may find in clear."""

    world: World
    language: str = "en"
    host_of: Callable[[str], str] = field(init=False)
    case: str = ""
    number: str = ""
    kit: str = ""
    alarm: str = ""
    pictures: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host_of = self.world.stack.host

    def sign_in(self, name: str, path: str = "/start", size: dict[str, int] = b.DESKTOP) -> Page:
        """A window of this account's own, in English."""
        page = self.world.window(size, self.language)
        b.sign_in(page, self.world.stack, name, path)
        page.wait_for_url(f"**{path}")
        return page

    def file(self, page: Page, path: str = "") -> None:
        """Open the file, or one of its pages."""
        page.goto(f"{self.host_of(OFFICER)}/files/{self.case}/{path}")

    def add(self, page: Page, part: str, **values: Any) -> None:
        """Add one row to the file by its form."""
        self.file(page, f"{part}/add")
        fill(page, values)
        page.click("#save")
        expect(page.locator(f"#{part}")).to_be_visible()


def fill(page: Page, values: dict[str, Any]) -> None:
    """Write `values` into the fields of a form, by their names: text, a choice, or True for a box to tick."""
    for name, value in values.items():
        at = page.locator(f"#edit [name={name}]")
        if value is True:
            at.first.check()
        elif at.first.get_attribute("type") == "radio":
            page.check(f"#edit [name={name}][value='{value}']")
        elif at.evaluate("at => at.tagName") == "SELECT":
            at.select_option(value)
        else:
            at.fill(value)


def test_one_person_from_the_request_to_the_readings(world: World, air: None, tmp_path: Path) -> None:
    with closing(Bluetooth(world, tmp_path)) as bluetooth:
        tell(Told(world), bluetooth)
        world.calm()


def tell(told: Told, bluetooth: Bluetooth) -> None:
    officer = told.sign_in(OFFICER)
    the_officer_opens_a_file(told, officer)
    the_officer_completes_it(told, officer)
    the_officer_asks(told, officer)
    the_magistrate_grants(told)
    the_officer_makes_a_kit_ready(told, officer)
    phone = the_phone_is_enrolled(told, officer, bluetooth)
    the_agreement_is_signed(told, officer)
    every_condition_is_proven(told, officer, phone)
    the_kit_is_handed_over(told, officer)
    the_alarm_goes_its_way(told, officer, phone)
    everybody_who_read_is_named(told)
    nothing_lies_in_clear(told)


def the_officer_opens_a_file(told: Told, page: Page) -> None:
    page.get_by_role("link", name="Files", exact=True).click()
    page.click("#new-file")
    page.fill("#id_context", CONTEXT)
    page.click("#save")
    expect(page.locator("#id_name_error")).to_be_visible()
    expect(page.locator("#id_context")).to_have_value(CONTEXT)
    fill(page, {"name": NAME, "born": "1991-03-08", "language": "fr", "languages": "français"})
    page.click("#save")
    expect(page.locator("h1")).to_have_text(NAME)
    told.case = page.url.rstrip("/").split("/")[-1]
    found = re.search(r"\d{4}-\d{5}", page.locator(".lead").inner_text())
    assert found, "the file has a number"
    told.number = found[0]
    expect(page.locator("#step .missing li")).to_have_count(6)


def the_officer_completes_it(told: Told, page: Page) -> None:
    page.locator("#beneficiary .row-actions a").first.click()
    fill(page, {"safe_contact": "Chez sa tante, le mardi", "consent": "Zone et parquet", "consent_on": day()})
    page.click("#save")
    expect(page.locator("#beneficiary")).to_contain_text("Chez sa tante")
    told.add(page, "perpetrator", name=PERPETRATOR, born="1986-11-02", role="suspect", relation="ex-conjoint")
    photo_of_the_perpetrator(told, page)
    source = {"source": "PV 42/2026 (démo)", "on": day(-9)}
    told.add(page, "weapon", text=WEAPON, known=True, verified=True, **source)
    told.add(page, "antecedent", text="A brisé la porte en octobre", kind="fact", **source)
    told.add(page, "child", name=CHILD, born="2019-05-05")
    place = {"position": f"{LAT}, {LON}", "radius": "60", "door_code": CODE}
    told.add(page, "place", kind="home", address=ADDRESS, **place)
    ban = {"kind": "place-ban", "issuer": "Tribunal de la famille (démo)", "starts": day(-5), "ends": day(80)}
    told.add(page, "measure", around=True, against=PERPETRATOR, **ban)
    expect(page.locator("#measure")).to_contain_text("Place ban")


def photo_of_the_perpetrator(told: Told, page: Page) -> None:
    page.locator("#perpetrator a", has_text="Photo").click()
    photo = noise()
    page.set_input_files("input[type=file]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.locator("main form button").first.click()
    shown = page.locator("#perpetrator img.photo")
    expect(shown).to_be_visible()
    kept = bytes(shown.evaluate("async at => [...new Uint8Array(await (await fetch(at.src)).arrayBuffer())]"))
    assert kept.startswith(b"\xff\xd8")
    told.pictures += [photo, kept]


def the_officer_asks(told: Told, page: Page) -> None:
    take(page, "conditions", threat="yes", contact="no", roof="no", residence="yes", agrees="yes")
    expect(page.locator("#step .missing li")).to_have_count(1)
    take(page, "request", remark="Elle demande l’alarme elle-même")
    page.click("#step-analysis")
    for answer in b.every(page.locator("#edit input[type=radio][name^=q-][value=yes]")):
        answer.check()
    fill(page, {"danger": "yes", "danger_reasons": "Une arme à la maison", "urgent": "yes"})
    page.fill("[name=urgent_reasons]", "Il connaît l’adresse")
    page.click("#save")
    expect(page.locator("#danger")).to_contain_text("Une arme à la maison")
    take(page, "consultation", on=day(), who="Insp. 21, substitut 01", police_view="Favorable")
    expect(page.locator("#to-decision")).to_have_count(0)


def take(page: Page, step: str, **values: str) -> None:
    """Take a step that the file's page offers; the page is there again afterwards."""
    page.click(f"#step-{step}")
    fill(page, values)
    page.click("#save")
    expect(page.locator("#life")).to_be_visible()


def the_magistrate_grants(told: Told) -> None:
    """On a telephone, from the start page: everything on one page, read once more, signed."""
    page = told.sign_in(MAGISTRATE, size=b.TELEPHONE)
    page.locator(".tasks a", has_text=told.number).click()
    for part, words in (("#weapon", WEAPON), ("#danger", "Une arme"), ("#measure", "Place ban")):
        expect(page.locator(part)).to_contain_text(words)
    assert page.evaluate("document.documentElement.scrollWidth") <= b.TELEPHONE["width"]
    page.click("button[value=granted]")
    expect(page.locator("#id_reasons_error")).to_be_visible()
    page.fill("#id_reasons", REASONS)
    page.click("button[value=granted]")
    expect(page.locator("#confirm")).to_contain_text(REASONS)
    page.click("#sign")
    expect(page.locator("#life")).to_contain_text("Granted")
    page.context.close()


def the_officer_makes_a_kit_ready(told: Told, page: Page) -> None:
    """What the magistrate has decided is on the file's page; the kit that is made ready stays in the house."""
    told.file(page)
    expect(page.locator("#life")).to_contain_text("Granted")
    page.click("#to-kit")
    for field_id in ("#phone", "#button"):
        page.select_option(field_id, index=1)
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/kits/[0-9a-f]{16}/$"))
    told.kit = page.url.rstrip("/").split("/")[-1]
    expect(gate(page, "The file is complete")).to_have_class("open")
    for title in ("The zone takes part", "The prosecutor’s office takes part"):
        expect(gate(page, title)).to_have_class("open")
    for title in ("The agreement is signed", "The phone is enrolled", "A test alarm", "Presses got through"):
        expect(gate(page, title)).to_have_class("shut")
    expect(gate(page, "The agreement is signed")).to_contain_text("Who can mend it")
    expect(page.locator("#hand-over")).to_have_count(0)


def gate(page: Page, title: str) -> Locator:
    """One gate on the kit's page."""
    return page.locator("ol.gates > li", has_text=title)


def the_phone_is_enrolled(told: Told, page: Page, bluetooth: Bluetooth) -> Kit:
    """The code on the screen, the telephone, the button over the air, and the page that follows by itself."""
    page.click("#show-code")
    expect(page.locator("svg.qr path").first).to_be_visible()
    person = {"kit": told.kit, "case": told.case, "lat": LAT, "lon": LON}
    code = page.locator("#code").inner_text()
    app = PhoneApp(told.world, person=person, code=code, browser=bluetooth.browser)
    button = bluetooth.button(app)
    enrol_with_button(app)
    app.page.locator("#done").click()
    app.honest("through")
    button.child.wait_for("step", "button.paired")
    expect(page.locator("#kit-live")).to_contain_text("Button paired")
    expect(gate(page, "The phone is enrolled")).to_have_class("open")
    expect(gate(page, "A test alarm")).to_have_class("shut")
    return Kit(app, button)


def the_agreement_is_signed(told: Told, page: Page) -> None:
    """In another tab; the kit's page sees it."""
    tab = page.context.new_page()
    told.file(tab)
    tab.click("#step-agreement")
    fill(tab, {"on": day()})
    scan = {"name": "convention.pdf", "mimeType": "application/pdf"}
    tab.set_input_files("[name=scan]", {**scan, "buffer": b"no PDF"})
    tab.click("#save")
    expect(tab.locator("#id_scan_error")).to_be_visible()
    tab.set_input_files("[name=scan]", {**scan, "buffer": scanned()})
    tab.click("#save")
    expect(tab.locator("#papers")).to_contain_text("signed")
    tab.close()
    expect(gate(page, "The agreement is signed")).to_have_class("open")


def every_condition_is_proven(told: Told, page: Page, phone: Kit) -> None:
    """Safety rule 17: one test alarm for each condition; the page says which are missing."""
    for number, _condition in enumerate(CONDITIONS):
        if number == len(CONDITIONS) - 1:
            a_night_passes(told, phone)
        before = heard(told, phone)
        phone.test()
        phone.app.until(lambda before=before: heard(told, phone) > before, "the test is in the journal")
        expect(gate(page, "A test alarm")).to_have_class("open")
        expect(page.locator("#hand-over")).to_have_count(0)
        page.locator("#presses li").nth(number).get_by_role("button").click()
        expect(page.locator("#presses li.open")).to_have_count(number + 1)


def heard(told: Told, phone: Kit) -> int:
    """How many test alarms of this phone the centre has received."""
    sql = "SELECT count(*) FROM event WHERE kind = 'TestReceived' AND stream GLOB ?"
    found = told.world.journal.connection.execute(sql, (f"test:{phone.device}-*",)).fetchone()
    return int(found[0])


def a_night_passes(told: Told, phone: Kit) -> None:
    """No test waits six hours: the last test before the night is written under the clock of yesterday evening."""
    evening = SetClock(SystemClock().now_us() - (NIGHT_S + 600) * 1_000_000)
    config = told.world.stack.config
    before = phone.app.events(TestReceived)[-1]
    event = msgspec.structs.replace(before, counter=0, sent_at_s=evening.now_us() // 1_000_000)
    journal = Journal.open(config, evening, KeyStore.open(config))
    journal.append([Entry(stream=f"test:{phone.device}-0", event=event, case=told.case)])
    journal.connection.close()


def the_kit_is_handed_over(told: Told, page: Page) -> None:
    expect(page.locator("#kit-live")).to_contain_text("Every gate is open")
    page.click("#hand-over")
    expect(page.locator(".messages")).to_contain_text("The kit is handed out")
    expect(page.locator(".lead")).to_contain_text("handed out")
    told.file(page)
    expect(page.locator("#step h2")).to_have_text("Alarm in use")


def the_alarm_goes_its_way(told: Told, officer: Page, phone: Kit) -> None:
    """From the real press to the closing, each at their own screen."""
    desk = told.world.desk(OPERATOR, told.world.window(language=told.language))
    told.alarm = phone.press()
    the_operator_reads(told, desk)
    desk.press_armed("Space")
    expect(desk("#taken-by")).to_be_visible()
    officer.goto(told.host_of(OFFICER) + "/zone/")
    expect(officer.locator(f"#card-{told.alarm}")).to_contain_text(NAME)
    the_zone_names_who_is_informed(told, officer)
    code = the_zone_names_a_team(told, officer)
    expect(desk("#way")).to_contain_text("M 12")
    device = told.device()
    told.open(device, code)
    expect(device.locator("#weapons")).to_contain_text(WEAPON)
    the_team_goes_and_arrives(device, desk)
    the_team_reports(device, desk)
    assert NAME not in device.content()
    the_operator_closes_with_the_report(desk, told)
    the_zone_does_what_follows(told, officer)


def the_operator_reads(told: Told, desk: Desk) -> None:
    """Weapons first, then the person; the ban that the alarm comes from; the door."""
    expect(desk.row(told.alarm)).to_be_visible()
    desk.choose(told.alarm)
    first = desk("#briefing > section").first
    expect(first).to_have_id("weapons")
    expect(first).to_contain_text(WEAPON)
    expect(first).to_contain_text("PV 42/2026")
    expect(desk("#person")).to_contain_text(NAME)
    expect(desk("#measures li").filter(has_text="Place ban")).to_contain_text("alarm comes from inside")
    expect(desk("#briefing")).to_contain_text(CODE)
    state = told.world.state(told.alarm)
    assert state.route is not None
    assert (state.case, state.route.managing_zone, state.route.centre) == (told.case, "5324", "HAI")
    assert not state.flags, "nothing odd about a kit that passed every gate"


def everybody_who_read_is_named(told: Told) -> None:
    """The data-protection officer sees who read the file and why, and nothing of what stands in it."""
    page = told.sign_in(PRIVACY, "/readings")
    page.fill("#file", told.number)
    page.locator("#filter button.primary").click()
    rows = page.locator("tbody tr")
    for who, why in (
        ("Inspecteur 21 · Mons/Quévy", "Own zone or office"),
        ("Substitute 01 · parquet de Mons", "Own zone or office"),
        ("Opératrice 12 · Hainaut", f"Alarm {told.alarm}"),
        ("M 12", f"Alarm {told.alarm}"),
    ):
        expect(rows.filter(has_text=who).filter(has_text=why).first).to_be_visible()
    expect(rows.filter(has_not_text=told.number)).to_have_count(0)
    assert not [secret for secret in SECRETS if secret in page.content()]
    page.goto(f"{told.host_of(PRIVACY)}/files/{told.case}/")
    expect(page.locator("h1")).not_to_contain_text("Noa")


def nothing_lies_in_clear(told: Told) -> None:
    """Databases with their write-ahead logs, spools, and all that the processes print."""
    stack = told.world.stack
    printed = [line for child in stack.children.values() for line in child.noise]
    found = find_clear_text(
        stack.config.data_dir, printed, SECRETS, [(LAT, LON)], [picture[40:104] for picture in told.pictures]
    )
    assert found == []
