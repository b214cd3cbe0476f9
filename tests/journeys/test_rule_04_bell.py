"""Safety rule 4: a desk without sound is no desk; rows never move under the cursor; keys wait for what was seen."""

from playwright.sync_api import FloatRect, Page, expect

from egide.alarm.events import AlarmAcknowledged, AlarmClosed
from egide.protocol.envelope import Trigger
from tests.journeys.conftest import Desk, World
from tests.journeys.pressing import expect_hasty_refused, hasten
from tests.support import browser as b

# A hand that keeps using keys where the focus is.
KEYS_IN_USE = """() => {
  const key = { key: "Shift", bubbles: true };
  const press = () => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", key));
  window.hand = setInterval(press, 200);
}"""


# What the browser plays: how high, and how loud at its loudest.
PLAYED = """
  window.played = [];
  const ramp = AudioParam.prototype.exponentialRampToValueAtTime;
  AudioParam.prototype.exponentialRampToValueAtTime = function (value, at) {
    if (value > 0.001) window.loudness = value;
    return ramp.call(this, value, at);
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    window.played.push([Math.round(this.frequency.value), window.loudness]);
    return start.call(this, at);
  };"""


def fills_the_screen(page: Page, selector: str) -> bool:
    """Whether nothing else can be seen or hit."""
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    assert box is not None and size is not None
    return (box["x"], box["y"], box["width"], box["height"]) == (0, 0, size["width"], size["height"])


def test_a_shift_begins_with_the_sound_and_nothing_counts_as_shown_before(world: World) -> None:
    page = world.window()
    b.sign_in(page, world.stack, "hainaut-12")
    expect(page.locator("#shift-start")).to_be_visible()
    assert fills_the_screen(page, "#shift-start")

    alarm = world.phone().press()
    expect(page.locator("#shift-start .cover-alarms")).to_contain_text("1")
    assert world.state(alarm).lead.shown_by == ()

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#shift-start")).to_be_visible()
    # Anyone who hears nothing is told what to do, and stays before the test.
    page.click("#sound-test")
    page.click("#sound-unheard")
    expect(page.locator("#sound-help")).to_be_visible()
    expect(page.locator("#shift-start")).to_be_visible()
    b.hear_bell(page)
    world.until(lambda: world.state(alarm).lead.shown_by == ("hainaut-12",), "shown")
    world.until(lambda: "SoundTested" in board_kinds(world), "the sound test is on record")


def test_tone_and_volume_are_chosen_kept_and_never_silence(world: World) -> None:
    page = world.window()
    page.add_init_script(PLAYED)
    b.sign_in(page, world.stack, "hainaut-12")
    page.check("#bell-choice [value=high]")
    page.wait_for_function("() => window.played.length === 3")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.wait_for_function("() => window.played.length === 6")

    assert [hertz for hertz, _loudness in page.evaluate("window.played")[3:]] == [1232, 924, 1232]
    assert page.evaluate("window.played")[5][1] >= 0.25

    # Somebody writes silence into the store: the bell rings all the same.
    page.evaluate("localStorage.setItem('egide-bell', JSON.stringify({ tone: 'high', volume: 0 }))")
    page.reload()
    expect(page.locator("#bell-choice [value=high]")).to_be_checked()
    expect(page.locator("#bell-choice [name=volume]")).to_have_value("40")
    b.hear_bell(page)
    page.evaluate("window.played = []")
    world.phone().press()
    page.wait_for_function("() => window.played.length >= 3")
    assert 0.25 <= page.evaluate("window.played")[0][1] < 0.5


def test_blocked_sound_fills_the_screen_until_it_is_switched_on(world: World) -> None:
    desk = bring_back(world, world.desk())
    expect(desk("#sound-blocked")).to_be_visible()
    assert fills_the_screen(desk.page, "#sound-blocked")
    alarm = world.phone().press()
    expect(desk("#sound-blocked .cover-alarms")).to_contain_text("1")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    expect(desk("#sound-blocked")).to_be_visible()

    desk.page.keyboard.press("Enter")

    expect(desk("#sound-blocked")).to_be_hidden()
    expect(desk("#sound-state")).to_have_attribute("data-state", "on")
    expect(desk.row(alarm)).to_be_visible()


def test_a_key_acts_only_on_what_has_been_painted_for_a_second(world: World) -> None:
    desk = world.desk()
    hasten(desk.page, "act-acknowledge", " ")

    alarm = world.phone().press()

    expect_hasty_refused(desk.page)
    assert world.state(alarm).lead.acknowledged_by == ""
    desk.press_armed("Space")
    expect(desk("#taken-by")).to_be_visible()
    world.until(lambda: world.state(alarm).lead.acknowledged_by == "hainaut-12", "taken")


def test_rows_never_move_under_the_pointer(world: World) -> None:
    desk = world.desk()
    alarms = [world.phone().press(), world.phone().press()]
    before = boxes(desk, alarms)
    desk.row(alarms[0]).hover()

    duress = world.phone().press(trigger=Trigger.DURESS)

    expect(desk.row(duress)).to_be_visible()
    assert boxes(desk, alarms) == before
    expect(desk("#arrivals")).not_to_be_empty()
    assert order(desk) == [*alarms, duress]
    desk.page.mouse.move(900, 400)
    expect(desk("#arrivals")).to_be_empty()
    assert order(desk) == [duress, *alarms]

    # Nor does one that is closed give its place to the next: it stays there, dead.
    before = boxes(desk, alarms)
    desk.row(alarms[1]).hover()
    world.write_down(alarms[0], AlarmAcknowledged("hainaut-07"), AlarmClosed("hainaut-07", "test", "essai"))
    dead = desk(f"#row-{alarms[0]}")
    expect(dead.locator("button")).to_be_disabled()
    assert box_of(desk, alarms[1]) == before[1]
    desk.page.mouse.move(900, 400)
    expect(dead).to_have_count(0)

    # Keys that are used among them hold them too.
    desk.row(alarms[1]).locator("button").focus()
    desk.page.evaluate(KEYS_IN_USE)
    second = world.phone().press(trigger=Trigger.DURESS)
    expect(desk("#arrivals")).not_to_be_empty()
    assert order(desk) == [duress, alarms[1], second]
    desk.page.evaluate("() => clearInterval(window.hand)")
    expect(desk("#arrivals")).to_be_empty()
    assert order(desk)[:2] == [duress, second]


def bring_back(world: World, desk: Desk) -> Desk:
    """The desk in a tab that the browser opened by itself: nothing may be heard before somebody touches it."""
    page = desk.page.context.new_page()
    page.add_init_script("sessionStorage.setItem('egide-sound-heard', 'yes')")
    page.goto(desk.page.url)
    desk.page.close()
    return Desk(world, page, desk.name)


def board_kinds(world: World) -> list[str]:
    return [row.kind for row in world.journal.stream("board:HAI")]


def boxes(desk: Desk, alarms: list[str]) -> list[FloatRect | None]:
    return [box_of(desk, alarm) for alarm in alarms]


def box_of(desk: Desk, alarm: str) -> FloatRect | None:
    expect(desk.row(alarm)).to_be_visible()
    return desk.row(alarm).bounding_box()


def order(desk: Desk) -> list[str | None]:
    """The alarms of the board from top to bottom."""
    rows = b.every(desk("#alarm-list > li:not([data-gone])"))
    return [row.get_attribute("data-alarm") for row in rows]
