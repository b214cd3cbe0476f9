"""Safety rule 4: while the journal is away a board says so, rings, and shows what its machine keeps."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.support import browser as b

AT_MS = 1_790_000_000_000
LINE = {
    "kit": "01K5",
    "zone": "5324",
    "presses": 2,
    "first": AT_MS,
    "last": AT_MS,
    "duress": True,
    "earlier": False,
    "old": False,
    "known": AT_MS - 2000,
}
LINES = [
    {**LINE, "place": [50.45411, 3.95213, 12], "at": AT_MS},
    {**LINE, "presses": 0, "duress": False, "place": None, "at": 0, "old": True, "known": AT_MS - 3_600_000},
]


def tell(page: Page, told: dict[str, Any]) -> None:
    """What live says from now on to this page, whichever way it asks."""

    def answer(route: Route) -> None:
        headers = {
            "access-control-allow-origin": page.evaluate("location.origin"),
            "access-control-allow-credentials": "true",
            "content-type": "text/event-stream",
        }
        route.fulfill(headers=headers, body=f"retry: 3600000\n\nevent: kept\ndata: {json.dumps(told)}\n\n")

    page.route("**/v1/live?*", answer)
    page.evaluate("dispatchEvent(new Event('online'))")


@pytest.mark.parametrize(
    "size", [b.DESKTOP, pytest.param(b.TELEPHONE, marks=pytest.mark.full("its other cases"))]
)
def test_rule_04_a_board_shows_and_rings_what_its_machine_keeps_until_the_journal_is_back(
    world: World, size: dict[str, int]
) -> None:
    page = world.window(size)
    desk = world.desk(page=page)
    tell(page, {"away": True, "alarms": LINES})
    expect(desk("#lost")).to_be_visible()
    expect(desk("#kept li")).to_have_count(2)
    first = desk("#kept li").first
    expect(first).to_contain_text("Sous contrainte")
    expect(first).to_contain_text("appuis : 2")
    expect(first).to_contain_text("50.45411, 3.95213")
    expect(first).not_to_contain_text("peut-être un ancien message")
    expect(desk("#kept li").last).to_contain_text("pas de position")
    expect(desk("#kept li").last).to_contain_text("peut-être un ancien message")
    expect(desk("#kept li").last).to_contain_text("connus 1:00:00 plus tôt")
    expect(desk("#live-state")).to_have_attribute("data-state", "lost")
    assert violations(page) == []
    # It is back: nothing old is left to be shown at the next loss.
    page.unroute("**/v1/live?*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(desk("#lost")).to_be_hidden()
    expect(desk("#kept li")).to_have_count(0)
