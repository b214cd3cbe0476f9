"""Quick hands: the palette on desk, zone and office pages, and a press while news come. Looks: test_pages.py."""

import pytest
from playwright.sync_api import Locator, Page, expect

from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmRouted,
    HelpNeeded,
    Route,
    TeamDelayed,
    TeamNamed,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.protocol.envelope import Position, Source
from tests.journeys.conftest import World
from tests.journeys.test_team import Team
from tests.support import browser as b

OPTIONS = "#palette-list [role=option]"
PRESENT = f"{OPTIONS}[aria-selected=true]"
# What a screen reader names while the field has the focus.
NAMED = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent"

# Where something stands on its page, in whole pixels.
HEIGHT = "at => Math.round(at.getBoundingClientRect().top + scrollY)"


def find(page: Page, text: str, line: str) -> None:
    """Open the palette by its keys and type; returns once the chosen line says `line`."""
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-text")).to_be_focused()
    page.keyboard.type(text)
    expect(page.locator(PRESENT)).to_contain_text(line)
    assert line in page.evaluate(NAMED)


@pytest.mark.full(
    "tests/boards/test_finding.py",
    "tests/journeys/test_rule_39_stray_keys.py::test_rule_39_a_step_said_for_a_team_names_it_and_waits_for_a_fresh_enter",
)
def test_at_the_desk_it_chooses_an_alarm_and_asks_before_it_records_what_is_said_for_a_team(
    world: World,
) -> None:
    desk, first, second = world.desk(), world.phone().press(), world.phone().press()
    page, addresses = desk.page, []
    page.on("request", lambda request: addresses.append(request.url))
    world.write_down(
        first,
        AlarmAcknowledged(user="hainaut-12"),
        ZoneConfirmed(user="hainaut-12", zone="5324", reference="Insp. 21"),
        TeamNamed(user="hainaut-12", zone="5324", call_sign="M 12"),
    )
    for chosen, other in ((first, second), (second, first)):
        desk.choose(chosen)
        find(page, "àlix", "Alix Exemple")
        expect(desk(OPTIONS)).to_have_count(2)
        if f"#row-{other}" not in (desk(PRESENT).get_attribute("data-url") or ""):
            page.keyboard.press("ArrowDown")
        expect(desk(f"{PRESENT}[data-url$='#row-{other}']")).to_be_visible()
        page.keyboard.press("Enter")
        expect(desk(f"#alarm[data-alarm='{other}']")).to_be_visible()
    expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    word = desk("#act-under-way").evaluate("at => at.firstChild.textContent.trim()")
    find(page, word, word)
    page.keyboard.press("Enter")
    expect(desk("#sure-dialog")).to_contain_text("M 12")
    # Over another dialog it does not open.
    page.keyboard.press("Control+k")
    expect(desk("#palette")).to_be_hidden()
    assert "TeamUnderWay" not in world.kinds(first)
    page.keyboard.press("Enter")
    expect(desk("#act-on-site")).to_be_visible()
    assert world.kinds(first).count("TeamUnderWay") == 1
    assert any(address.endswith("/palette") for address in addresses)
    assert not [address for address in addresses if "lix" in address]


@pytest.mark.full(
    "tests/boards/test_finding.py",
    "tests/casework/test_secrets.py::test_every_opening_of_a_file_is_an_event",
)
def test_at_a_zone_it_leads_to_the_button_and_in_an_office_what_is_listed_is_not_yet_read(
    world: World,
) -> None:
    alarm = world.phone().press()
    world.until(lambda: world.state(alarm).lead.route, "routed")
    zone, office = world.window(), world.window(b.TELEPHONE)
    b.sign_in(zone, world.stack, "mons-quevy-21", "/zone/")
    before = world.kinds(alarm)
    find(zone, "direction", "Alix Exemple")
    zone.keyboard.press("Enter")
    expect(zone.locator(f"#card-{alarm} input[name=reference]")).to_be_focused()
    assert world.kinds(alarm) == before

    case = world.person(0)["case"]

    def readings() -> int:
        return [row.kind for row in world.journal.stream(f"case:{case}")].count("FileOpened")

    b.sign_in(office, world.stack, "parquet-mons-01", "/start")
    read = readings()
    find(office, "alix", "Alix Exemple")
    assert readings() == read
    office.keyboard.press("Enter")
    office.wait_for_url(f"**/files/{case}/")
    world.until(lambda: readings() > read, "the reading is on record")


def press_down(page: Page, on: Locator) -> None:
    """Put the mouse on it and its button down; what is there may change before it comes up again."""
    on.hover()
    page.mouse.down()


def test_a_row_that_changes_under_the_finger_is_chosen_all_the_same(world: World) -> None:
    desk, phone = world.desk(), world.phone()
    desk.choose(world.phone().press())
    alarm = phone.press()
    press_down(desk.page, desk.row(alarm).locator("button"))
    assert phone.press() == alarm
    expect(desk.row(alarm)).to_have_attribute("data-presses", "2")
    desk.page.mouse.up()
    expect(desk(f"#alarm[data-alarm='{alarm}']")).to_be_visible()


def test_a_button_of_a_zone_does_what_it_says_when_news_come_under_the_finger(world: World) -> None:
    first, second = Team(world), Team(world)
    page = first.zone_window()
    card = page.locator(f"#card-{first.alarm}")
    press_down(page, card.locator("form[action$=under-way] button"))
    second.decide(HelpNeeded(by="team:M 12"))
    expect(page.locator(f"#help-{second.alarm}")).to_be_visible()
    first.decide(HelpNeeded(by="team:M 12"))
    page.mouse.up()
    first.has("TeamUnderWay")
    expect(page.locator(f"#help-{first.alarm}")).to_be_visible()


def test_what_an_officer_presses_on_the_teams_page_is_not_taken_away_by_a_new_position(world: World) -> None:
    team = Team(world)
    page = team.zone_window()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(f"#card-{team.alarm} a[href$='/file/']").click()
    expect(page.locator("body[data-ready]")).to_have_count(1)
    copied = page.locator("#copy .num").inner_text()
    press_down(page, page.locator("#copy"))
    moved = Route(
        zone="5324",
        centre="HAI",
        managing_zone="5324",
        basis="position",
        position=Position(504_600_000, 39_600_000, 9, 0, Source.SATELLITE),
    )
    with page.expect_response(lambda reply: reply.url.endswith("/now") and team.state.lead.route == moved):
        team.decide(AlarmRouted(route=moved))
    page.mouse.up()
    expect(page.locator("#copy .num")).to_have_text("50.46000, 3.96000")
    assert page.evaluate("navigator.clipboard.readText()") == copied


def test_what_is_pressed_on_the_teams_page_does_not_move_before_it_is_released(world: World) -> None:
    team = Team(world)
    team.decide(TeamUnderWay(by="team:M 12"))
    page = team.zone_window()
    page.locator(f"#card-{team.alarm} a[href$='/file/']").click()
    # The map comes last.
    expect(page.locator("#map.leaflet-container")).to_be_visible()
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)
    opens = page.locator("[data-says=delayed] summary")
    press_down(page, opens)
    height = opens.evaluate(HEIGHT)
    with page.expect_response(lambda reply: reply.url.endswith("/now") and bool(team.state.team.delay)):
        team.decide(TeamDelayed(by="hainaut-12", in_s=1500, reason="Route de Mons"))
    assert opens.evaluate(HEIGHT) == height
    page.mouse.up()
    page.clock.resume()
    expect(page.locator("[data-tap-form=delayed]")).to_be_visible()
    expect(page.locator("#team-lead .remark").first).to_contain_text("Route de Mons")
