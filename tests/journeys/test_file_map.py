"""The page of a file with its map: places and bans among the authority's own streets, and the same in words below."""

from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import MONS, World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting, tab_to
from tests.journeys.test_files import MAGISTRATE, OFFICER
from tests.journeys.test_street_map import DAY, NIGHT, expect_painted
from tests.support import browser as b


def file_of(world: World, page: Page, account: str) -> None:
    """The file of Mons, as this account reads it."""
    b.sign_in(page, world.stack, account, f"/files/{world.person(MONS)['case']}/")


def circles(page: Page, bans: int) -> None:
    """Wait until the home, whatever places other stories gave this file, and so many bans are drawn: each has a word on
    the map and a line below it."""
    expect(page.locator("#ground .circles .ban")).to_have_count(bans)
    places = len(b.every(page.locator("#ground .circles .place")))
    expect(page.locator("#ground-map .leaflet-overlay-pane path")).to_have_count(places + bans)
    expect(page.locator("#ground-map .map-label:not(.town)")).to_have_count(places + bans)


@in_every_language_and_size([b.DESKTOP, b.TELEPHONE, b.NARROW])
def test_places_and_bans_of_a_file_are_drawn_and_said(world: World, language: str, sizes: Sizes) -> None:
    with inspecting(world, language, sizes) as inspector:
        page = inspector.page
        file_of(world, page, OFFICER)
        circles(page, 1)
        expect(page.locator("#ground-map canvas.leaflet-tile-loaded").first).to_be_attached()
        expect(page.locator("#ground-map .map-label.ban")).to_have_count(1)
        expect(page.locator("#ground .circles .ban")).to_contain_text("Domicile")
        inspector.look("map of a file")
        inspector.walk("map of a file")


def test_it_is_moved_by_keys_alone_and_dark_where_the_system_wishes(world: World) -> None:
    page = world.window(b.DESKTOP, "nl")
    page.emulate_media(color_scheme="light")
    file_of(world, page, OFFICER)
    expect_painted(page, DAY)
    page.emulate_media(color_scheme="dark")
    circles(page, 1)
    expect_painted(page, NIGHT)
    expect(page.locator("#ground-drawn")).to_contain_text("Verzonnen plan")
    scale = page.locator("#ground-map .leaflet-control-scale-line")
    before = scale.inner_text()
    tab_to(page, "#ground-map")
    for _time in range(3):
        page.keyboard.press("-")
    expect(scale).not_to_have_text(before)


def test_without_its_script_the_words_are_there_and_no_empty_frame(world: World) -> None:
    page = world.window(b.TELEPHONE, "fr")
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        route.abort()

    page.route("**/leaflet.js", lose)
    file_of(world, page, OFFICER)
    world.until(lambda: lost, "the map was asked for")
    expect(page.locator("#ground-drawn")).to_be_hidden()
    expect(page.locator("#ground .circles .place")).not_to_have_count(0)
    expect(page.locator("#ground .circles .ban")).to_contain_text("300 m autour")


def test_a_magistrate_sees_the_place_and_reads_that_the_ban_is_not_drawn(world: World) -> None:
    page = world.window(b.DESKTOP, "fr")
    file_of(world, page, MAGISTRATE)
    circles(page, 0)
    expect(page.locator("#ground")).to_contain_text("que pour la zone gestionnaire")
