"""A test stays a test on a live board; a supervisor sees everything at once and closes after a call-back."""

import pytest
from playwright.sync_api import expect

from egide.alarm.events import TeamNamed, ZoneConfirmed
from egide.protocol.envelope import Kind, Trigger
from tests.journeys.conftest import World
from tests.support import browser as b


@pytest.mark.full(
    "tests/journeys/test_companion_desk.py::test_rule_20_a_test_of_the_button_stands_in_its_lane_and_the_next_press_rings",
    "tests/boards/desk/test_lanes.py",
)
def test_rule_20_a_test_press_appears_live_in_its_lane_and_rings_nothing(world: World) -> None:
    desk = world.desk()
    phone = world.phone()

    status, _answer = phone.post("/v1/messages", phone.envelope(Kind.TEST, trigger=Trigger.BUTTON))

    assert status == 201
    # Another one comes while a hand is just folding the lane out.
    lane = desk("#tests summary")
    lane.hover()
    said = lane.inner_text()
    desk.page.mouse.down()
    phone.post("/v1/messages", phone.envelope(Kind.TEST, trigger=Trigger.BUTTON))
    expect(lane).not_to_have_text(said)
    desk.page.mouse.up()
    expect(lane).to_be_focused()
    expect(desk("#tests li").filter(has_text="bouton").first).to_be_visible()
    expect(desk("#tests")).to_contain_text("Mons/Quévy · 5324")
    expect(desk("#tests")).not_to_contain_text(phone.kit[:8])
    expect(desk("#count")).to_have_text("0")
    expect(desk("#no-alarms")).to_be_visible()
    assert world.journal.open_alarms() == []


@pytest.mark.full("tests/boards/desk/test_overview.py")
def test_a_supervisor_sees_alarms_and_operators_live_and_goes_to_one_with_the_keyboard(world: World) -> None:
    operator = world.desk("hainaut-12")
    page = world.window()
    b.sign_in(page, world.stack, "hainaut-chef", "/desk/overview")
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")

    alarm = world.phone().press()
    line = page.locator(f"#overview-list li[data-alarm='{alarm}']")
    expect(line).to_be_visible()
    operator.acknowledge(alarm)
    expect(line.locator(".line-who")).to_contain_text("Opératrice 12 · Hainaut")
    expect(page.locator(".people .at-board").first).to_contain_text("Opératrice 12 · Hainaut")
    page.keyboard.press("ArrowDown")
    expect(line.locator("a")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(f"#alarm[data-alarm='{alarm}']")).to_be_visible()


@pytest.mark.full(
    "tests/boards/team/test_team_link.py",
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
)
def test_k_shows_the_link_for_the_team_with_picture_and_code(world: World) -> None:
    desk = world.desk()
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    world.write_down(
        alarm,
        ZoneConfirmed(user="hainaut-12", zone="5324", reference="Insp. 21"),
        TeamNamed(user="hainaut-12", zone="5324", call_sign="M 12"),
    )
    expect(desk("#act-link")).to_be_visible()

    desk.press_armed("k")
    desk.page.keyboard.press("Enter")

    expect(desk("#link-text .qr svg")).to_be_visible()
    expect(desk("#team-code")).not_to_be_empty()
    world.until(lambda: "TeamLinkMade" in world.kinds(alarm), "the link is on record")


@pytest.mark.full(
    "tests/boards/desk/test_closing.py",
    "tests/boards/shown/test_call_back.py",
)
def test_rule_08_a_supervisor_closes_after_a_call_back_and_an_operator_cannot(world: World) -> None:
    operator, chief = world.desk("hainaut-12"), world.desk("hainaut-chef")
    alarm = world.phone().press()
    operator.acknowledge(alarm)
    expect(operator("#act-ask-supervisor")).to_be_visible()
    expect(operator("#act-close")).to_have_count(0)

    chief.choose(alarm)
    chief.press_armed("c")
    # What is rung back with stands in the dialog: what must never be used, the number as a link, the word.
    expect(chief("#close-dialog .call-back .never").first).to_be_visible()
    expect(chief("#close-dialog .call-back a.dial[href^='tel:+']").first).to_be_visible()
    expect(chief("#close-dialog .call-back .agreed-word b")).not_to_be_empty()
    chief("[name=called_back]").check()
    chief("input[value='handling-error']").check()
    chief("#close-reason").fill("Rappelée, mot convenu entendu")
    chief("#close-save").click()

    expect(chief.row(alarm)).to_have_count(0)
    assert world.state(alarm).closing.outcome == "handling-error"
