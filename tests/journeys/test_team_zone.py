"""The zone's page in the browser: it lives under a hand that types, shows the link, and does not forget afterwards."""

import pytest
from playwright.sync_api import Page, expect

from egide.alarm import events as a
from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_team import ZONE, Team
from tests.support import browser as b


@pytest.fixture
def team(world: World) -> Team:
    return Team(world)


def test_what_happens_shows_on_its_own_card_while_somebody_types_on_another(world: World) -> None:
    first, second = Team(world), Team(world)
    page = first.zone_window()
    field = page.locator(f"#card-{first.alarm} input[name=call_sign]")
    page.locator(f"#card-{first.alarm} details:has([name=call_sign]) summary").click()
    field.fill("M 1")
    second.decide(a.HelpNeeded(by="team:M 12"))
    expect(page.locator(f"#help-{second.alarm}")).to_be_visible()
    expect(field).to_have_value("M 1")
    expect(field).to_be_focused()
    page.keyboard.type("4")
    first.decide(a.TeamUnderWay(by="team:M 12"))
    page.keyboard.press("Enter")
    first.has("TeamNamed", 2)
    expect(page.locator(f"#card-{first.alarm}")).to_contain_text("M 14")
    expect(page.locator(f"#card-{first.alarm}")).to_contain_text("Sent before")


def test_what_an_officer_has_opened_stays_open_when_news_come(team: Team) -> None:
    page = team.zone_window()
    card = page.locator(f"#card-{team.alarm}")
    card.locator("details:has([name=call_sign]) summary").click()
    page.evaluate("document.activeElement.blur()")
    team.decide(a.HelpNeeded(by="team:M 12"))
    expect(page.locator(f"#help-{team.alarm}")).to_be_visible()
    expect(card.locator("input[name=call_sign]")).to_be_visible()


def test_a_button_with_the_focus_holds_no_card_and_keeps_the_focus(team: Team) -> None:
    page = team.zone_window()
    card = page.locator(f"#card-{team.alarm}")
    button = card.locator("form[action$='/link'] button")
    expect(button).to_be_enabled()
    button.focus()
    expect(card.locator("form[action$=under-way]")).to_have_count(1)
    team.decide(a.TeamUnderWay(by="team:M 12"))
    expect(card.locator("form[action$=under-way]")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.mark.full(
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
    "tests/boards/team/test_team_link.py",
)
def test_the_link_shows_a_picture_and_a_code_that_opens_the_page_once(team: Team) -> None:
    page = team.zone_window()
    page.locator(f"#card-{team.alarm} form[action$='/link'] button").click()
    expect(page.locator("#link-dialog .qr svg path").last).to_be_visible()
    code = page.locator("#team-code").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#link-dialog")).to_be_hidden()
    expect(page.locator("#team-code")).to_have_count(0)
    assert code not in page.content(), "shown once"
    phone = team.device()
    team.open(phone, code)
    expect(phone.locator("#weapons")).to_be_visible()


def test_an_officer_follows_the_team_and_writes_its_report(team: Team) -> None:
    page = team.zone_window()
    page.locator(f"#card-{team.alarm} a[href$='/file/']").click()
    expect(page.locator("#weapons")).to_be_visible()
    team.decide(a.AlarmClosed("hainaut-12", "arrest", "told"))
    expect(page.locator("#closed")).to_be_visible()
    page.goto(page.url.split("/zone/")[0] + "/zone/")
    b.unblock_sound(page)
    page.locator(f"#report-{team.alarm} a[href*='/file/']").click()
    page.check("input[value=arrest]")
    page.fill("#report-text", "Told by radio by M 12")
    page.click("#report-send")
    page.wait_for_url("**/zone/")
    expect(page.locator(f"#report-{team.alarm}")).to_have_count(0)
    assert team.state.team.report and team.state.team.report.by == ZONE


@pytest.mark.full(
    "tests/boards/zone/test_zone_after.py::test_rule_11_the_managing_zone_has_a_follow_up_that_is_done_once_with_words",
)
def test_rule_11_the_managing_zone_does_what_follows(team: Team) -> None:
    page = team.zone_window()
    team.decide(a.AlarmClosed("hainaut-12", "perpetrator-gone", "He had left"))
    task = page.locator(f"#follow-up-{team.alarm}")
    task.locator("textarea").fill("Visited, lock changed")
    task.locator("button").click()
    expect(task).to_have_count(0)
    assert team.state.closing.followed_up_by == ZONE


@pytest.mark.full(
    "tests/boards/zone/test_zone_after.py::test_rule_02_a_position_that_moved_asks_the_new_zone_and_leaves_the_old_one_leading",
)
def test_rule_02_the_position_crosses_the_border_and_the_new_zone_is_asked(team: Team) -> None:
    page = team.zone_window()
    team.decide(
        a.AlarmRouted(route=a.Route(zone="5330", centre="HAI", managing_zone="5324", basis="position"))
    )
    expect(page.locator(f"#card-{team.alarm} .moved")).to_contain_text(
        "You lead until somebody there confirms"
    )


def whole(world: World, page: Page, language: str) -> Team:
    """A page with everything on it: loud, moved, closed with a report due, a follow-up."""
    Team(world, language).decide(a.AlarmClosed("hainaut-12", "arrest", "told"))
    team = Team(world, language)
    team.decide(a.HelpNeeded(by="team:M 12"), a.TeamNamed("hainaut-12", "5324", "M 14"))
    b.sign_in(page, world.stack, ZONE, "/zone/")
    expect(page.locator(f"#help-{team.alarm}")).to_be_visible()
    expect(page.locator("#follow-ups")).to_be_visible()
    return team


@in_every_language_and_size()
def test_the_zones_page_is_accessible_and_translated(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        team = whole(world, page, language)
        inspector.look("zone")
        inspector.walk("zone")
        page.locator(f"#card-{team.alarm} form[action$='/link'] button").click()
        expect(page.locator("#team-code")).to_be_visible()
        inspector.look("link")
        page.keyboard.press("Escape")
        page.locator(f"#card-{team.alarm} [data-call-back] button").click()
        expect(page.locator("#call-back")).to_be_visible()
        inspector.look("call-back")
        page.keyboard.press("Escape")
        page.locator(f"#card-{team.alarm} a[href*='/timeline']").click()
        expect(page.locator(".timeline li").first).to_be_visible()
        inspector.look("timeline")
