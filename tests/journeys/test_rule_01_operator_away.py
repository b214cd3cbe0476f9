"""Safety rule 1: an operator who goes away, is cut off or signs out loses the alarm; it rings as new at colleagues'."""

import pytest
from playwright.sync_api import expect

from egide.common.clock import SystemClock
from egide.journal.now.presence import Presence
from tests.journeys.conftest import World
from tests.support import browser as b

# The page's own clock, and a way to turn it forward.
TURN = """
const real = performance.now.bind(performance);
let turned = 0;
performance.now = () => real() + turned;
window.turn = (ms) => (turned += ms);
"""


@pytest.mark.parametrize("waits", [False, pytest.param(True, marks=pytest.mark.full("its other cases"))])
def test_rule_01_an_operator_who_goes_away_is_asked_in_time_and_then_loses_the_alarm(
    world: World, waits: bool
) -> None:
    page = world.window()
    page.add_init_script(TURN)
    away, colleague = world.desk("hainaut-12", page), world.desk("hainaut-07")
    alarm = world.phone().press()
    away.acknowledge(alarm)
    expect(colleague.row(alarm)).to_have_attribute("data-rings", "no")

    if not waits:
        page.evaluate("window.turn(47_000)")
        expect(away("#still-there")).to_be_visible()
        # Any key answers, and does nothing else.
        page.keyboard.press("n")
        expect(away("#still-there")).to_be_hidden()
        expect(away("#note-dialog")).to_be_hidden()
        page.evaluate("window.turn(47_000)")
    expect(away("#still-there")).to_be_visible()
    assert "OperatorLeft" not in world.kinds(alarm)
    expect(away("#still-there-word")).to_contain_text("1")
    # Somebody sits at the other board all the while.
    colleague.page.mouse.move(500, 500)
    colleague.page.mouse.move(510, 500)
    if not waits:
        page.evaluate("window.turn(14_000)")
        # What the server remembers of the last action grows as old as the page's clock says.
        now_us = SystemClock().now_us()
        presence = Presence(world.stack.config)
        presence.note_board("action of hainaut-12", "hainaut-12", "HAI", now_us, 61_000_000)

    expect(colleague.row(alarm)).to_have_attribute("data-rings", "yes")
    expect(colleague.row(alarm)).to_contain_text("Opératrice 12 · Hainaut")
    expect(colleague("#announcer")).to_contain_text("Opératrice 12 · Hainaut")
    expect(away("#given-up-lines")).to_contain_text("Alix")
    expect(away("#still-there")).to_be_hidden()
    assert "OperatorLeft" in world.kinds(alarm) and world.state(alarm).lead.left_why == "idle"
    colleague.acknowledge(alarm)
    assert world.state(alarm).lead.acknowledged_by == "hainaut-07"


@pytest.mark.full(
    "tests/journeys/test_rule_01_operator_away.py::test_rule_01_an_operator_who_goes_away_is_asked_in_time_and_then_loses_the_alarm",
)
def test_rule_01_the_key_that_answers_does_nothing_else_and_keeps_the_alarm(world: World) -> None:
    page = world.window()
    page.add_init_script(TURN)
    desk = world.desk("hainaut-12", page)
    alarm = world.phone().press()
    desk.acknowledge(alarm)

    page.evaluate("window.turn(47_000)")
    expect(desk("#still-there")).to_be_visible()
    page.keyboard.press("n")

    expect(desk("#still-there")).to_be_hidden()
    expect(desk("#note-dialog")).to_be_hidden()
    assert "OperatorLeft" not in world.kinds(alarm)


def test_rule_01_without_an_alarm_nobody_is_asked_whether_they_are_there(world: World) -> None:
    page = world.window()
    page.add_init_script(TURN)
    desk = world.desk("hainaut-12", page)

    page.evaluate("window.turn(55_000)")

    # The turned clock lets the line look lost for a moment; once it is back, the question would be there.
    b.expect_live(page)
    expect(desk("#still-there")).to_be_hidden()


@pytest.mark.full(
    "tests/boards/desk/test_rule_01_presence.py::test_rule_01_an_operator_who_is_cut_off_loses_the_alarm",
    "tests/journeys/test_cut_off.py::test_a_lost_line_is_said_and_nothing_is_missed",
)
def test_rule_01_an_operator_whose_network_is_cut_loses_the_alarm_and_reads_so_when_back(
    world: World,
) -> None:
    cut_off, colleague = world.desk("hainaut-12"), world.desk("hainaut-07")
    alarm, other = world.phone().press(), world.phone().press()
    cut_off.acknowledge(alarm)
    colleague.acknowledge(other)

    cut_off.page.context.set_offline(True)
    expect(cut_off("#lost")).to_be_visible()
    expect(colleague.row(alarm)).to_have_attribute("data-rings", "yes")
    colleague.acknowledge(alarm)
    cut_off.page.context.set_offline(False)

    # By the stream at once, or once the line is back: whichever of the two came through.
    expect(cut_off("#given-up-lines")).to_contain_text("Vous n’avez plus cette alarme")
    expect(cut_off.row(alarm).locator(".card-by")).to_have_text("Opérateur 07 · Hainaut")
    expect(cut_off("#lost")).to_be_hidden()
    assert world.state(alarm).lead.acknowledged_by == "hainaut-07"
    assert world.kinds(other).count("OperatorLeft") == 0
    cut_off("#given-up-close").click()
    expect(cut_off("#given-up")).to_be_hidden()


@pytest.mark.full(
    "tests/boards/desk/test_rule_01_presence.py::test_rule_01_signing_out_hands_back_what_one_has_and_nothing_else",
)
def test_rule_01_anyone_who_signs_out_hands_back_what_they_have(world: World) -> None:
    leaving, colleague = world.desk("hainaut-12"), world.desk("hainaut-07")
    alarm = world.phone().press()
    leaving.acknowledge(alarm)

    leaving("#sign-out").click()

    expect(colleague.row(alarm)).to_have_attribute("data-rings", "yes")
    expect(colleague.row(alarm)).to_have_attribute("data-looks", "new")
    world.until(
        lambda: "hainaut-07" in world.state(alarm).lead.shown_by, "painted anew by the colleague's board"
    )
    assert world.state(alarm).lead.left_why == "signed-out"
