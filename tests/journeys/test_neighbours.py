"""From the press to a person in a control room of others, who accepts, and back on the operator's board."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.test_dispatch_system import told_by
from tests.support.dispatch_system import settings_file
from tests.support.ucri2.exchange import ControlRoom, exchange
from tests.support.waiting import until

HELD_BY = (
    "tests/boards/test_neighbours.py"
    "::test_rule_02_an_operator_hands_over_a_copy_a_person_there_accepts_and_the_alarm_stays_ours"
)


@pytest.mark.full(HELD_BY)
def test_rule_02_a_neighbour_gets_a_copy_by_one_key_and_a_question_and_a_person_there_accepts(
    world: World, tmp_path: Path
) -> None:
    with exchange(tmp_path / "ucrm") as ucrm, told_by(world, settings_file(tmp_path, (ucrm.entry(),))):
        there, desk = ControlRoom(ucrm), world.desk()
        alarm = world.phone().press()
        desk.acknowledge(alarm)
        before = world.state(alarm)

        desk.press_armed("f")
        expect(desk("#neighbour-receiver")).to_be_focused()
        expect(desk("#neighbour-receiver")).to_have_value("aachen")
        assert violations(desk.page, world.is_full) == []
        # The question is a question: nobody who leaves it sent anything.
        desk.page.keyboard.press("Escape")
        expect(desk("#neighbour-dialog")).to_be_hidden()
        assert ucrm.came == []
        desk.press_armed("f")
        desk.page.keyboard.press("Control+Enter")

        told = desk("#told li")
        expect(told).to_contain_text("leur système a la copie")
        found: list[dict[str, object]] = []
        until(lambda: bool(found.extend(there.received()) or found), lambda: str(ucrm.came))
        (incident,) = found
        there.answer(
            str(incident["sharedIncidentId"]), "accepted", "2026-12-01T10:00:00Z", "Streife 12 fährt"
        )
        expect(told).to_contain_text("une personne là-bas accepte. L’alarme reste la nôtre")
        expect(told).to_contain_text("Streife 12 fährt")
        assert violations(desk.page, world.is_full) == []
    state = world.state(alarm)
    assert state.is_open and state.lead.centre == before.lead.centre
    assert world.kinds(alarm).count("NeighbourAsked") == 1
