"""Who pressed without being the kit's phone, as every page shows it beside the alarm: phones that speak for it no more,
and devices that are no phones, with what their report proves.
"""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from egide.alarm.events import BY_BUTTON, BY_CLEAR, BY_DEVICE, BY_SERVICE, REGISTERED, REPORTED
from egide.alarm.state import AlarmState
from egide.boards.shown.position import address_of
from egide.boards.shown.words import Words, coordinates_of

# What a report proves, in words; never the same as a press that a phone signed (decision 0104).
PROOFS: Words = {
    BY_BUTTON: _("Button without a phone: its frame was checked here"),
    BY_DEVICE: _("Alarm device: its frame was opened here with its key"),
    BY_CLEAR: _("Alarm device in the clear: anybody on its way could have sent it"),
    BY_SERVICE: _("Reported by a tracker’s service, which nobody here can check"),
}
# The same to be read out.
SPOKEN: Words = {
    BY_BUTTON: _("Raised by a button at a registered place, not by a phone."),
    BY_DEVICE: _("Raised by an alarm device, not by a phone."),
    BY_CLEAR: _("Raised by an alarm device in the clear, not by a phone."),
    BY_SERVICE: _("Reported by a tracker’s service, not by a phone."),
}
PLACES: Words = {
    REGISTERED: _("Registered address: where the device stands, not where the person was seen"),
    REPORTED: _("Position as the device reports it"),
}


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


@dataclass(frozen=True)
class ShownSource:
    """One device: what its last press proves, how often it pressed, where it says it is. `coordinates` and `address`
    are empty without a position; `carrier` where it proves itself."""

    proof: str
    carrier: str
    presses: int
    at_ms: int
    place: str
    address: str
    coordinates: str
    accuracy_m: int


def sources_of(state: AlarmState) -> list[ShownSource]:
    """Each source that pressed, in the order of their last presses."""
    counts = Counter(press.source for press in state.press.source_presses)
    latest = {press.source: press for press in state.press.source_presses}
    return [
        ShownSource(
            proof=str(PROOFS.get(press.proof, press.proof)),
            carrier=press.carrier,
            presses=counts[press.source],
            at_ms=press.at_us // 1000,
            place=str(PLACES.get(press.position_from, "")),
            address=address_of(press.position) if press.position else "",
            coordinates=coordinates_of(press.position) if press.position else "",
            accuracy_m=press.position.accuracy_m if press.position else 0,
        )
        for press in latest.values()
    ]


def spoken_proof(state: AlarmState) -> str:
    """What is read out where no phone pressed at all; empty where one did."""
    beside = state.press.source_presses
    if not beside or state.press.presses > len(beside):
        return ""
    return str(SPOKEN.get(beside[-1].proof, ""))
