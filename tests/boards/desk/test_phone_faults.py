"""What the desk is told of phone and button beside the alarm, by the flags of the last message."""

import pytest

from egide.boards.desk.rules import phone_faults
from egide.boards.desk.words import PHONE
from egide.protocol.link import LinkFlag

WELL = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED


@pytest.mark.parametrize(
    ("link", "faults"),
    [
        (None, ()),
        (WELL, ()),
        (LinkFlag.BUTTON_PAIRED, ("away",)),
        (0, ("unpaired",)),
        (LinkFlag.BUTTON_PAIRED | LinkFlag.RADIO_OFF, ("radio-off", "away")),
        # What the desk can do nothing about, and what a later phone may say.
        (WELL | LinkFlag.SAVER_ON | LinkFlag.TEXTS_REFUSED | 1 << 15, ()),
        (WELL | LinkFlag.POSITION_REFUSED, ("position-refused",)),
        (WELL | LinkFlag.NO_FIX, ("no-fix",)),
        (WELL | LinkFlag.MICROPHONE_REFUSED, ("microphone-refused",)),
        (LinkFlag.NO_FIX | LinkFlag.MICROPHONE_REFUSED, ("unpaired", "no-fix", "microphone-refused")),
    ],
)
def test_only_what_is_not_as_it_should_be_is_said(link: int | None, faults: tuple[str, ...]) -> None:
    assert phone_faults(link) == faults


def test_each_fault_has_its_words() -> None:
    told = {fault for link in range(256) for fault in phone_faults(link)}
    assert told == set(PHONE)
