"""Two operators of one centre, one of another: the first takes the alarm, the second sees who, the third nothing."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Desk, World
from tests.journeys.pressing import press_stray

# Keeps what the live stream says to the page.
LISTEN = """
window.heard = []; window.pings = []; window.rows = [];
window.EventSource = class extends EventSource {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (message) => window.heard.push(message.data));
    this.addEventListener("ping", (message) => window.pings.push(Number(message.data)));
    this.addEventListener("row", (message) => window.rows.push(message.data));
  }
};
"""

# The stream tells what happened, and brings no row.
WITHOUT_ROWS = """
window.EventSource = class extends EventSource {
  addEventListener(type, ...more) {
    if (type !== "row") super.addEventListener(type, ...more);
  }
};
"""


def test_the_first_acknowledgement_wins_and_the_other_sees_who(world: World) -> None:
    first, second = world.desk("hainaut-12"), world.desk("hainaut-07")
    alarm = world.phone().press()
    second.choose(alarm)
    expect(second("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    late = hold_back_news(second.page)

    first.acknowledge(alarm)
    second.page.keyboard.press("Space")

    expect(second("#alarm-message")).to_contain_text("Opératrice 12 · Hainaut")
    for route in late:
        route.abort()
    second.page.unroute_all(behavior="ignoreErrors")
    expect(second("#taken-by")).to_contain_text("Opératrice 12 · Hainaut")
    expect(second.row(alarm).locator(".card-by")).to_have_text("Opératrice 12 · Hainaut")
    assert world.kinds(alarm).count("AlarmAcknowledged") == 1
    assert world.state(alarm).lead.acknowledged_by == "hainaut-12"


@pytest.mark.full(
    "tests/live/test_rows.py",
    "tests/boards/desk/test_changed_rows.py",
    "tests/journeys/test_two_operators.py::test_the_first_acknowledgement_wins_and_the_other_sees_who",
)
def test_the_other_operator_sees_who_took_it_without_touching_anything(world: World) -> None:
    page = world.window()
    page.add_init_script(LISTEN)
    first, second = world.desk("hainaut-12"), world.desk("hainaut-07", page)
    asked = asked_for(page)
    alarm = world.phone().press()
    expect(second.row(alarm)).to_be_visible()

    first.acknowledge(alarm)

    expect(second.row(alarm)).to_have_attribute("data-looks", "ack")
    expect(second.row(alarm).locator(".card-by")).to_have_text("Opératrice 12 · Hainaut")
    expect(second("#act-acknowledge")).to_have_count(0)
    # A key that does nothing for them says what stands in its way, and what comes next.
    second.choose(alarm)
    press_stray(page, "u")
    expect(second("#hint")).to_contain_text("Opératrice 12 · Hainaut")
    expect(second("#hint")).to_contain_text("Informer la zone")
    page.wait_for_function(
        "alarm => window.rows.some((row) => row.includes(alarm) && row.includes('card-by'))", arg=alarm
    )
    assert "/desk/board" not in asked, "nobody fetches whole lists"


def test_a_row_that_the_stream_does_not_bring_is_fetched_alone(world: World) -> None:
    page = world.window()
    page.add_init_script(WITHOUT_ROWS)
    desk = world.desk("hainaut-12", page)
    asked = asked_for(page)
    alarm = world.phone().press()
    expect(desk.row(alarm)).to_be_visible()
    fetched = [address for address in asked if address.startswith("/desk/board")]
    assert fetched and set(fetched) == {f"/desk/board/rows?alarm={alarm}"}


@pytest.mark.full(
    "tests/live/test_scope.py",
    "tests/boards/desk/test_changed_rows.py::test_what_is_pushed_is_what_fetching_shows_to_every_reader_at_every_moment",
    "tests/matrix/test_matrix.py::test_nobody_elsewhere_enters_what_belongs_to_one_file_kit_or_alarm",
)
def test_another_centre_sees_nothing_of_it(world: World) -> None:
    page = world.window()
    page.add_init_script(LISTEN)
    here, elsewhere = world.desk("hainaut-12"), world.desk("liege-05", page)
    alarm = world.phone().press()

    here.acknowledge(alarm)
    elsewhere.page.wait_for_function("seq => window.pings.at(-1) >= seq", arg=world.state(alarm).seq)

    assert elsewhere.page.evaluate("window.heard.filter((line) => line.includes('alarm:'))") == []
    assert elsewhere.page.evaluate("window.rows") == []
    expect(elsewhere("#alarm-list > li")).to_have_count(0)
    expect(elsewhere("#no-alarms")).to_be_visible()
    assert "Alix" not in elsewhere.page.content()
    addresses_do_not_exist(elsewhere, alarm)


def addresses_do_not_exist(desk: Desk, alarm: str) -> None:
    assert desk.status_of(f"/desk/alarms/{alarm}") == 404
    assert desk.status_of(f"/response/alarms/{alarm}/briefing") == 404
    for action in ("acknowledge", "note", "close", "shown"):
        assert desk.status_of(f"/desk/alarms/{alarm}/{action}", "POST") == 404


def asked_for(page: Page) -> list[str]:
    """The addresses that the page asks for from now on."""
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(urlsplit(request.url)._replace(scheme="", netloc="").geturl())
    )
    return asked


def hold_back_news(page: Page) -> list[Route]:
    """From now on the page learns nothing new of the board or of its alarm."""
    held: list[Route] = []
    page.route("**/desk/board**", lambda route: held.append(route))
    page.route("**/desk/alarms/*", lambda route: held.append(route))
    return held
