"""News does not disturb: what an operator types, has focused or looks at outlives every update."""

import pytest
from playwright.sync_api import Route, expect

from egide.protocol.envelope import Trigger
from tests.journeys.conftest import Desk, World
from tests.journeys.pressing import press_armed, press_stray
from tests.support import browser as b
from tests.support.phones import place

FARTHER = place(50.4560, 3.9600)


class HeldBack:
    """Requests that a slow server has not answered yet."""

    def __init__(self) -> None:
        self._held: list[Route] = []
        self._is_over = False

    def hold(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
        else:
            self._held.append(route)

    def let_go(self) -> None:
        """The server answers again."""
        self._is_over = True
        for route in self._held:
            route.continue_()


def test_a_note_being_written_outlives_positions_and_new_alarms(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.acknowledge(alarm)
    press_armed(desk.page, "n")
    desk("#note-text").press_sequentially("Voisine au télé")

    phone.move(FARTHER)
    other = world.phone().press()
    expect(desk("#coordinates")).to_have_text("50.45600, 3.96000")
    expect(desk(f"#row-{other}")).to_be_visible()
    expect(desk("#announcer")).to_contain_text("Nouvelle alarme")
    zone = desk("#map .map-label.here").element_handle()
    desk.page.keyboard.type("phone")
    desk.page.keyboard.press("Control+Enter")

    expect(desk(".notes")).to_contain_text("Voisine au téléphone")
    # What is said draws the position anew, and none of the hundreds of borders and names around it.
    expect(desk("#hint")).to_be_hidden()
    assert zone.evaluate("at => at.isConnected")
    expect(desk(f"#alarm[data-alarm='{alarm}']")).to_be_visible()
    assert [note.text for note in world.state(alarm).lead.notes] == ["Voisine au téléphone"]
    # A button with the focus keeps it.
    desk("#act-note").focus()
    phone.move(place(50.4570, 3.9600))
    expect(desk("#coordinates")).to_have_text("50.45700, 3.96000")
    expect(desk("#act-note")).to_be_focused()


def zoom(desk: Desk, way: str) -> None:
    """Six steps; the map drops one that comes while it moves, and tells by its scale that it stands."""
    scale = desk("#map .leaflet-control-scale-line")
    for _time in range(6):
        before = scale.inner_text()
        desk(f"#map .leaflet-control-zoom-{way}").click()
        expect(scale).not_to_have_text(before)


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_zones_around_a_position_are_geojson_with_named_places",
    "tests/boards/desk/test_board.py::test_the_map_gets_circle_trail_and_bans_as_plain_numbers",
)
def test_the_map_asks_once_for_what_lies_around_and_draws_what_can_be_seen(world: World) -> None:
    desk = world.desk()
    asked: list[str] = []
    desk.page.on(
        "request", lambda request: asked.append(request.url) if "/zones.json" in request.url else None
    )
    alarm = world.phone().press()
    desk.acknowledge(alarm)
    desk.press_armed("n")
    desk("#note-text").fill("Voisine au téléphone")
    desk.page.keyboard.press("Control+Enter")
    expect(desk(".notes")).to_contain_text("Voisine au téléphone")

    expect(desk("#map .map-label.here")).to_have_count(1)
    expect(desk("#map .map-label.town").first).to_be_visible()
    borders = desk("#map .leaflet-overlay-pane path")
    near = len(b.every(borders))
    zoom(desk, "out")
    # Names would lie over each other there; what the file names, the zone's border, and many more of its neighbours',
    # stay.
    expect(desk("#map .map-label:not(.ban, .place)")).to_have_count(0)
    expect(desk("#map .map-label.place").first).to_be_visible()
    expect(borders.nth(2 * near)).to_be_attached()
    zoom(desk, "in")
    expect(desk("#map .map-label.here")).to_have_count(1)
    assert len(asked) == 1


def test_what_is_said_while_the_panel_and_the_file_are_still_on_their_way_is_not_lost(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.acknowledge(alarm)
    on_their_way = HeldBack()
    desk.page.route(lambda url: url.endswith((f"/alarms/{alarm}", "/briefing")), on_their_way.hold)
    with desk.page.expect_request(lambda asked: asked.url.endswith(f"/alarms/{alarm}")):
        phone.move(FARTHER)
    press_armed(desk.page, "n")
    desk("#note-text").press_sequentially("Voisine au téléphone")
    desk.page.keyboard.press("Control+Enter")
    expect(desk("#note-dialog")).to_be_hidden()
    press_stray(desk.page, "r")

    world.until(lambda: world.state(alarm).lead.notes, "the note is on record")
    on_their_way.let_go()
    expect(desk(".notes")).to_contain_text("Voisine au téléphone")
    expect(desk("#coordinates")).to_have_text("50.45600, 3.96000")


@pytest.mark.full(
    "tests/alarm/test_closing.py::test_an_alarm_that_is_closed_or_that_nobody_took_cannot_be_closed",
    "tests/boards/desk/test_board.py::test_a_closed_alarm_that_somebody_still_looks_at_says_who_closed_it",
)
def test_an_alarm_closed_by_a_colleague_cannot_be_closed_again(world: World) -> None:
    mine, other = world.desk("hainaut-12"), world.desk("hainaut-07")
    alarm = world.phone().press()
    mine.acknowledge(alarm)
    world.arrive(alarm)
    expect(mine("#act-close.main")).to_be_visible()
    mine("#act-close").click()
    mine("input[value='arrest']").check()
    mine("#close-reason").fill("Arrêté devant la porte")

    other.choose(alarm)
    other("#act-close").click()
    other("input[value='perpetrator-gone']").check()
    other("#close-reason").fill("Parti")
    other("#close-save").click()
    # The next update would take the refusal off the screen again: let it come first.
    expect(mine("#actions")).to_contain_text("Parti")
    mine("#close-save").click()

    expect(mine("#alarm-message")).to_contain_text("Opérateur 07 · Hainaut")
    assert world.kinds(alarm).count("AlarmClosed") == 1
    assert world.state(alarm).closing.outcome == "perpetrator-gone"


def test_a_click_counts_that_began_before_the_news(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    alarm = phone.press()
    desk.acknowledge(alarm)
    expect(desk("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    desk("#act-ask").hover()
    desk.page.mouse.down()

    version = desk.row(alarm).get_attribute("data-version")
    phone.move(FARTHER)
    expect(desk.row(alarm)).not_to_have_attribute("data-version", version or "")
    desk.page.mouse.up()

    expect(desk("#ask-dialog")).to_be_visible()
    expect(desk("#coordinates")).to_have_text("50.45600, 3.96000")
    expect(desk("#ask-dialog [aria-disabled=true]")).to_have_count(0)
    desk("#ask-dialog [value=weapon]").click()
    expect(desk("#silent-talk .asked")).to_have_count(1)
    assert world.kinds(alarm).count("TextAsked") == 1
    # After a code under threat the list of questions closes under the hand (safety rule 8).
    desk.press_armed("q")
    expect(desk("#ask-dialog")).to_be_visible()
    # What has only just appeared takes no number (safety rule 4).
    desk.page.keyboard.press("1")
    expect(desk("#ask-dialog [aria-disabled=true]")).to_have_count(0)
    phone.cancel(trigger=Trigger.DURESS)
    expect(desk("#ask-dialog")).to_be_hidden()
    desk.page.keyboard.press("1")
    expect(desk("#duress")).to_be_visible()
    assert world.kinds(alarm).count("TextAsked") == 1
