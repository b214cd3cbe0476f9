"""Safety rule 10: a message that names a known kit and does not verify is never an alarm, and never nowhere."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import World


@pytest.mark.full(
    "tests/boards/desk/test_board.py::test_rule_10_what_could_not_be_verified_is_in_the_technical_lane_and_no_alarm",
    "tests/intake/test_refusals.py::test_rule_10_a_press_that_fails_verification_shows_in_the_technical_lane_once_in_ten_seconds",
)
def test_a_bad_signature_stands_in_the_technical_lane_of_its_centre(world: World) -> None:
    here, elsewhere = world.desk("hainaut-12"), world.desk("liege-05")
    phone = world.phone()
    press = bytearray(phone.envelope())
    press[-1] ^= 1

    status, answer = phone.post("/v1/messages", bytes(press))

    assert (status, answer["reason"]) == (401, "bad-signature")
    expect(here("#technical")).to_contain_text(phone.device[:8])
    expect(here("#technical")).to_contain_text("la signature est fausse")
    expect(here("#alarm-list > li")).to_have_count(0)
    assert world.journal.open_alarms() == []
    assert phone.device[:8] not in elsewhere.page.content()
    assert elsewhere.status_of("/desk/board") == 200


@pytest.mark.full(
    "tests/intake/test_refusals.py::test_a_bad_signature_of_a_known_kit_gets_401_and_changes_no_alarm",
    "tests/boards/desk/test_board.py::test_rule_10_what_could_not_be_verified_is_in_the_technical_lane_and_no_alarm",
)
def test_the_lane_does_not_hide_the_phone_s_next_honest_press(world: World) -> None:
    desk = world.desk()
    phone = world.phone()
    press = bytearray(phone.envelope())
    press[-1] ^= 1
    phone.post("/v1/messages", bytes(press))
    expect(desk("#technical")).to_contain_text(phone.device[:8])

    alarm = phone.press()

    expect(desk.row(alarm)).to_be_visible()
    expect(desk.row(alarm)).to_have_attribute("data-looks", "new")
