"""Phones that pressed without speaking for their kit any more, as desk and zone show them beside the alarm."""

from collections import Counter
from dataclasses import dataclass

from egide.alarm.state import AlarmState
from egide.boards.shown.position import address_of
from egide.boards.shown.words import coordinates_of


@dataclass(frozen=True)
class EarlierPhone:
    """One of them: how often it pressed, where and when last. `coordinates` and
    `address` are empty when it gave no position."""

    device: str
    presses: int
    at_ms: int
    address: str
    coordinates: str
    accuracy_m: int
    is_blocked: bool


def earlier_phones_of(state: AlarmState) -> list[EarlierPhone]:
    """Each earlier phone of the kit that pressed, in the order of their last presses."""
    counts = Counter(press.device for press in state.press.earlier_presses)
    latest = {press.device: press for press in state.press.earlier_presses}
    return [
        EarlierPhone(
            device=device,
            presses=counts[device],
            at_ms=press.at_us // 1000,
            address=address_of(press.position) if press.position else "",
            coordinates=coordinates_of(press.position) if press.position else "",
            accuracy_m=press.position.accuracy_m if press.position else 0,
            is_blocked=device in state.press.blocked_phones,
        )
        for device, press in latest.items()
    ]
