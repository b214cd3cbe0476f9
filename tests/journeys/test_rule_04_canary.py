"""Safety rule 4: each board shows the age of the last canary by its own clock, and says what to do when it is old."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from egide.common.clock import SystemClock
from egide.journal.bell import Ringer
from egide.journal.now.signs import ChainTrouble, Signs
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import Desk, World
from tests.support import browser as b
from tests.support.waiting import WITHIN_S

MISSED_MS = 90_000
TROUBLES = ("intake:x", "worker", "live", "ladder", "web")


def test_rule_04_a_board_turns_amber_by_itself_when_no_canary_comes(world: World) -> None:
    page = world.window()
    page.clock.install()
    desk = world.desk(page=page)
    sentence = desk("#chain [data-parts=canary]")
    expect(desk("#chain")).to_have_attribute("data-state", "well")
    expect(sentence).to_be_hidden()
    # Nothing reaches this board any more: only its own clock goes on.
    page.context.set_offline(True)

    page.clock.run_for(MISSED_MS - 40_000)
    expect(sentence).to_be_hidden()
    page.clock.run_for(42_000)

    expect(desk("#chain")).to_have_attribute("data-state", "wrong")
    expect(sentence).to_be_visible()
    expect(desk("#chain .chain-do[data-parts~=worker]")).to_contain_text("téléphone")
    page.context.set_offline(False)
    expect(desk("#chain")).to_have_attribute("data-state", "well")


@pytest.mark.full(
    "tests/journeys/test_rule_04_canary.py::test_rule_04_with_the_worker_dead_an_operator_of_the_home_centre_sees_the_alarm",
    "tests/live/test_chain_news.py::test_a_board_hears_at_once_what_watch_finds_and_that_it_is_over",
)
def test_rule_04_a_dead_worker_shows_on_the_boards_and_its_return_too(world: World) -> None:
    desk = world.desk()
    worker = world.stack.children["worker"]
    worker.kill()
    try:
        expect(desk("#chain [data-parts=worker]")).to_be_visible()
        expect(desk("#chain .chain-do[data-parts~=worker]")).to_be_visible()
    finally:
        worker.start()
        worker.ready()
    expect(desk("#chain [data-parts=worker]")).to_be_hidden()


def test_rule_04_with_the_worker_dead_an_operator_of_the_home_centre_sees_the_alarm(world: World) -> None:
    here, elsewhere = world.desk("hainaut-12"), world.desk("oost-vlaanderen-03")
    phone = world.phone()
    worker = world.stack.children["worker"]
    worker.kill()
    try:
        alarm = phone.press()
        expect(here.row(alarm)).to_be_visible()
        expect(elsewhere.row(alarm)).to_have_count(0)
        before = top(here, alarm)
        expect(here("#chain [data-parts=worker]")).to_be_visible()
        expect(here("#chain .chain-do[data-parts~=worker]")).to_be_visible()
        assert top(here, alarm) == before, "the foot of the page moves nothing above it"
    finally:
        worker.start()
        worker.ready()
    world.until(lambda: world.state(alarm).lead.route, "routed after all")
    expect(here("#chain [data-parts=worker]")).to_be_hidden()


def top(desk: Desk, alarm: str) -> float:
    """How far down on the page its row begins."""
    box = desk.row(alarm).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.full(
    "tests/journeys/test_rule_04_canary.py::test_rule_04_with_the_worker_dead_an_operator_of_the_home_centre_sees_the_alarm",
    "tests/live/test_chain_news.py",
)
def test_the_foot_of_the_page_moves_nothing_above_it(world: World) -> None:
    desk = world.desk(page=world.window({"width": 1280, "height": 800}))
    signs = Signs(world.stack.config, SystemClock())
    alarm = world.phone().press()
    expect(desk.row(alarm)).to_be_visible()
    others = [world.window(), world.window(), world.window()]
    for page, path in zip(others[:2], ("/desk/overview", "/desk/wall"), strict=True):
        b.sign_in(page, world.stack, "hainaut-chef", path)
        expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
    b.sign_in(others[2], world.stack, "mons-quevy-21", "/zone/")
    expect(others[2].locator("#chain")).to_have_attribute("data-state", "well")
    before = desk.row(alarm).bounding_box()
    kept = signs.troubles()
    try:
        for page in (desk.page, *others):
            # Anew for each: the watch of this installation, which finds nothing wrong, takes them back.
            signs.do_keep([ChainTrouble(part, "-", 0) for part in TROUBLES], [])
            Ringer(world.journal.bells_dir).ring()
            expect(page.locator("#chain [data-parts=ladder]")).to_be_visible()
            if page is desk.page:
                assert desk.row(alarm).bounding_box() == before
            assert violations(page) == [], page.url
    finally:
        signs.do_keep(kept, [])


@pytest.mark.full(
    "tests/journeys/test_rule_43_bell_and_strip.py::test_a_zone_that_was_woken_sees_the_alarm_first_and_blocked_sound_fills_its_screen",
    "tests/live/test_chain_news.py::test_a_canary_reaches_boards_of_every_centre_and_zone_page",
)
def test_rule_04_the_zones_page_and_the_overview_show_it_too(world: World) -> None:
    for name, path in (("mons-quevy-21", "/zone/"), ("hainaut-chef", "/desk/overview")):
        page = world.window()
        b.sign_in(page, world.stack, name, path)
        page.goto(world.stack.host(name) + path)
        expect(page.locator("#chain")).to_have_attribute("data-state", "well")


def test_health_of_intake_and_live_is_json(world: World) -> None:
    for url in (*world.stack.config.intake_urls, world.stack.config.live_url):
        with urllib.request.urlopen(f"{url}/v1/health", timeout=WITHIN_S) as reply:
            assert json.load(reply)["status"] == "ok"


@pytest.mark.full(
    "tests/intake/test_canary.py::test_canaries_never_become_alarms_and_never_wait_for_a_board",
)
def test_canaries_are_on_no_board(world: World) -> None:
    desk = world.desk()
    expect(desk("#chain")).to_have_attribute("data-state", "well")
    expect(desk("#alarm-list > li")).to_have_count(0)
    assert world.journal.open_alarms() == []
