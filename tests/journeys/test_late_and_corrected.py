"""A team that is delayed and a step that was said wrong, on the pages of desk, zone and team."""

import re

import pytest
from playwright.sync_api import Page, expect

from egide.alarm import events as a
from tests.journeys.conftest import World
from tests.journeys.inspecting import Inspector, Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_team import ZONE, Team
from tests.support import browser as b

WHY = "Route de Mons"


def fill(form: str, page: Page, **fields: str) -> None:
    """Fill a form of a command."""
    for name, value in fields.items():
        field = page.locator(f"{form} [name={name}]")
        if field.evaluate("at => at.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


@in_every_language_and_size()
def test_an_operator_records_a_delay_and_corrects_a_step_by_keys(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        team = Team(world, language)
        team.decide(
            a.TeamUnderWay(by="hainaut-12", told="operator"), a.TeamOnSite(by="hainaut-12", told="operator")
        )
        desk = world.desk(page=inspector.page)
        desk.choose(team.alarm)
        desk.press_armed("x")
        expect(desk("#command-dialog")).to_be_visible()
        inspector.look("correct")
        inspector.walk("correct")
        fill("#command-form", desk.page, step="on-site", so="not", reason=WHY)
        desk("#command-save").click()
        team.has("StepCorrected")
        expect(desk("#act-on-site")).to_be_visible()
        desk.press_armed("d")
        fill("#command-form", desk.page, minutes="25", reason=WHY)
        inspector.look("delayed")
        desk.page.keyboard.press("Control+Enter")
        team.has("TeamDelayed")
        expect(desk("#alarm .remark")).to_contain_text(WHY)
        inspector.look("expected later")


@pytest.mark.full(
    "tests/boards/zone/test_zone_after.py::test_what_was_typed_stays_in_the_field_of_its_alarm_when_it_is_refused",
    "tests/alarm/test_delay.py",
    "tests/journeys/test_late_and_corrected.py::test_an_operator_records_a_delay_and_corrects_a_step_by_keys",
)
@in_every_language_and_size()
def test_an_officer_records_a_delay_and_what_is_refused_stays_typed(
    world: World, language: str, sizes: Sizes
) -> None:
    with inspecting(world, language, sizes) as inspector:
        team, page = Team(world, language), inspector.page
        team.decide(a.TeamUnderWay(by="team:M 12"))
        b.sign_in(page, world.stack, ZONE, "/zone/")
        card = page.locator(f"#card-{team.alarm}")
        for name in ("delayed", "correct"):
            card.locator(f"#{name}-{team.alarm} summary").click()
        inspector.look("zone forms")
        correct = f"#correct-{team.alarm}"
        fill(correct, page, step="under-way", so="taken", minutes="200", reason=WHY)
        page.locator(f"{correct} button").click()
        expect(card.locator(".form-error")).to_be_visible()
        expect(page.locator(f"{correct} [name=reason]")).to_have_value(WHY)
        inspector.look("refused")
        late = f"#delayed-{team.alarm}"
        b.put_hand_in(page, late)
        fill(late, page, minutes="15", reason=WHY)
        page.locator(f"{late} button").click()
        team.has("TeamDelayed")
        expect(card.locator(".remark").first).to_contain_text(WHY)


@pytest.mark.full(
    "tests/boards/team/test_taps.py",
    "tests/journeys/test_team.py::test_taps_without_a_network_are_kept_and_sent_once_each_in_their_order",
    "tests/alarm/test_correction.py",
)
@in_every_language_and_size([b.TELEPHONE, b.NARROW])
def test_a_team_says_that_it_is_late_and_takes_back_a_tap_without_a_network(
    world: World, language: str, sizes: Sizes
) -> None:
    team = Team(world, language)
    page = team.opened(sizes[0])
    inspector = Inspector(world, page, language, sizes)
    page.tap("[data-tap=under-way]")
    team.has("TeamUnderWay")
    page.locator("[data-says=delayed] summary").click()
    inspector.look("delayed")
    fill("[data-tap-form=delayed]", page, minutes="15", reason=WHY)
    page.locator("[data-tap-form=delayed] button").click()
    team.has("TeamDelayed")
    expect(page.locator("#team-lead .remark").first).to_contain_text(WHY)
    page.tap("[data-tap=on-site]")
    team.has("TeamOnSite")
    # The phone hides a step at once, and its news then move what stands below: the hand waits for them.
    expect(page.locator("#team-state")).not_to_have_attribute("data-offered", re.compile(r"\bon-site\b"))
    page.locator("[data-says=correct] summary").click()
    expect(page.locator("[data-says=correct]")).to_have_attribute("open", "")
    inspector.look("correct")
    assert not inspector.faults, "\n".join(inspector.faults)
    fill("[data-tap-form=correct]", page, step="on-site", so="not", reason=WHY)
    page.context.set_offline(True)
    page.locator("[data-tap-form=correct] button").click()
    expect(page.locator("#tap-list li[data-kind=correct]")).to_have_class("kept")
    page.context.set_offline(False)
    team.has("StepCorrected")
    expect(page.locator("[data-tap=on-site]")).to_be_visible()
