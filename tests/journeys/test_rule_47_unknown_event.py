"""Safety rule 47: an event of a newer version in the middle of an alarm stops nobody, and everybody reads of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from egide.alarm.events import Ladder, Rung
from egide.alarm.ladder import RUNGS, ladder_for
from egide.journal.proof.verify import verify
from egide.routing.service import do_set_ladder
from tests.journeys.conftest import World
from tests.journeys.test_team import Team
from tests.support.newer import reshaped, unknown

HOLDS = "Holds something that this version cannot read"


@pytest.fixture
def quick(world: World) -> Iterator[World]:
    """The alarms of Hainaut are late a second after they were taken."""
    later = tuple(rung for rung in RUNGS if rung.step != "zone-confirmed")
    soon = (*later, Rung("zone-confirmed", 1, "louder"), Rung("zone-confirmed", 2, "supervisor"))
    do_set_ladder(world.journal, "tests", "HAI", Ladder(soon, "BRW"))
    yield world
    do_set_ladder(world.journal, "tests", "HAI", ladder_for("HAI", None))


@pytest.mark.full(
    "tests/journal/test_rule_47_unknown_events.py",
    "tests/boards/desk/test_damage.py::test_an_entry_that_cannot_be_read_is_flagged_and_the_alarm_can_still_be_taken",
)
def test_rule_47_board_acknowledge_note_ladder_and_closing_go_on_around_it(quick: World) -> None:
    desk = quick.desk("hainaut-12")
    alarm = quick.phone().press()
    quick.until(lambda: quick.state(alarm).lead.route, "routed")
    quick.write_down(alarm, unknown())
    expect(desk.row(alarm).locator(".unread")).to_contain_text("(1)")

    desk.acknowledge(alarm)
    expect(desk("#unread")).to_contain_text("(1)")
    quick.write_down(alarm, reshaped())
    expect(desk("#unread")).to_contain_text("(2)")
    desk.press_armed("n")
    desk("#note-text").fill("Behind the church")
    desk.page.keyboard.press("Control+Enter")
    expect(desk(".notes")).to_contain_text("Behind the church")

    quick.until(lambda: "StepMissed" in quick.kinds(alarm), "the ladder goes on")
    expect(desk.row(alarm).locator(".due-late")).to_be_visible()

    desk.close(alarm, "test", "All steps went")
    quick.until(lambda: not quick.state(alarm).is_open, "closed")
    state = quick.state(alarm)
    assert (state.unread, state.closing.closed_by, len(state.lead.notes)) == (2, "hainaut-12", 1)
    assert verify(quick.journal.every()).last_seq == quick.journal.head()


@pytest.mark.full(
    "tests/journal/test_rule_47_unknown_events.py",
    "tests/boards/shown/test_timeline.py::test_rule_47_what_this_version_cannot_read_is_flagged",
)
def test_rule_47_zone_and_team_read_of_it_and_report_all_the_same(world: World) -> None:
    team = Team(world)
    team.decide(unknown())
    phone, zone = team.opened(), team.zone_window()
    expect(zone.locator(f"#card-{team.alarm} .unread")).to_contain_text(HOLDS)
    expect(phone.locator("#unread")).to_contain_text(HOLDS)
    phone.tap("[data-tap=under-way]")
    team.has("TeamUnderWay")
