"""A press by mistake: a PIN stands nobody down, a supervisor calls back and hears the word, the zone follows up."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World
from tests.support import browser as b


@pytest.mark.full(
    "tests/boards/desk/test_closing.py",
    "tests/boards/zone/test_zone_after.py::test_rule_11_the_managing_zone_has_a_follow_up_that_is_done_once_with_words",
)
def test_rule_08_a_handling_error_is_closed_by_a_call_back_alone_and_the_zone_follows_it_up(
    world: World,
) -> None:
    operator, chief = world.desk("hainaut-12"), world.desk("hainaut-chef")
    phone = world.phone()
    alarm = phone.press()
    operator.acknowledge(alarm)
    phone.cancel()
    expect(operator(".signals")).to_contain_text("PIN")
    assert world.state(alarm).is_open, "a PIN is information"

    # Closing is not offered to an operator here: they ask the supervisor, whose bell rings.
    expect(operator("#act-close")).to_have_count(0)
    operator.press_armed("a")
    operator.page.keyboard.press("Enter")
    expect(chief.row(alarm)).to_have_attribute("data-rings", "yes")
    expect(chief.row(alarm)).to_contain_text("Opératrice 12")
    expect(operator.row(alarm)).to_have_attribute("data-rings", "no")
    chief.choose(alarm)
    # Enter is whatever is due next, which beside a load may be the zone by now.
    expect(chief("#alarm [aria-disabled=true]:visible")).to_have_count(0)
    chief("#act-come").click()
    expect(operator("#supervisor")).to_contain_text("s’en occupe")
    expect(chief.row(alarm)).to_have_attribute("data-rings", "no")

    chief.press_armed("c")
    chief("[name=called_back]").check()
    chief("input[value='handling-error']").check()
    chief("#close-reason").fill("Rappelée, mot convenu entendu: appui par erreur.")
    chief.page.keyboard.press("Control+Enter")
    expect(operator.row(alarm)).to_have_count(0)
    state = world.state(alarm)
    assert (state.closing.outcome, state.closing.closed_by) == ("handling-error", "hainaut-chef")

    zone = world.window()
    b.sign_in(zone, world.stack, "mons-quevy-21", "/zone/")
    left = zone.locator(f"#follow-up-{alarm}")
    expect(left).to_contain_text("mot convenu entendu")
    left.locator("textarea").fill("Bouton expliqué encore une fois.")
    left.locator("button").click()
    expect(zone.locator(f"#follow-up-{alarm}")).to_have_count(0)
    assert world.state(alarm).closing.followed_up_by == "mons-quevy-21"


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_rule_09_a_press_after_closing_opens_the_alarm_again_as_new",
    "tests/boards/desk/test_rule_32_presses.py",
)
def test_rule_09_a_press_soon_after_the_closing_opens_it_again_and_nobody_holds_the_first_one_against_her(
    world: World,
) -> None:
    chief = world.desk("hainaut-chef")
    phone = world.phone()
    alarm = phone.press()
    chief.acknowledge(alarm)
    chief.press_armed("c")
    chief("[name=called_back]").check()
    chief("input[value='handling-error']").check()
    chief("#close-reason").fill("Appui par erreur, mot entendu.")
    chief.page.keyboard.press("Control+Enter")
    expect(chief.row(alarm)).to_have_count(0)

    assert phone.press() == alarm
    expect(chief.row(alarm)).to_have_attribute("data-rings", "yes")
    state = world.state(alarm)
    assert (
        state.is_open
        and state.closing.reopened == 1
        and not state.lead.acknowledged_by
        and not state.closing.outcome
    )
