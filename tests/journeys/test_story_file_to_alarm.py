"""One person's whole story: asked, decided, signed, a web page as a second way, then a kit with a phone that works with
the screen off, a real alarm, and who read what.

There is no native app yet: the companion in Python stands for it, and says of itself that it is the companion.
"""

import io
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from egide.common.clock import SystemClock, utc
from tests.journeys.conftest import Desk, World
from tests.journeys.kit import CompanionKit
from tests.journeys.story_kit import (
    every_condition_is_proven,
    gate,
    the_kit_is_handed_over,
    the_officer_lends_a_phone_instead,
    the_officer_makes_a_kit_ready,
    the_phone_is_enrolled,
    the_web_page_is_enrolled,
    the_web_page_leaves_as_a_second_way,
)
from tests.journeys.test_phone_button import Bluetooth
from tests.journeys.test_story_one_alarm_to_the_end import (
    the_operator_closes_with_the_report,
    the_team_goes_and_arrives,
    the_team_reports,
    the_zone_does_what_follows,
    the_zone_names_a_team,
    the_zone_names_who_is_informed,
)
from tests.journeys.told import LAT, LON, OFFICER, Told, fill
from tests.support import browser as b
from tests.support.clear_text import find_clear_text
from tests.support.pdf import scanned

MAGISTRATE, OPERATOR, PRIVACY = "parquet-mons-01", "hainaut-12", "dpo-01"
NAME, CHILD, PERPETRATOR = "Noa Inventée (démo)", "Zélie Inventée", "Hugo Chimère (démo)"
ADDRESS, CODE, WEAPON = "Allée des Mirages 17, 7000 Mons", "8842#", "Fusil de chasse au grenier"
CONTEXT, REASONS = (
    "Menaces répétées depuis la séparation (démo)",
    "Le danger est établi par deux rapports (démo)",
)
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


@pytest.mark.full(
    "tests/casework/test_life.py::test_from_the_request_to_the_grant_over_the_pages",
    "tests/fleet/test_pages.py::test_from_the_file_to_the_hand_over_on_the_pages_alone",
    "tests/journeys/test_one_press.py::test_one_press_from_the_button_to_the_closed_alarm",
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
    "tests/access/test_readings.py::test_the_data_protection_officer_sees_who_read_what_when_and_why",
)
def test_one_person_from_the_request_to_the_readings(world: World, air: None, tmp_path: Path) -> None:
    with closing(Bluetooth(world, tmp_path)) as bluetooth:
        tell(Told(world), bluetooth, tmp_path)
        world.calm()


def tell(told: Told, bluetooth: Bluetooth, folder: Path) -> None:
    officer = told.sign_in(OFFICER)
    the_officer_opens_a_file(told, officer)
    the_officer_completes_it(told, officer)
    the_officer_asks(told, officer)
    the_magistrate_grants(told)
    the_officer_makes_a_kit_ready(told, officer)
    page = the_web_page_is_enrolled(told, officer, bluetooth)
    the_agreement_is_signed(told, officer)
    the_web_page_leaves_as_a_second_way(told, officer, page)
    the_officer_lends_a_phone_instead(told, officer)
    with closing(the_phone_is_enrolled(told, officer, folder)) as phone:
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
    page.click("#save-back")
    expect(page.locator("h1")).to_have_text(NAME)
    told.case = page.url.rstrip("/").split("/")[-1]
    found = re.search(r"\d{4}-\d{6}", page.locator(".lead").inner_text())
    assert found, "the file has a number"
    told.number = found[0]
    expect(page.locator(".task-list .open")).to_have_count(4 * 2)


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
    page.click("#todo-conditions")
    fill(page, {"threat": "yes", "contact": "no", "roof": "no", "residence": "yes", "agrees": "yes"})
    page.fill("#id_remark", "Elle demande l’alarme elle-même")
    page.click("#save-ask")
    expect(page.locator("h1")).to_have_text("Risk analysis")
    for answer in b.every(page.locator("#edit input[type=radio][name^=q-][value=yes]")):
        answer.check()
    fill(page, {"danger": "yes", "danger_reasons": "Une arme à la maison", "urgent": "yes"})
    page.fill("[name=urgent_reasons]", "Il connaît l’adresse")
    page.click("#save-back")
    expect(page.locator("#danger")).to_contain_text("Une arme à la maison")
    page.click("#todo-consultation")
    fill(page, {"who": "Insp. 21, substitut 01", "police_view": "Favorable"})
    page.click("#save")
    expect(page.locator("#life")).to_be_visible()
    expect(page.locator("#to-decision")).to_have_count(0)


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


def the_agreement_is_signed(told: Told, page: Page) -> None:
    """In another tab; the kit's page sees it."""
    tab = page.context.new_page()
    told.file(tab)
    tab.click("#todo-agreement")
    fill(tab, {"on": day()})
    scan = {"name": "convention.pdf", "mimeType": "application/pdf"}
    tab.set_input_files("[name=scan]", {**scan, "buffer": b"no PDF"})
    tab.click("#save")
    expect(tab.locator("#id_scan_error")).to_be_visible()
    tab.set_input_files("[name=scan]", {**scan, "buffer": scanned()})
    tab.click("#save-back")
    expect(tab.locator("#papers")).to_contain_text("signed")
    tab.close()
    expect(gate(page, "The agreement is signed")).to_have_class("open")


def the_alarm_goes_its_way(told: Told, officer: Page, phone: CompanionKit) -> None:
    """From the real press to the closing, each at their own screen."""
    desk = told.world.desk(OPERATOR, told.world.window(language=told.language))
    told.alarm = phone.press()
    the_operator_reads(told, desk)
    desk.press_armed("Space")
    expect(desk("#taken-by")).to_be_visible()
    officer.goto(told.host_of(OFFICER) + "/zone/")
    b.hear_test(officer)
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
    first = desk("#pinned > section").first
    expect(first).to_have_id("weapons")
    expect(first).to_contain_text(WEAPON)
    expect(first).to_contain_text("PV 42/2026")
    expect(desk("#person")).to_contain_text(NAME)
    expect(desk("#measures li").filter(has_text="Place ban")).to_contain_text("alarm comes from inside")
    expect(desk("#briefing")).to_contain_text(CODE)
    state = told.world.state(told.alarm)
    assert state.lead.route is not None
    assert (state.case, state.lead.route.managing_zone, state.lead.route.centre) == (told.case, "5324", "HAI")
    assert not state.press.flags, "nothing odd about a kit that passed every gate"


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
