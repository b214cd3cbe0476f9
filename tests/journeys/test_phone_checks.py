"""What supervision finds is told by the phone itself: quietly, behind the decoy, and gone when it is right again."""

import re

import pytest
from playwright.sync_api import expect

from egide.alarm.events import AlarmClosed
from egide.events.register import KitTroubleTold, KitWatched
from egide.fleet.supervision.rules import ORDINARY, PERSON, POSITION, UNPAIRED, ZONE
from egide.journal.service import Entry
from tests.journeys.conftest import World
from tests.journeys.phone_app import DURESS, PhoneApp

# As when the network comes back: the app asks at once whether an alarm would get through.
ASK = "void dispatchEvent(new Event('online'))"


def watched(world: World) -> PhoneApp:
    """A phone without a button and without a position, whose kit goes out now."""
    phone = PhoneApp(world, permissions=[])
    phone.enrol_without_position()
    out = Entry(
        stream=f"kit:{phone.kit}", case=phone.person["case"], event=KitWatched(kit=phone.kit, level=ORDINARY)
    )
    world.journal.append([out])
    return phone


def until_told(phone: PhoneApp) -> None:
    """Until its answers carry what is to be looked at."""
    phone.until(
        lambda: len(told(phone)) >= 3, "person, zone of the button and person of the position are told"
    )
    phone.until(
        lambda: (
            phone.page.evaluate(ASK) or any("Le bouton n’est plus relié" in text for text in checks(phone))
        ),
        "the page shows it",
    )


def told(phone: PhoneApp) -> list[tuple[str, str]]:
    found = phone.events_of_stream(f"kit:{phone.kit}", KitTroubleTold)
    return [(event.what, event.whom) for event in found]


def checks(phone: PhoneApp) -> list[str]:
    return phone.page.locator("#checks li").all_inner_texts()


@pytest.mark.full(
    "phone/tests/proofs.test.ts",
    "tests/journeys/test_phone_pages.py::test_rule_16_the_first_page_warns_in_its_own_words_and_never_because_of_a_press",
    "tests/fleet/test_supervision.py::test_a_quiet_notice_comes_with_the_next_reply_and_goes_when_it_is_right_again",
)
def test_what_is_wrong_shows_quietly_behind_the_decoy_and_goes_when_it_is_right(world: World) -> None:
    phone = watched(world)
    until_told(phone)
    assert {(UNPAIRED, PERSON), (UNPAIRED, ZONE), (POSITION, PERSON)} <= set(told(phone))
    assert phone.vibrations == []
    phone.to_decoy()
    # The harmless page says it in harmless words, and nothing of what it is.
    expect(phone.page.locator("#decoy")).to_contain_text("Pas à jour")
    expect(phone.page.locator("#decoy")).not_to_contain_text(
        re.compile("bouton|police|position", re.IGNORECASE)
    )
    phone.unlock()
    phone.context.grant_permissions(["geolocation"])
    phone.until(
        lambda: phone.page.evaluate(ASK) or not any("position" in text for text in checks(phone)),
        "it is right again",
    )


@pytest.mark.full(
    "phone/tests/app.test.ts::shows nothing of what the page said before, to her own code either",
    "tests/fleet/test_supervision.py::test_rule_08_after_a_code_under_threat_the_phone_is_told_nothing_of_itself",
)
def test_rule_08_after_a_code_under_threat_nothing_of_it_shows(world: World) -> None:
    phone = watched(world)
    until_told(phone)
    phone.to_decoy()
    phone.unlock(DURESS)
    expect(phone.page.locator("#private-note")).to_be_visible()
    alarm = phone.alarm()
    phone.page.locator("#private-close").click()
    phone.unlock()
    expect(phone.page.locator("#honest")).to_be_visible()
    expect(phone.page.locator("#checks")).to_have_count(0)
    world.write_down(alarm, AlarmClosed("hainaut-12", "handling-error", ""))
    with phone.page.expect_response("**/v1/messages"):
        phone.page.evaluate(ASK)
    expect(phone.page.locator("#checks")).to_have_count(0)
