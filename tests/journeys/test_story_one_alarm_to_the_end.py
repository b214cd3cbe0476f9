"""A whole night: from the press over desk, zone and the team's phone to the report, the closing and what follows."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Desk, World
from tests.journeys.test_team import Team, tap_line
from tests.support import browser as b

REPORT = "Parti à pied vers la gare. Elle est chez sa sœur."


class Story(Team):
    """The team of this story is not there yet: the desk and the zone bring it, each at its own screen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.language = "fr"
        self.phone = world.phone()
        self.alarm = self.phone.press()


@pytest.mark.full(
    "tests/journeys/test_one_press.py::test_one_press_from_the_button_to_the_closed_alarm",
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
    "tests/journeys/test_team_zone.py::test_an_officer_follows_the_team_and_writes_its_report",
)
def test_one_alarm_to_the_end(world: World) -> None:
    desk = world.desk("hainaut-12")
    story = Story(world)
    zone = story_at_the_zone(story)

    desk.acknowledge(story.alarm)
    the_zone_names_who_is_informed(story, zone)
    expect(desk("#way")).to_contain_text("Insp. 21")
    code = the_zone_names_a_team(story, zone)
    expect(desk("#way")).to_contain_text("M 12")

    phone = story.device()
    story.open(phone, code)
    the_team_goes_and_arrives(phone, desk)
    the_team_reports(phone, desk)
    the_operator_closes_with_the_report(desk, story)
    the_zone_does_what_follows(story, zone)

    told = [kind for kind in world.kinds(story.alarm) if not kind.startswith("Position")]
    assert [kind for kind in told if kind not in ("StepMissed", "ShownOnBoard")] == [
        "PressReceived",
        "AlarmRouted",
        "AlarmAcknowledged",
        "ZoneConfirmed",
        "TeamNamed",
        "TeamLinkMade",
        "TeamLinkOpened",
        "TeamUnderWay",
        "TeamOnSite",
        "TeamReported",
        "AlarmClosed",
        "FollowUpDone",
    ]


def story_at_the_zone(story: Story) -> Page:
    page = story.zone_window()
    expect(page.locator(f"#card-{story.alarm}")).to_contain_text("Alix Exemple")
    return page


def the_zone_names_who_is_informed(story: Story, page: Page) -> None:
    card = page.locator(f"#card-{story.alarm}")
    card.locator("input[name=reference]").fill("Insp. 21")
    card.locator("input[name=reference]").press("Enter")
    story.has("ZoneConfirmed")


def the_zone_names_a_team(story: Story, page: Page) -> str:
    card = page.locator(f"#card-{story.alarm}")
    card.locator("input[name=call_sign]").fill("M 12")
    card.locator("input[name=call_sign]").press("Enter")
    story.has("TeamNamed")
    page.locator(f"#card-{story.alarm} form[action$='/link'] button").click()
    code = page.locator("#team-code").inner_text()
    page.keyboard.press("Escape")
    return code


def the_team_goes_and_arrives(phone: Page, desk: Desk) -> None:
    expect(phone.locator("#weapons")).to_be_visible()
    expect(phone.locator("body[data-ready]")).to_have_count(1)
    above = phone.evaluate(
        "document.querySelector('#weapons').getBoundingClientRect().top"
        " < document.querySelector('#person').getBoundingClientRect().top"
    )
    assert above, "weapons first"
    assert phone.evaluate("document.documentElement.scrollWidth") <= b.TELEPHONE["width"]
    phone.tap("[data-tap=under-way]")
    tap_line(phone, "under-way", "sent")
    expect(desk("#act-on-site")).to_be_visible()
    phone.tap("[data-tap=on-site]")
    tap_line(phone, "on-site", "sent")
    expect(desk("#act-close.main")).to_be_visible()


def the_team_reports(phone: Page, desk: Desk) -> None:
    phone.tap("#to-report")
    phone.check("input[value=perpetrator-gone]")
    phone.fill("#report-text", REPORT)
    phone.tap("#report-send")
    expect(phone.locator("#ended")).to_be_visible()
    assert "Alix" not in phone.content(), "the team's way in ends with its report"
    expect(desk("#report")).to_contain_text(REPORT)


def the_operator_closes_with_the_report(desk: Desk, story: Story) -> None:
    desk.press_armed("c")
    desk("#close-copy").click()
    expect(desk("input[value='perpetrator-gone']")).to_be_checked()
    desk.page.keyboard.press("Control+Enter")
    expect(desk.row(story.alarm)).to_have_count(0)
    state = story.state
    assert (state.closing.outcome, state.closing.closed_by, state.closing.reason) == (
        "perpetrator-gone",
        "hainaut-12",
        REPORT,
    )


def the_zone_does_what_follows(story: Story, page: Page) -> None:
    """The first person's file is managed by this zone."""
    left = page.locator(f"#follow-up-{story.alarm}")
    expect(left).to_contain_text(REPORT)
    left.locator("textarea").fill("Revue avec elle le lendemain; parquet informé.")
    left.locator("button").click()
    expect(page.locator(f"#follow-up-{story.alarm}")).to_have_count(0)
    assert story.state.closing.followed_up_by == "mons-quevy-21"
