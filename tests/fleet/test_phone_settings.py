"""What an officer sets for phone and button: bounds with their reasons, and whether it was taken."""

import pytest

from egide.alarm.events import NoticeReceived
from egide.fleet.kits.phone_settings import settings_of_kit
from egide.fleet.models import Kit, KitState
from egide.protocol.enrolment import Settings
from egide.protocol.settings import BUTTON_TOOK, PHONE_TOOK
from tests.attacks.test_settings_from_somebody_else import TYPED
from tests.fleet.files import House, build_house
from tests.fleet.test_pages import browser
from tests.support.installation import Phone
from tests.support.pages import Pages, text_of


@pytest.fixture
def house(pages: Pages) -> House:
    return build_house(pages)


@pytest.fixture
def phone(house: House) -> Phone:
    kit = house.prepare()
    Kit.objects.filter(id=kit.id).update(state=KitState.ISSUED)
    return house.enrol(kit)


def says(house: House, phone: Phone, body: str) -> None:
    event = house.pages.installation.phone_event(NoticeReceived, phone, body=body.encode())
    house.pages.installation.append(f"device:{phone.device}", event, case=phone.case)


def test_what_is_set_shows_until_when_it_was_not_taken_and_since_when_it_is(
    house: House, phone: Phone
) -> None:
    client, address = browser(house), f"/kits/{phone.kit}/"
    assert "As issued: nobody has changed it." in text_of(client.get(address))
    shown = text_of(client.post(f"{address}settings", TYPED, follow=True))
    assert "The phone takes it with its next sign of life" in shown
    # Before the worker has copied it, too.
    assert "not yet taken by the phone" in shown
    house.copy()
    assert "not yet taken by the phone" in text_of(client.get(address))
    version = settings_of_kit(phone.kit).settings.version
    # An older version says nothing of this one.
    says(house, phone, f"{PHONE_TOOK}{version - 1}")
    assert "not yet taken by the phone" in text_of(client.get(address))
    says(house, phone, f"{PHONE_TOOK}{version}")
    shown = text_of(client.get(address))
    assert "the phone has it since" in shown and "The button has not taken its hold time yet." in shown
    says(house, phone, f"{BUTTON_TOOK}{version}")
    assert "The button has its hold time since" in text_of(client.get(address))
    assert "Settings of phone and button were set" in text_of(client.get(address))


def test_two_in_one_second_have_versions_that_rise(house: House, phone: Phone) -> None:
    client = browser(house)
    for tail in ("20", "40"):
        client.post(f"/kits/{phone.kit}/settings", {**TYPED, "tail_s": tail})
    house.copy()
    assert settings_of_kit(phone.kit).settings.tail_s == 2400


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("hold_ms", "0.5", "shorter happens in a pocket"),
        ("button_hold_ms", "6", "longer cannot be held in need"),
        ("position_interval_s", "3600", "loses her by a street"),
        ("heartbeat_interval_s", "60", "could not be missed in time"),
        ("tail_s", "1", "ends before a team has left"),
        ("tail_s", "an hour", "Give a number."),
        ("tail_s", "nan", "Give a number."),
    ],
)
def test_what_may_not_be_set_is_refused_with_its_reason_and_nothing_typed_is_lost(
    house: House, phone: Phone, field: str, text: str, why: str
) -> None:
    answer = browser(house).post(f"/kits/{phone.kit}/settings", {**TYPED, field: text})
    assert answer.status_code == 422 and why in text_of(answer)
    assert f'value="{text}"' in answer.content.decode()
    house.copy()
    assert settings_of_kit(phone.kit).settings == Settings()
