"""A verified device always gets through; what is odd about it is a flag for the desk, never a refusal."""

import pytest

from egide.alarm.events import FromPhone
from egide.events.register import GrantChanged, KitReturned
from tests.support.asgi import IntakeClient
from tests.support.installation import NOW_S, Installation, Phone


async def flags_after(
    installation: Installation, intake: IntakeClient, phone: Phone, envelope: bytes
) -> tuple[str, ...]:
    receipt = (await intake.send(envelope)).receipt
    event = installation.journal.open_event(installation.journal.read(receipt.seq - 1, 1)[0])
    assert isinstance(event, FromPhone)
    state = installation.journal.alarm(receipt.alarm)
    assert state is not None and set(event.flags) <= set(state.press.flags)
    assert receipt.alarm in installation.journal.open_alarms()
    return event.flags


@pytest.mark.parametrize(
    ("sent_at_s", "expected"),
    [
        (NOW_S, ()),
        (NOW_S - 60, ()),
        (NOW_S - 61, ("late",)),
        (0, ("late",)),
        (NOW_S + 60, ()),
        (NOW_S + 61, ("clock-odd",)),
        (2**32 - 1, ("clock-odd",)),
    ],
)
async def test_late_is_shown_as_late_and_a_clock_ahead_as_odd(
    installation: Installation, intake: IntakeClient, sent_at_s: int, expected: tuple[str, ...]
) -> None:
    phone = installation.enrol()
    assert await flags_after(installation, intake, phone, phone.press(sent_at_s=sent_at_s)) == expected


async def test_a_press_after_the_grant_ended_gets_through_with_a_flag(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol(grant_ends_at_s=NOW_S - 1)
    assert await flags_after(installation, intake, phone, phone.press()) == ("grant-ended",)


async def test_a_grant_that_was_changed_counts_at_once(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol(grant_ends_at_s=NOW_S - 1)
    installation.append(f"kit:{phone.kit}", GrantChanged(kit=phone.kit, grant_ends_at_s=NOW_S + 60))
    assert await flags_after(installation, intake, phone, phone.press()) == ()


async def test_a_press_of_a_returned_kit_gets_through_with_a_flag(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit))
    assert await flags_after(installation, intake, phone, phone.press()) == ("kit-returned",)


async def test_a_press_without_position_gets_through_with_a_flag(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol()
    assert await flags_after(installation, intake, phone, phone.press(position=None)) == ("no-position",)


async def test_all_flags_at_once_still_make_an_alarm(
    installation: Installation, intake: IntakeClient
) -> None:
    phone = installation.enrol(grant_ends_at_s=1)
    installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit))
    flags = await flags_after(installation, intake, phone, phone.press(position=None, sent_at_s=0))
    assert flags == ("late", "grant-ended", "kit-returned", "no-position")
