"""Two alarms at once: two operators mix nothing up, and one brings both to their end by keys alone."""

import pytest
from playwright.sync_api import Page, expect

from egide.protocol.envelope import Trigger
from tests.journeys.conftest import Desk, World
from tests.journeys.inspecting import tab_to
from tests.journeys.test_team import tap_line

REPORT = "Interpellé devant la porte."


@pytest.mark.full(
    "tests/journeys/test_under_news.py::test_a_note_being_written_outlives_positions_and_new_alarms",
    "tests/journeys/test_two_operators.py::test_the_first_acknowledgement_wins_and_the_other_sees_who",
)
def test_two_alarms_at_once_go_to_two_operators_and_neither_is_mixed_up(world: World) -> None:
    first, second = world.desk("hainaut-12"), world.desk("hainaut-07")
    phones = world.phone(), world.phone()
    alarms = [phone.press() for phone in phones]
    for desk in (first, second):
        for alarm in alarms:
            expect(desk.row(alarm)).to_be_visible()
        expect(desk("#count")).to_have_text("2")

    first.acknowledge(alarms[0])
    second.acknowledge(alarms[1])
    expect(first.row(alarms[1]).locator(".card-by")).to_have_text("Opérateur 07 · Hainaut")
    expect(second.row(alarms[0]).locator(".card-by")).to_have_text("Opératrice 12 · Hainaut")

    # While one writes, the other's alarm moves, is pressed again and goes on: the hand keeps what it has.
    first.press_armed("n")
    first.page.keyboard.type("Deux fois ")
    phones[1].press()
    phones[1].move(phones[1].position)
    expect(first.row(alarms[1])).to_have_attribute("data-presses", "2")
    expect(first("#note-text")).to_be_focused()
    first.page.keyboard.type("à la porte")
    first.page.keyboard.press("Control+Enter")
    expect(first(".notes")).to_contain_text("Deux fois à la porte")
    expect(first("#alarm")).to_have_attribute("data-alarm", alarms[0])

    second.press_armed("z")
    second("#zone-reference").fill("Insp. 21")
    second.page.keyboard.press("Enter")
    expect(second("#way")).to_contain_text("Insp. 21")

    one, other = (world.state(alarm) for alarm in alarms)
    assert (one.lead.acknowledged_by, one.lead.zone, [note.text for note in one.lead.notes]) == (
        "hainaut-12",
        "",
        ["Deux fois à la porte"],
    )
    assert (other.lead.acknowledged_by, other.lead.zone_reference, other.lead.notes, other.press.presses) == (
        "hainaut-07",
        "Insp. 21",
        (),
        2,
    )


@pytest.mark.full(
    "tests/journeys/test_one_press.py::test_one_press_from_the_button_to_the_closed_alarm",
    "tests/journeys/test_rule_05_order.py::test_the_board_stands_in_order_of_urgency",
    "tests/journeys/test_team.py::test_a_team_opens_its_page_by_code_goes_arrives_and_reports",
)
def test_two_alarms_at_once_one_under_duress_from_press_to_report_with_keys_alone(world: World) -> None:
    desk = world.desk()
    calm, coerced = world.phone(), world.phone()
    alarms = {calm.press(): "M 11", coerced.press(): "M 12"}
    coerced.cancel(trigger=Trigger.DURESS)
    first, under_duress = alarms
    expect(desk.row(under_duress)).to_have_attribute("data-looks", "duress")
    for alarm in (under_duress, first):
        go_to(desk, alarm)
        desk.press_armed("Space")
        expect(desk("#taken-by")).to_be_visible()
    teams = {alarm: send_team(world, desk, alarm, sign) for alarm, sign in alarms.items()}
    go_to(desk, under_duress)
    expect(desk("#duress")).to_be_visible()
    for team in teams.values():
        go_arrive_and_report(team)
    for alarm in (under_duress, first):
        close(desk, alarm)
    for alarm, sign in alarms.items():
        state = world.state(alarm)
        assert state.team.report and state.team.report.by == f"team:{sign}"
        assert (state.closing.outcome, state.closing.closed_by) == ("arrest", "hainaut-12")
        assert state.closing.reason == f"2 témoins.\n{REPORT}"
    assert world.state(under_duress).press.duress and not world.state(first).press.duress


def go_to(desk: Desk, alarm: str) -> None:
    """Choose it with the arrows."""
    expect(desk("#alarm[data-alarm]")).to_be_visible()
    for _time in range(3):
        shown = desk("#alarm").get_attribute("data-alarm")
        if shown == alarm:
            break
        desk.page.keyboard.press("ArrowDown")
        expect(desk(f"#alarm[data-alarm='{shown}']")).to_have_count(0)
    expect(desk(f"#pinned[data-alarm='{alarm}']")).to_be_visible()


def send_team(world: World, desk: Desk, alarm: str, sign: str) -> Page:
    """The zone is informed, the team named, and its page opened with the code of a fresh link."""
    go_to(desk, alarm)
    keys = desk.page.keyboard
    desk.press_armed("z")
    keys.type("Insp. 21")
    keys.press("Enter")
    expect(desk("#way")).to_contain_text("Insp. 21")
    desk.press_armed("t")
    keys.type(sign)
    keys.press("Enter")
    expect(desk("#way")).to_contain_text(sign)
    desk.press_armed("k")
    keys.press("Enter")
    code = desk("#team-code").inner_text()
    keys.press("Escape")
    page = world.window(language="fr")
    page.goto(f"http://localhost:{world.stack.ports['web']}/team/")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#weapons")).to_be_visible()
    return page


def go_arrive_and_report(page: Page) -> None:
    expect(page.locator("#help")).to_be_enabled()
    for step in ("under-way", "on-site"):
        tab_to(page, f"[data-tap={step}]")
        page.keyboard.press("Enter")
        tap_line(page, step, "sent")
    tab_to(page, "#report-form [value=arrest]")
    page.keyboard.press("Space")
    tab_to(page, "#report-text")
    page.keyboard.type(REPORT)
    tab_to(page, "#report-send")
    page.keyboard.press("Enter")
    expect(page.locator("#ended")).to_be_visible()


def close(desk: Desk, alarm: str) -> None:
    """With the report of the team."""
    go_to(desk, alarm)
    expect(desk("#report")).to_contain_text(REPORT)
    desk.press_armed("c")
    # Its number chooses how it ended, and the hand goes on with why; what is typed there is a text.
    desk.page.keyboard.press("1")
    expect(desk("#close-form [value=arrest]")).to_be_checked()
    expect(desk("#close-reason")).to_be_focused()
    desk.page.keyboard.type("2 témoins.")
    expect(desk("#close-form [value=arrest]")).to_be_checked()
    tab_to(desk.page, "#close-copy")
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("Control+Enter")
    expect(desk.row(alarm)).to_have_count(0)
