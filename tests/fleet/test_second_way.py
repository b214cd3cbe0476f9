"""Safety rule 17: what does not work with the screen off leaves through a door that calls it a second way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from egide.fleet.kits import kits, rules
from egide.fleet.models import Kit, KitState
from egide.fleet.service import GateClosed, KitRefused, hand_over
from egide.protocol.enrolment import WEB
from tests.fleet.files import House, build_house
from tests.fleet.test_gates import ALL, everything, revoke, take_contact_out, unsign_office, untrain
from tests.support.pages import Pages


@pytest.mark.parametrize("client", [WEB, "", "something-new"])
def test_rule_17_what_is_no_app_is_a_second_way_only_whatever_was_pressed(client: str) -> None:
    shut = rules.closed(replace(ALL, client=client, presses=frozenset((*rules.CONDITIONS, rules.PAGE_OPEN))))
    assert [gate.name for gate in shut] == [rules.WAY]


def second_way_kit(house: House, client: str = WEB) -> Kit:
    """Nothing but the kind of its phone keeps it in the house."""
    kit = house.prepare()
    house.test(house.enrol(kit, client))
    kits.do_note_press(kit, rules.PAGE_OPEN, "officer-1")
    return kit


@pytest.mark.parametrize("client", [WEB, ""])
def test_rule_17_a_web_page_leaves_as_a_second_way_when_she_was_told_and_the_journal_says_so(
    pages: Pages, client: str
) -> None:
    house = build_house(pages)
    kit = second_way_kit(house, client)
    before = everything(pages)
    with pytest.raises(KitRefused, match="tell-her"):
        hand_over(house.officer, kit.id)
    assert everything(pages) == before
    assert hand_over(house.officer, kit.id, is_told=True).state == KitState.ISSUED
    house.copy()
    [row] = [row for row in pages.journal.stream(f"kit:{kit.id}") if row.kind == "KitHandedOver"]
    handed: Any = pages.journal.open_event(row)
    assert handed.way == rules.SECOND_WAY


@pytest.mark.parametrize(
    "shut", [untrain, unsign_office, revoke, take_contact_out], ids=lambda one: one.__name__
)
def test_rule_17_the_door_of_a_second_way_leads_round_no_other_gate(
    pages: Pages, shut: Callable[[House], None]
) -> None:
    house = build_house(pages)
    kit = second_way_kit(house)
    shut(house)
    with pytest.raises(GateClosed):
        hand_over(house.officer, kit.id, is_told=True)


def test_rule_17_a_web_page_must_have_been_pressed_with_the_page_open_and_proves_nothing_else(
    pages: Pages,
) -> None:
    house = build_house(pages)
    kit = house.prepare()
    house.test(house.enrol(kit, WEB))
    for condition in rules.CONDITIONS:
        with pytest.raises(KitRefused, match="not-possible"):
            kits.do_note_press(kit, condition, "officer-1")
    with pytest.raises(GateClosed):
        hand_over(house.officer, kit.id, is_told=True)
