"""From the press to the map that a team carries (taky, pytak), and from its people back on the operator's board."""

from pathlib import Path

from playwright.sync_api import expect

from egide.alarm.events.elsewhere import number_for
from egide.connectors.tak.cot import ALARM, OVER
from tests.journeys.conftest import World
from tests.journeys.test_dispatch_system import answer, told_by
from tests.support.certificates import Authority
from tests.support.dispatch_system import dispatch_system, settings_file
from tests.support.tak.server import device, tak_server
from tests.support.waiting import until


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
