"""For everybody but operators and supervisors, the desk does not exist."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Desk, World
from tests.support import browser as b


@pytest.mark.full(
    "tests/access/test_pages.py::test_for_a_wrong_role_the_desk_does_not_exist",
    "tests/matrix/test_matrix.py",
)
@pytest.mark.parametrize("name", ["mons-quevy-21", "admin-01"])
def test_no_desk_for_zone_officers_and_administrators(world: World, name: str) -> None:
    alarm = world.phone().press()
    world.until(lambda: world.state(alarm).lead.route, "routed")
    page = world.window()
    b.sign_in(page, world.stack, name)
    desk = Desk(world, page, name)

    page.wait_for_url("**/zone/" if name == "mons-quevy-21" else "**/start")
    expect(page.locator("#sign-out")).to_be_visible()
    for path in ("/desk/", "/desk/board", "/desk/zones.json?at=50.5,4.0", f"/desk/alarms/{alarm}"):
        assert desk.status_of(path) == 404, path
    assert desk.status_of(f"/response/alarms/{alarm}/briefing") == 404
    for action in ("acknowledge", "note", "close", "shown"):
        assert desk.status_of(f"/desk/alarms/{alarm}/{action}", "POST") == 404, action
    assert desk.status_of("/desk/sound", "POST") == 404
    page.goto(world.stack.host(name) + "/desk/")
    assert "Alix" not in page.content()
    assert world.state(alarm).lead.shown_by == ()


def test_an_administrator_gets_no_ticket_for_the_live_stream(world: World) -> None:
    page = world.window()
    b.sign_in(page, world.stack, "admin-01")
    page.wait_for_url("**/start")

    assert "egide_live" not in {cookie["name"] for cookie in page.context.cookies()}


def test_nobody_gets_anywhere_without_signing_in(world: World) -> None:
    page = world.window()
    page.goto(world.stack.host("hainaut-12") + "/desk/")

    page.wait_for_url("**/sign-in?next=/desk/")
    live = f"http://127.0.0.1:{world.stack.ports['live']}/v1/live"
    assert page.request.get(live).status == 401


@pytest.mark.full(
    "tests/boards/desk/test_changed_rows.py::test_what_is_pushed_is_what_fetching_shows_to_every_reader_at_every_moment",
)
def test_a_supervisor_sees_the_centre_s_board(world: World) -> None:
    desk = world.desk("hainaut-chef")
    alarm = world.phone().press()

    expect(desk.row(alarm)).to_be_visible()
