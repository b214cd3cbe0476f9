"""Somebody else wants to set how long she must hold, how often her phone speaks, how long positions follow."""

import msgspec
import pytest
from django.test import Client

from egide.access.models import User
from egide.casework.models import BarredReader
from egide.common.files import secret_file
from egide.events.register import KitSettingsSet
from egide.fleet.models import Kit, KitState
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, receipt_is_valid
from egide.protocol.settings import PENDING, PHONE_TOOK, settings_of, settings_text
from tests.fleet.files import House, build_house
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone
from tests.support.pages import Pages

WANTED = Settings(1500, 10, 600, 1800, 3000, version=7)
TYPED = {
    "hold_ms": "1.5",
    "button_hold_ms": "3",
    "position_interval_s": "10",
    "heartbeat_interval_s": "10",
    "tail_s": "30",
}


def set_for(installation: Installation, phone: Phone, settings: Settings = WANTED) -> None:
    event = KitSettingsSet(kit=phone.kit, by="officer", settings=settings)
    installation.append(f"kit:{phone.kit}", event, case=phone.case)


def told(receipt: Receipt) -> Settings | None:
    return next((settings_of(one.text) for one in receipt.pending if one.what == PENDING), None)


async def beat(intake: IntakeClient, phone: Phone) -> tuple[bytes, Receipt]:
    data = phone.envelope(Kind.HEARTBEAT)
    return data, (await intake.send(data)).receipt


def receipt_key(installation: Installation) -> bytes:
    return bytes(SigningKey(secret_file(installation.config.data_dir / "receipt.key", 32)).verify_key)


async def test_a_middleman_changes_what_the_reply_sets(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    set_for(installation, phone)
    data, receipt = await beat(intake, phone)
    assert told(receipt) == WANTED
    key = receipt_key(installation)
    assert receipt_is_valid(receipt, data, key)
    slow = settings_text(msgspec.structs.replace(WANTED, heartbeat_interval_s=900, version=8))
    for pending in ((Pending(PENDING, slow),), ()):
        changed = msgspec.structs.replace(receipt, pending=pending)
        assert not receipt_is_valid(changed, data, key)
    # What was signed for one message says nothing with another.
    later, _receipt = await beat(intake, phone)
    assert not receipt_is_valid(receipt, later, key)


async def test_the_phone_that_he_kept_asks(installation: Installation, intake: IntakeClient) -> None:
    kit = installation.issue_kit()
    his, hers = installation.enrol(kit), installation.enrol(kit)
    set_for(installation, hers)
    assert told((await beat(intake, his))[1]) is None
    # That his took them is no word of hers.
    await intake.send(his.envelope(Kind.NOTICE, body=f"{PHONE_TOOK}7".encode()))
    assert told((await beat(intake, hers))[1]) == WANTED
    await intake.send(hers.envelope(Kind.NOTICE, body=f"{PHONE_TOOK}7".encode()))
    assert told((await beat(intake, hers))[1]) is None


@pytest.mark.parametrize("trigger", [Trigger.BUTTON, Trigger.DURESS])
async def test_nothing_is_set_under_an_alarm_or_after_a_code_under_threat(
    installation: Installation, intake: IntakeClient, trigger: Trigger
) -> None:
    phone = installation.enrol()
    set_for(installation, phone)
    press = phone.press(trigger=trigger)
    assert told((await intake.send(press)).receipt) is None
    assert told((await beat(intake, phone))[1]) is None
    follow_up = phone.envelope(Kind.HEARTBEAT, press=1)
    assert told((await intake.send(follow_up)).receipt) is None


@pytest.mark.parametrize(
    "text",
    [
        settings_text(Settings(version=0)),
        settings_text(Settings(hold_ms=60_000, version=7)),
        settings_text(Settings(button_hold_ms=1, version=7)),
        settings_text(Settings(heartbeat_interval_s=86_400, version=7)),
        settings_text(Settings(position_interval_s=0, version=7)),
        settings_text(Settings(tail_s=0, version=2**32)),
        "{}",
        "[1]",
        "",
    ],
)
def test_even_the_servers_word_sets_nothing_out_of_bounds(text: str) -> None:
    assert settings_of(text) is None


def kit_that_is_out(pages: Pages) -> tuple[House, Kit]:
    house = build_house(pages)
    kit = house.prepare()
    Kit.objects.filter(id=kit.id).update(state=KitState.ISSUED)
    return house, kit


def was_set(house: House, kit: Kit) -> list[KitSettingsSet]:
    house.copy()
    events = (house.pages.journal.open_event(row) for row in house.pages.journal.stream(f"kit:{kit.id}"))
    return [event for event in events if isinstance(event, KitSettingsSet)]


def test_another_zone_or_a_barred_officer_sets_them(pages: Pages) -> None:
    house, kit = kit_that_is_out(pages)
    cousin = pages.user("cousin", role="reference-officer", zone="5324")
    BarredReader.objects.create(case_id=kit.case_id, mark="user:cousin")
    stranger = pages.user("stranger", role="reference-officer", zone="5415")
    magistrate = pages.user("judge", role="magistrate", office="mons")
    for user in (cousin, stranger, magistrate):
        assert pages.client(user).post(f"/kits/{kit.id}/settings", TYPED).status_code == 404
    assert Client().post(f"/kits/{kit.id}/settings", TYPED).status_code in (302, 403)
    assert was_set(house, kit) == []
    own = User.objects.get(name=house.officer.user)
    assert pages.client(own).post(f"/kits/{kit.id}/settings", TYPED).status_code == 302
    [event] = was_set(house, kit)
    assert (event.by, event.settings.button_hold_ms, event.settings.tail_s) == (own.name, 3000, 1800)
