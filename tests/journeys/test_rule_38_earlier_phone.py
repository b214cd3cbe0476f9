"""Safety rule 38: he kept the phone that she had before. It shows beside her alarm, and steers nothing."""

import pytest
from playwright.sync_api import expect

from egide.protocol.envelope import Kind
from tests.journeys.conftest import EUPEN, MONS, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.support import browser as b
from tests.support.phones import HttpPhone, place


def his_and_hers(world: World) -> tuple[HttpPhone, HttpPhone]:
    """An earlier phone of the kit, which is in Eupen, and hers in Mons."""
    his = world.phone(MONS)
    far = world.person(EUPEN)
    his.position = place(far["lat"], far["lon"])
    return his, world.phone(MONS, kit=his.kit)


def test_rule_38_his_phone_moves_nothing_shows_beside_and_is_blocked(world: World) -> None:
    his, hers = his_and_hers(world)
    alarm = hers.press()
    desk = world.desk()
    desk.acknowledge(alarm)
    before = world.state(alarm)

    for kind, body in ((Kind.POSITION, None), (Kind.CANCEL, b"pin"), (Kind.TEXT, b"yes")):
        status, answer = his.post("/v1/messages", his.envelope(kind, body=body))
        assert (status, answer["state"], answer.get("pending", [])) == (201, "noted", [])
    hers.move(place(50.455, 3.953))

    world.until(lambda: len(world.state(alarm).press.trail) > len(before.press.trail), "her position")
    now = world.state(alarm)
    assert [fix.position for fix in now.press.trail[len(before.press.trail) :]] == [place(50.455, 3.953)]
    assert (
        now.lead.route is not None
        and before.lead.route is not None
        and now.lead.route.zone == before.lead.route.zone
    )
    assert not now.press.cancelled_at_us and not now.talk.texts

    assert his.press() != alarm, "he does not learn that an alarm is open"

    beside = desk("#alarm .earlier-phone")
    expect(beside).to_contain_text("50.6")
    assert world.state(alarm).press.trail == now.press.trail
    beside.locator("button").click()
    expect(beside.locator(".earlier-blocked")).to_be_visible()
    status, answer = his.post("/v1/messages", his.envelope(Kind.PRESS))
    assert (status, answer["reason"]) == (401, "unknown-key")
    assert hers.press() == alarm


@pytest.mark.full(
    "tests/journeys/test_rule_38_earlier_phone.py::test_rule_38_his_phone_moves_nothing_shows_beside_and_is_blocked",
    "tests/attacks/test_earlier_phone_on_pages.py",
)
@in_every_language_and_size()
def test_rule_38_desk_and_zone_say_it_in_every_language(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        his, hers = his_and_hers(world)
        alarm = hers.press()
        his.press()
        desk = world.desk(page=inspector.page)
        desk.choose(alarm)
        expect(desk("#alarm .earlier-phone")).to_be_visible()
        inspector.look("an earlier phone at the desk")
        b.sign_in(inspector.page, world.stack, "mons-quevy-21", "/zone/")
        expect(inspector.page.locator(".earlier-phone")).to_be_visible()
        inspector.look("an earlier phone at the zone")
