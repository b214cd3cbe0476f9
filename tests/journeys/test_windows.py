"""A window that one story leaves behind shows the next one what is there, and nothing of the story."""

from playwright.sync_api import ViewportSize, expect

from tests.journeys.conftest import World
from tests.support.windows import Windows

SIZE: ViewportSize = {"width": 400, "height": 500}


def test_a_story_that_answered_every_address_itself_leaves_the_next_one_its_page(world: World) -> None:
    windows = Windows(world.browser)
    address = world.stack.config.web_origins[0]
    page = windows.open(SIZE)
    page.context.route("**/*", lambda route: route.fulfill(status=200, body="", content_type="text/html"))
    page.goto(address)
    expect(page.locator("main")).to_have_count(0)
    page.context.add_cookies([{"name": "left", "value": "behind", "url": address}])
    windows.empty()
    same = windows.open(SIZE)
    assert same.context == page.context and same.context.cookies() == []
    same.goto(address)
    expect(same.locator("main")).to_be_visible()
    same.context.close()


def test_a_story_that_took_the_clock_in_hand_leaves_the_next_one_a_clock_that_runs(world: World) -> None:
    windows = Windows(world.browser)
    held = windows.open(SIZE)
    held.clock.install()
    held.goto(world.stack.config.web_origins[0])
    held.clock.pause_at(held.evaluate("Date.now()") / 1000 + 60)
    windows.empty()
    page = windows.open(SIZE)
    page.goto(world.stack.config.web_origins[0])
    assert page.evaluate("new Promise((done) => setTimeout(done, 10, 'rang'))") == "rang"
    page.context.close()
