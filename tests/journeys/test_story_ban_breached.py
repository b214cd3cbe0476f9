"""A ban is drawn around an address; a press inside of it says so at the desk, and the file asks for the breach."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from egide.alarm.events import AlarmClosed, TeamNamed, TeamReported, ZoneConfirmed
from egide.common.clock import SystemClock, utc
from egide.demo.plan import drawn
from egide.geography.ground import distance_m
from tests.journeys.conftest import GENT, World
from tests.support import browser as b
from tests.support.phones import place

OFFICER, OPERATOR = "gent-ref", "oost-vlaanderen-03"
SCHOOL = "Basisschool (demo)"
# So far from her home that no other circle of the file is near.
FAR_M = 700


def house_far_from(lat: float, lon: float) -> tuple[str, float, float]:
    """The address of a house in Ghent's invented plan, and where it stands."""
    for street in drawn():
        for house_lat, house_lon, number in street.houses:
            away = distance_m(*(round(degrees * 1e7) for degrees in (lat, lon, house_lat, house_lon)))
            if street.town.postcode == "9000" and away > FAR_M:
                return f"{street.names[-1]} {number}, 9000 Gent", house_lat, house_lon
    raise AssertionError("the plan has houses all around")


def draw_a_ban(world: World, page: Page, address: str) -> str:
    """The officer draws a place ban of 150 m around an address, chosen among those that may be meant."""
    file = f"/files/{world.person(GENT)['case']}/"
    b.sign_in(page, world.stack, OFFICER, file)
    page.goto(f"{world.stack.host(OFFICER)}{file}measure/add")
    page.locator("#edit [name=kind]").select_option("place-ban")
    page.fill("#id_issuer", "Familierechtbank (demo)")
    page.fill("#id_starts", (utc(SystemClock().now_us()).date() - timedelta(days=3)).isoformat())
    page.locator("#id_areas_0_place").press_sequentially(address.partition(",")[0])
    page.locator("#id_areas_0_place-suggested [role=option]", has_text=address).first.click()
    page.fill("#id_areas_0_metres", "150")
    page.fill("#id_areas_0_label", SCHOOL)
    page.click("#save")
    expect(page.locator("#measure")).to_contain_text(SCHOOL)
    return file


@pytest.mark.full(
    "tests/casework/test_addresses.py::test_a_ban_is_drawn_around_an_address",
    "tests/casework/test_findings.py::test_the_zone_confirms_statement_and_breach_and_they_stand_in_the_file",
)
def test_a_ban_is_drawn_around_an_address_breached_and_asked_for_in_the_file(world: World) -> None:
    home = world.person(GENT)
    address, lat, lon = house_far_from(home["lat"], home["lon"])
    officer = world.window(b.DESKTOP, "nl")
    file = draw_a_ban(world, officer, address)

    # She presses in front of it: the desk names the ban and the address.
    desk = world.desk(OPERATOR)
    phone = world.phone(GENT)
    phone.position = place(lat, lon, 5)
    alarm = phone.press()
    desk.acknowledge(alarm)
    expect(desk("#map-legend .ban.inside")).to_contain_text("Binnen:")
    expect(desk("#address")).to_contain_text(address)
    expect(desk("#map .leaflet-overlay-pane path").first).to_be_attached()

    world.write_down(
        alarm,
        ZoneConfirmed(OPERATOR, "5415", "Insp. 44"),
        TeamNamed(OPERATOR, "5415", "G 4"),
        TeamReported(by="team:G 4", outcome="perpetrator-gone", text="Stond aan de schoolpoort (demo)."),
        AlarmClosed(user=OPERATOR, outcome="perpetrator-gone", reason="Demo"),
    )

    # What the alarm found waits in the file, with the ban in whose circle she was, until an officer confirms it.
    officer.goto(f"{world.stack.host(OFFICER)}{file}")
    officer.click(f"#findings a[href*='{alarm}']")
    expect(officer.locator("main")).to_contain_text("Stond aan de schoolpoort")
    breach = officer.locator("#edit [type=checkbox]").first
    expect(breach).not_to_be_checked()
    breach.check()
    officer.click("#save")
    expect(officer.locator(f"#findings a[href*='{alarm}']")).to_have_count(0)
    expect(officer.locator("main")).to_contain_text("Stond aan de schoolpoort")
