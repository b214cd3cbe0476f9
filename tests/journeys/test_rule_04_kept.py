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


# All of it, at both ends and in its middle.
IS_ON_TOP = """selector => {
  const seen = document.querySelector(selector), {left, right, top, bottom} = seen.getBoundingClientRect();
  return [left + 2, (left + right) / 2, right - 2].every(x =>
    seen.contains(document.elementFromPoint(x, (top + bottom) / 2)));
}"""


def tell(page: Page, told: dict[str, Any]) -> None:
    """What live says from now on to this page, whichever way it asks."""

    def answer(route: Route) -> None:
        headers = {
            "access-control-allow-origin": page.evaluate("location.origin"),
            "access-control-allow-credentials": "true",
            "content-type": "text/event-stream",
        }
        ping = "" if told["away"] else "event: ping\ndata: 0\n\n"
        body = f"retry: 3600000\n\n{ping}event: kept\ndata: {json.dumps(told)}\n\n"
        route.fulfill(headers=headers, body=body)

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
    # It answers and takes nothing, as without its standby: the board hears all else, and shows what is kept.
    tell(page, {"away": False, "alarms": LINES[:1]})
    expect(desk("#live-state")).to_have_attribute("data-state", "live")
    expect(desk("#lost-word")).to_be_hidden()
    expect(desk("#kept li")).to_have_count(1)
    # Nothing stands over it: neither that the board is up to date again, nor the clock.
    expect(desk("#caught-up")).to_be_visible()
    assert page.evaluate(IS_ON_TOP, "#kept li")
    assert violations(page) == []
    # It is back.
    tell(page, {"away": False, "alarms": []})
    expect(desk("#lost")).to_be_hidden()
    expect(desk("#kept li")).to_have_count(0)
    page.unroute("**/v1/live?*")
