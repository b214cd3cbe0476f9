"""From the press to the map that a team carries (taky, pytak), and from its people back on the operator's board; and by
the team that the operator names, each its own."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.alarm.events import TeamNamed, ZoneConfirmed
from egide.alarm.events.elsewhere import number_for
from egide.connectors.tak.cot import ALARM, OVER
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.journeys.test_dispatch_system import answer, told_by
from tests.support.certificates import Authority
from tests.support.dispatch_system import dispatch_system, settings_file
from tests.support.tak.server import device, tak_server
from tests.support.waiting import until


@pytest.mark.full(
    "tests/boards/test_told_by_tak.py::test_the_team_that_is_named_sees_it_move_and_end_and_nobody_else_on_the_server_does",
    "tests/boards/test_cad_answers.py::test_what_it_says_of_its_units_stands_beside_the_alarm_and_changes_nothing_in_it",
)
def test_a_team_sees_the_alarm_on_its_map_and_the_operator_reads_that_it_answered(
    world: World, tmp_path: Path
) -> None:
    with (
        # Whose people answer by the road that all dispatch systems have: TAK has no word for it.
        dispatch_system(tmp_path / "people") as people,
        tak_server(tmp_path / "tak", Authority(tmp_path)) as server,
        device(server, "M 12") as team,
        device(server, "M 14") as other,
    ):
        entry = people.entry("tak") | {"kind": "tak", "url": server.url, "more": server.more("M 12")}
        with told_by(world, settings_file(tmp_path, (entry,))):
            desk = world.desk()
            phone = world.phone()
            alarm = phone.press()
            until(lambda: ALARM in team.types, lambda: team.types)
            desk.acknowledge(alarm)
            told = desk("#told li")
            expect(told).to_contain_text("tak: une machine y a pris l’alarme")
            said = {"type": "unit.under_way", "alarm": number_for("tak", alarm), "unit": "M 12"}
            assert answer(world, people, said, "tak") == 204
            assert answer(world, people, said | {"type": "alarm.answered", "by": "M 12"}, "tak") == 204
            expect(told).to_contain_text("une personne y a répondu")
            expect(told).to_contain_text("M 12: en route")
            desk.close(alarm, "perpetrator-gone", "Démo")
            until(lambda: OVER in team.types, lambda: team.types)
        assert other.types == []


@pytest.mark.full(
    "tests/boards/test_told_team_by_tak.py::"
    "test_only_the_team_that_is_named_sees_it_and_one_that_is_replaced_sees_the_end_and_nothing_else"
)
def test_the_team_that_the_operator_names_has_it_on_its_map_and_no_other(
    world: World, tmp_path: Path
) -> None:
    with (
        dispatch_system(tmp_path / "people") as people,
        tak_server(tmp_path / "tak", Authority(tmp_path)) as server,
        device(server, "5324 Mons 12 (démo)") as first,
        device(server, "5324 Mons 14 (démo)") as second,
    ):
        more = {name: value for name, value in server.more().items() if name != "call_signs"}
        entry = people.entry("tak") | {"kind": "tak", "url": server.url, "more": more}
        with told_by(world, settings_file(tmp_path, (entry | {"teams": "{zone} {call_sign}"},))):
            desk = world.desk()
            alarm = world.phone().press()
            desk.acknowledge(alarm)
            world.write_down(alarm, ZoneConfirmed("hainaut-12", "5324", "Insp. 21"))
            desk.press_armed("t")
            desk("#team-dialog [data-call-sign]").nth(0).click()
            desk("#team-save").click()
            until(lambda: first.types == [ALARM], lambda: first.types)
            told = desk("#told li")
            expect(told).to_have_count(1)
            expect(told).to_contain_text("Mons 12 (démo)")
            expect(told).to_contain_text("une machine y a pris l’alarme")
            answered = {"type": "unit.under_way", "unit": "Mons 12 (démo)"}
            number = number_for("tak 5324 Mons 12 (démo)", alarm)
            assert answer(world, people, answered | {"alarm": number}, "tak") == 204
            expect(told).to_contain_text("Mons 12 (démo): en route")
            assert violations(desk.page, world.is_full) == []
            # Another team is sent in its place.
            world.write_down(alarm, TeamNamed("hainaut-12", "5324", "Mons 14 (démo)"))
            until(lambda: second.types == [ALARM], lambda: second.types)
            until(lambda: first.types == [ALARM, OVER], lambda: first.types)
            desk.close(alarm, "perpetrator-gone", "Démo")
            until(lambda: second.types[-1] == OVER, lambda: second.types)
        assert first.types == [ALARM, OVER]
