"""The authority's own streets under an alarm: drawn without WebGL, by night and by day, and asked of nobody else."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from egide.alarm import events as a
from egide.geography.tiles.archive import AERIAL
from egide.geography.tiles.importing import do_import
from tests.geography.tiles.test_importing import picture, write_mbtiles
from tests.journeys.conftest import World
from tests.journeys.inspecting import inspecting, tab_to
from tests.journeys.test_files import OFFICER, WAITING
from tests.journeys.test_team import Team
from tests.support import browser as b

# Colours of egide/streets.js: the ground, and a street where people live.
NIGHT = {"ground": (16, 22, 30), "street": (54, 67, 83)}
DAY = {"ground": (242, 240, 234), "street": (255, 255, 255)}
AIR_ZOOM, AIR_WIDE = 12, 3
PAINTED = """([least, ...colours]) => {
  const drawn = new Set();
  for (const canvas of document.querySelectorAll("[id$=map] canvas.leaflet-tile")) {
    if (!canvas.width) continue;
    // Of a copy that is there to be read: of one that is drawn on, Chromium complains at the second look.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    for (const [colour, count] of counts) if (count >= least) drawn.add(colour);
  }
  return colours.every((colour) => drawn.has(colour));
}"""


def expect_painted(page: Page, colours: dict[str, tuple[int, int, int]]) -> None:
    """Some tile of the map holds each of these colours, a hundred times at least."""
    page.wait_for_function(PAINTED, arg=[100, *(",".join(map(str, colour)) for colour in colours.values())])


def test_an_alarm_stands_among_streets_and_no_request_says_where(world: World) -> None:
    desk = world.desk()
    asked: list[Request] = []
    desk.page.on("request", lambda request: asked.append(request) if "/map/" in request.url else None)
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    expect_painted(desk.page, DAY)
    expect(desk(".attribution")).to_contain_text("Plan inventé")
    # The circle lies above them.
    expect(desk("#map .leaflet-overlay-pane path").first).to_be_attached()
    own = urlsplit(desk.page.url).netloc
    assert {urlsplit(request.url)[1:] for request in asked} == {(own, "/map/streets.pmtiles", "", "")}
    ranges = [request.all_headers()["range"] for request in asked]
    assert len(ranges) == len(set(ranges)), "each piece once"
    assert all(re.fullmatch(r"bytes=[0-9]+-[0-9]+", each) for each in ranges)


def test_a_team_has_them_too_by_day_when_its_phone_wishes(world: World) -> None:
    team = Team(world)
    page = team.opened()
    page.emulate_media(color_scheme="light")
    page.reload()
    expect_painted(page, DAY)
    # Where no street lies, too.
    expect(page.locator("#map")).to_have_css("background-color", f"rgb{DAY['ground']}")
    expect(page.locator(".map-source")).to_have_text("Invented plan · Egide")
    # A system that goes over to its night takes the map along, and asks for nothing again.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/map/" in request.url else None)
    page.emulate_media(color_scheme="dark")
    expect_painted(page, NIGHT)
    expect(page.locator("#map")).to_have_class(re.compile(r"\bnight\b"))
    assert asked == []


@pytest.fixture
def aerial(world: World, tmp_path: Path) -> Iterator[None]:
    """A picture from the air around the first person's home, all blue; gone afterwards."""
    home, tiles = world.person(0), 2**AIR_ZOOM
    column = math.floor((home["lon"] + 180) / 360 * tiles)
    # The row of a latitude in Web Mercator (EPSG:3857), counted from the north.
    row = math.floor((1 - math.asinh(math.tan(math.radians(home["lat"]))) / math.pi) / 2 * tiles)
    around = range(-AIR_WIDE, AIR_WIDE + 1)
    drawn = {(AIR_ZOOM, column + x, row + y): picture("#0000fe", "PNG") for x in around for y in around}
    target = world.stack.config.map_file(AERIAL)
    do_import(write_mbtiles(tmp_path / "air.mbtiles", drawn, format="png"), target, AERIAL)
    yield
    target.unlink()


@pytest.mark.full(
    "tests/access/test_street_map.py::test_each_map_says_what_is_under_it",
    "tests/geography/tiles/test_cli_map.py::test_show_says_which_are_in_force",
    "tests/journeys/test_street_map.py::test_an_alarm_stands_among_streets_and_no_request_says_where",
)
@pytest.mark.usefixtures("aerial")
def test_a_picture_from_the_air_is_shown_where_somebody_chooses_it(world: World) -> None:
    desk = world.desk()
    desk.acknowledge(world.phone().press())
    expect_painted(desk.page, DAY)
    choices = desk("#map .leaflet-control-layers label")
    expect(choices).to_have_count(2)
    expect(choices.nth(1)).to_have_text("Vue aérienne")
    choices.nth(1).click()
    expect(desk("#map .map-pictures.aerial")).to_be_attached()
    expect_painted(desk.page, {"air": (0, 0, 254)})
    expect(desk("#map .leaflet-overlay-pane path").first).to_be_attached()
    choices.nth(0).click()
    expect_painted(desk.page, DAY)


