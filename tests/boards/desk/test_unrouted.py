"""An alarm that nobody was given: supervisors see it at once, soon every operator of its home centre; nobody else."""

import pytest

from egide.access.rules import Scope
from egide.alarm.events import Origin
from egide.alarm.events.steps import UNROUTED_S
from tests.support.pages import Pages

ORIGIN = Origin("5324", "5324", "HAI")


def rows(pages: Pages, name: str, centre: str, role: str = "operator") -> int:
    page = pages.client(pages.user(name, role, centre)).get("/desk/board").content.decode()
    return page.count('id="row-')


def test_rule_04_with_no_worker_the_home_centre_sees_the_alarm_after_two_seconds(pages: Pages) -> None:
    pages.installation.open_alarm(pages.phone(), origin=ORIGIN)
    assert rows(pages, "op-1", "HAI") == 0
    pages.clock.advance_s(UNROUTED_S)
    assert rows(pages, "op-2", "HAI") == 1
    assert rows(pages, "op-3", "OVL") == 0


@pytest.mark.parametrize("jump_s", [-7200, 7200])
def test_a_clock_that_was_set_hides_no_alarm_without_a_route(pages: Pages, jump_s: int) -> None:
    pages.installation.open_alarm(pages.phone(), origin=ORIGIN)
    pages.clock.jump_s(jump_s)
    assert rows(pages, "op-1", "HAI") == 1


def test_a_supervisor_anywhere_sees_it_at_once(pages: Pages) -> None:
    pages.installation.open_alarm(pages.phone(), origin=ORIGIN)
    assert rows(pages, "chef", "OVL", "supervisor") == 1


def test_once_routed_elsewhere_the_home_centre_no_longer_sees_it(pages: Pages) -> None:
    alarm = pages.installation.open_alarm(pages.phone(), origin=ORIGIN)
    pages.clock.advance_s(UNROUTED_S)
    assert rows(pages, "op-1", "HAI") == 1
    pages.installation.route(alarm, zone="5402", centre="OVL")
    assert rows(pages, "op-2", "HAI") == 0
    assert rows(pages, "op-3", "OVL") == 1


def test_a_scope_without_places_never_stands_in() -> None:
    nobody, home = Scope("a", "A"), Scope("b", "B", centres=frozenset({"HAI"}))
    assert not nobody.covers((), (), routed=False, stand_in="")
    assert not home.covers((), (), routed=False, stand_in="")
    assert home.covers((), (), routed=False, stand_in="HAI")
    assert not home.covers(("OVL",), (), routed=True, stand_in="HAI")
