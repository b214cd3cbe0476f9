"""The desk is cut off: it says so, catches up, and loses nothing; somebody who is signed out sees nothing old."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.asking_axe import violations
from tests.journeys.conftest import World
from tests.support import browser as b


def test_a_lost_line_is_said_and_nothing_is_missed(world: World) -> None:
    desk = world.desk()
    known = world.phone().press()
    expect(desk.row(known)).to_be_visible()
    live = world.stack.children["live"]

    live.kill()
    try:
        missed = world.phone().press()
        expect(desk("#lost")).to_be_visible()
        expect(desk("#live-state")).to_have_attribute("data-state", "lost")
        assert violations(desk.page) == []
    finally:
        live.start()
        live.ready()

    expect(desk("#caught-up")).to_be_visible()
    expect(desk("#lost")).to_be_hidden()
    b.expect_live(desk.page)
    expect(desk.row(missed)).to_be_visible()
    expect(desk.row(known)).to_be_visible()
    desk("#caught-up-close").click()
    expect(desk("#caught-up")).to_be_hidden()


@pytest.mark.full(
    "tests/journeys/test_cut_off.py::test_a_lost_line_is_said_and_nothing_is_missed",
    "tests/live/test_rows.py::test_without_a_painter_events_come_and_the_next_painter_is_found",
)
def test_the_pages_restart_under_an_open_board(world: World) -> None:
    desk = world.desk()
    web = world.stack.children["web"]

    web.kill()
    alarm = world.phone().press()
    world.until(lambda: world.state(alarm).lead.route, "routed without the pages")
    web.start()
    web.ready()

    expect(desk.row(alarm)).to_be_visible()
    desk.acknowledge(alarm)


@pytest.mark.full(
    "tests/journeys/test_sign_in.py::test_ending_all_sessions_ends_the_live_board_on_another_machine_within_seconds",
    "tests/access/test_pages.py::test_without_a_session_pages_lead_to_sign_in_and_fragments_say_401",
)
def test_an_ended_session_leads_to_the_sign_in_page(world: World) -> None:
    desk = world.desk()
    first = world.phone().press()
    desk.choose(first)

    desk.page.context.clear_cookies(name="egide_session")
    world.phone().press()

    expect(desk.page).to_have_url(re.compile(r"/sign-in\?next="))
    expect(desk("#sign-in")).to_be_visible()
    assert "Alix" not in desk.page.content()


def test_after_signing_out_the_way_back_shows_nothing(world: World) -> None:
    desk = world.desk()
    alarm = world.phone().press()
    desk.choose(alarm)

    desk("#sign-out").click()
    # A board that asks meanwhile leads to the same page.
    expect(desk("#sign-in")).to_be_visible()
    desk.page.go_back()

    expect(desk("#sign-in")).to_be_visible()
    assert "Alix" not in desk.page.content()
    assert "egide_live" not in {cookie["name"] for cookie in desk.page.context.cookies()}