def test_while_no_streets_come_the_alarm_is_on_the_map_all_the_same(world: World) -> None:
    desk = world.desk()
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        route.abort()

    desk.page.route("**/map/streets.pmtiles", lose)
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    expect(desk("#map .leaflet-overlay-pane path").first).to_be_attached()
    expect(desk("#coordinates")).not_to_be_empty()
    world.until(lambda: lost, "streets were asked for")


def test_an_officer_chooses_a_place_on_the_map_by_keys_alone(world: World) -> None:
    with inspecting(world, "nl", [b.DESKTOP, b.NARROW]) as inspector:
        page = inspector.page
        b.sign_in(page, world.stack, OFFICER, "/files/")
        page.locator("#files a", has_text=WAITING).click()
        expect(page.locator("#step")).to_be_visible()
        url = page.url
        page.goto(f"{url}place/add")
        page.fill("#id_position", "50.4518, 3.9571")
        page.fill("#id_radius", "80")
        page.locator("#id_position").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#picking")).to_be_visible()
        expect(page.locator("#picking-at")).to_have_text("50.45180, 3.95710")
        expect_painted(page, DAY)
        expect(page.locator("#picking-map")).to_be_focused()
        inspector.look("choosing on the map")
        page.locator("#picking-map").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#picking-at")).not_to_have_text("50.45180, 3.95710")
        # The map glides to where it was sent.
        expect(page.locator("#picking-map .leaflet-pan-anim")).to_have_count(0)
        chosen = page.locator("#picking-at").inner_text()
        tab_to(page, "#picking-take")
        page.keyboard.press("Enter")
        expect(page.locator("#picking")).to_be_hidden()
        expect(page.locator("#id_position")).to_be_focused()
        expect(page.locator("#id_position")).to_have_value(chosen)
        # Left as it was: nothing is written.
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Escape")
        expect(page.locator("#id_position")).to_have_value(chosen)


@pytest.mark.full(
    "tests/boards/team/test_here.py::test_desk_and_zone_read_how_far_it_is_and_the_nearest_team_first",
    "tests/boards/team/test_here.py::test_the_map_of_the_desk_has_it",
    "tests/journeys/test_street_map.py::test_a_phone_that_may_not_say_where_it_is_takes_the_tick_away",
)
def test_a_team_that_wishes_shows_the_desk_where_it_is(world: World) -> None:
    team = Team(world)
    page = team.opened()
    desk = world.desk()
    desk(f"#row-{team.alarm}").click()
    expect(desk("#coordinates")).not_to_be_empty()
    expect(page.locator("#here")).to_be_visible()
    expect(desk(".where-facts")).not_to_contain_text("en ligne droite")
    page.locator("#share-here").check()
    team.has("TeamPositioned")
    expect(desk(".where-facts")).to_contain_text("M 12")
    expect(desk(".where-facts")).to_contain_text("en ligne droite")
    expect(desk("#map .map-team.going")).to_have_count(1)
    page.locator("#share-here").uncheck()
    expect(page.locator("#here-said")).to_be_empty()


def test_a_phone_that_may_not_say_where_it_is_takes_the_tick_away(world: World) -> None:
    page = Team(world).opened()
    page.context.clear_permissions()
    page.reload()
    expect(page.locator("#here")).to_be_visible()
    page.locator("#share-here").click()
    expect(page.locator("#here-said")).to_have_text("This phone does not say where it is.")
    expect(page.locator("#share-here")).not_to_be_checked()


@pytest.mark.full(
    "tests/boards/team/test_here.py::test_desk_and_zone_read_how_far_it_is_and_the_nearest_team_first",
    "tests/boards/team/test_here.py::test_the_map_of_the_desk_has_it",
    "tests/journeys/test_street_map.py::test_a_phone_that_may_not_say_where_it_is_takes_the_tick_away",
)
def test_of_two_teams_the_desk_names_the_nearer_first(world: World) -> None:
    team = Team(world)
    far, home = team.opened(), world.person(0)
    # The zone sends another team; the first one stays on its way.
    team.decide(a.TeamNamed("hainaut-12", "5324", "M 14"))
    near = team.opened()
    desk = world.desk()
    desk(f"#row-{team.alarm}").click()
    for page, north in ((far, 0.02), (near, 0.004)):
        page.context.set_geolocation(
            {"latitude": home["lat"] + north, "longitude": home["lon"], "accuracy": 9}
        )
        page.locator("#share-here").check()
    team.has("TeamPositioned", times=2)
    away = desk(".where-facts [data-team]")
    expect(away).to_have_count(2)
    for nth, (call_sign, distance) in enumerate((("M 14", "445 m"), ("M 12", "2,2 km"))):
        expect(away.nth(nth)).to_have_attribute("data-team", call_sign)
        expect(away.nth(nth)).to_contain_text(f"{distance} en ligne droite")
    expect(desk("#map .map-team.going")).to_have_count(2)
