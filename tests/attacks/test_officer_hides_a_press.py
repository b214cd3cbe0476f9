"""A relative in the police arms a test, so that her next press counts for nothing (safety rule 20, decision 0090)."""

import msgspec
import pytest
from django.test import Client

from egide.casework.models import BarredReader
from egide.common.files import secret_file
from egide.events.register import KitTestArmed, KitWatched
from egide.fleet.kits import kits
from egide.fleet.kits.arming import do_arm
from egide.fleet.kits.kits import KitRefused
from egide.fleet.models import Kit, KitState
from egide.journal.watched import TOLERANCE_S
from egide.protocol.arming import LASTS_S, OFFER_S, PENDING
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, receipt_is_valid
from tests.fleet.arming import Armed, armed_house
from tests.fleet.test_pages import browser
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation, Phone
from tests.support.pages import Pages, text_of


def arm_for(installation: Installation, phone: Phone, number: int = 7, ago_s: int = 0) -> None:
    """Past every page: the event itself."""
    until_s = installation.clock.now_us() // 1_000_000 + OFFER_S - ago_s
    event = KitTestArmed(kit=phone.kit, by="officer", number=number, until_s=until_s)
    installation.append(f"kit:{phone.kit}", event, case=phone.case)


async def beat(intake: IntakeClient, phone: Phone) -> tuple[bytes, Receipt, str]:
    """A sign of life, its receipt, and the test that is pending in it."""
    data = phone.envelope(Kind.HEARTBEAT)
    receipt = (await intake.send(data)).receipt
    return data, receipt, next((one.text for one in receipt.pending if one.what == PENDING), "")


@pytest.mark.parametrize("state", [state for state in KitState.values if state != KitState.PREPARED])
def test_rule_20_once_a_kit_is_out_no_officer_arms_a_test(pages: Pages, state: str) -> None:
    zone = armed_house(pages)
    Kit.objects.filter(id=zone.kit.id).update(state=state)
    with pytest.raises(KitRefused, match="not-possible"):
        do_arm(zone.kit, "officer-1")
    assert zone.events == []


def test_rule_20_the_page_of_a_kit_that_is_out_has_no_such_thing(pages: Pages) -> None:
    zone = armed_house(pages)
    Kit.objects.filter(id=zone.kit.id).update(state=KitState.ISSUED)
    client = browser(zone.house)
    assert 'id="arm"' not in client.get(f"/kits/{zone.kit.id}/").content.decode()
    assert client.post(f"/kits/{zone.kit.id}/arm").status_code == 422
    assert zone.events == []


