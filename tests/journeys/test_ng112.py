"""From the press over SIP to a control room that is not ours, and from a person there back on the operator's board.

Worker, a routing proxy that asks the pages' own LoST server whose the place is (kamailio), the control room that it
names (kamailio): all of it runs.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.connectors.ng112.places import NAME, PASSWORD, lost_file
from tests.journeys.conftest import World
from tests.journeys.test_dispatch_system import answer, told_by
from tests.support.certificates import Authority
from tests.support.dispatch_system import dispatch_system, settings_file
from tests.support.sip.servers import kamailio
from tests.support.waiting import until


@pytest.mark.full(
    "tests/boards/test_lost_chain.py::test_a_proxy_asks_our_zones_and_the_control_room_of_the_place_has_the_alarm",
    "tests/boards/test_told_by_sip.py::test_it_hears_of_the_alarm_of_each_later_position_and_of_the_end",
    "tests/boards/test_cad_answers.py::test_the_desk_tells_sent_taken_shown_and_answered_apart",
)
def test_an_alarm_finds_its_control_room_by_our_zones_and_a_person_there_answers(
    world: World, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    lost = f"http://{NAME}:{PASSWORD}@127.0.0.1:{world.stack.ports['web']}/lost"
    with (
        # Whose people answer by the road that all dispatch systems have: what is called over SIP is the proxy.
        dispatch_system(tmp_path / "people") as people,
        kamailio(tmp_path / "psap", "psap") as psap,
        kamailio(tmp_path / "esrp", "esrp", authority=authority, lost=lost) as esrp,
    ):
        more = {"sender": "sip:egide@police.example", "authorities": str(authority.pem)}
        entry = people.entry("esrp") | {"kind": "sip", "url": esrp.tls, "more": more}
        places = lost_file(tmp_path, {"HAI": psap.tcp})
        with told_by(world, settings_file(tmp_path, (entry,)), EGIDE_LOST=str(places)):
            desk = world.desk()
            alarm = world.phone().press()
            until(lambda: psap.came, lambda: esrp.said + psap.said)
            raised = psap.came[0]
            assert (raised.kind, raised.status, raised.event) == ("Alert", "Actual", "Protection alarm")
            assert esrp.lines("LOST")[0][1] == psap.tcp and raised.pos
            desk.acknowledge(alarm)
            told = desk("#told li")
            expect(told).to_contain_text("esrp: une machine y a pris l’alarme")

            # Its person reads the number of the case from what arrived, and has the alarm.
            said = {
                "type": "alarm.answered",
                "alarm": raised.incidents,
                "by": "Op. 7",
                "reference": "2026-000123",
            }
            assert answer(world, people, said, "esrp") == 204
            expect(told).to_contain_text("une personne y a répondu")
            expect(told).to_contain_text("Op. 7")
    assert world.kinds(alarm).count("SystemAnswered") == 1
    assert world.state(alarm).is_open