async def test_rule_20_of_a_kit_that_is_out_intake_offers_none_whatever_the_pages_let_through(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    arm_for(installation, phone)
    assert (await beat(intake, phone))[2]
    installation.append(f"kit:{phone.kit}", KitWatched(kit=phone.kit, level="ordinary"), case=phone.case)
    assert (await beat(intake, phone))[2] == ""
    arm_for(installation, phone, number=8)
    assert (await beat(intake, phone))[2] == ""


def test_rule_20_no_kit_leaves_with_a_test_on_its_phone(pages: Pages) -> None:
    zone = armed_house(pages)
    zone.house.prove_presses(zone.kit, zone.phone)
    client, address = browser(zone.house), f"/kits/{zone.kit.id}/"

    def leave() -> str:
        shown = text_of(client.post(f"{address}hand-over", follow=True))
        zone.kit.refresh_from_db()
        return shown

    client.post(f"{address}arm")
    assert "may still be on the phone" in leave() and zone.kit.state == KitState.PREPARED
    zone.house.copy()
    offer = zone.speak()
    assert offer is not None
    zone.say(f"test-armed:{offer.number}")
    assert "may still be on the phone" in leave() and zone.kit.state == KitState.PREPARED
    client.post(f"{address}take-back")
    zone.house.copy()
    # The phone has not heard of it.
    assert "may still be on the phone" in leave() and zone.kit.state == KitState.PREPARED
    pages.clock.advance_s(LASTS_S + 10)
    assert "The kit is handed out" in leave() and zone.kit.state == KitState.ISSUED
    zone.house.copy()
    assert zone.speak() is None


def test_another_zone_a_barred_officer_or_a_magistrate_finds_no_such_kit(pages: Pages) -> None:
    zone = armed_house(pages)
    cousin = pages.user("cousin", role="reference-officer", zone="5324")
    BarredReader.objects.create(case_id=zone.kit.case_id, mark="user:cousin")
    stranger = pages.user("stranger", role="reference-officer", zone="5415")
    magistrate = pages.user("judge", role="magistrate", office="mons")
    for what in ("arm", "take-back"):
        for user in (cousin, stranger, magistrate):
            assert pages.client(user).post(f"/kits/{zone.kit.id}/{what}").status_code == 404
        assert Client().post(f"/kits/{zone.kit.id}/{what}").status_code in (302, 403)
        assert browser(zone.house).get(f"/kits/{zone.kit.id}/{what}").status_code == 405
    assert zone.events == []


async def test_a_middleman_arms_one_or_keeps_a_reply_for_later(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    arm_for(installation, phone)
    data, receipt, text = await beat(intake, phone)
    key = bytes(SigningKey(secret_file(installation.config.data_dir / "receipt.key", 32)).verify_key)
    assert text and receipt_is_valid(receipt, data, key)
    changed = msgspec.structs.replace(receipt, pending=(Pending(PENDING, text.replace("7:", "8:")),))
    assert not receipt_is_valid(changed, data, key)
    later, _receipt, _text = await beat(intake, phone)
    assert not receipt_is_valid(receipt, later, key), "it answers one message, and says nothing with another"


async def test_the_phone_that_he_kept_is_offered_none_and_its_word_arms_none(
    installation: Installation, intake: IntakeClient
) -> None:
    kit = installation.issue_kit()
    his, hers = installation.enrol(kit), installation.enrol(kit)
    arm_for(installation, hers)
    assert (await beat(intake, his))[2] == ""
    for word in ("test-armed:7", "test-off:7"):
        await intake.send(his.envelope(Kind.NOTICE, body=word.encode()))
    await intake.send(his.envelope(Kind.TEST, body=b"officer:7", trigger=int(Trigger.BUTTON)))
    assert (await beat(intake, hers))[2]
    row = installation.journal.connection.execute("SELECT taken_us, over_us, pressed FROM kit_test")
    assert row.fetchone() == (None, None, 0)


@pytest.mark.parametrize("ago_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1, OFFER_S])
async def test_one_that_waited_for_a_journal_arms_nothing(
    installation: Installation, intake: IntakeClient, ago_s: int
) -> None:
    phone = installation.enrol()
    arm_for(installation, phone, ago_s=ago_s)
    assert (await beat(intake, phone))[2] == ""


async def test_an_earlier_number_never_comes_back(installation: Installation, intake: IntakeClient) -> None:
    phone = installation.enrol()
    arm_for(installation, phone, number=8)
    await intake.send(phone.envelope(Kind.NOTICE, body=b"test-armed:8"))
    await intake.send(phone.envelope(Kind.TEST, body=b"officer:8", trigger=int(Trigger.BUTTON)))
    for number in (7, 8):
        arm_for(installation, phone, number=number)
        assert (await beat(intake, phone))[2] == ""
    arm_for(installation, phone, number=9)
    assert (await beat(intake, phone))[2].startswith("9:")


@pytest.mark.parametrize("trigger", [Trigger.BUTTON, Trigger.DURESS])
async def test_none_is_offered_under_an_alarm_or_after_a_code_under_threat(
    installation: Installation, intake: IntakeClient, trigger: Trigger
) -> None:
    phone = installation.enrol()
    await intake.send(phone.press(trigger=trigger))
    arm_for(installation, phone)
    assert (await beat(intake, phone))[2] == ""


def test_a_press_is_an_alarm_whatever_an_officer_armed_unless_the_phone_signed_a_test(pages: Pages) -> None:
    zone = armed_house(pages)
    browser(zone.house).post(f"/kits/{zone.kit.id}/arm")
    zone.house.copy()
    offer = zone.speak()
    assert offer is not None
    zone.say(f"test-armed:{offer.number}")
    receipt = zone.send(Kind.PRESS, trigger=int(Trigger.BUTTON))
    assert receipt.alarm and pages.journal.alarm(receipt.alarm) is not None


def test_a_kit_that_is_taken_apart_is_offered_none(pages: Pages) -> None:
    zone: Armed = armed_house(pages)
    browser(zone.house).post(f"/kits/{zone.kit.id}/arm")
    zone.house.copy()
    assert zone.speak() is not None
    kits.do_undo(zone.kit, "officer-1")
    zone.house.copy()
    assert zone.speak() is None
