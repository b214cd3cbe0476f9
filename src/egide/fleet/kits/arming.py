"""A test that an officer arms on the phone of a kit that is still in the house (safety rule 20, decision 0090).

The page says what the phone said: it is armed once the phone's own signed notice is in the journal.
"""

from dataclasses import dataclass

from django.db import transaction

from egide.events.register import KitTestArmed, KitTestTakenBack
from egide.fleet.kits import rules
from egide.fleet.kits.kits import KitRefused, stream_of
from egide.fleet.kits.lifeline import Heard, heard_of
from egide.fleet.models import Kit, KitState
from egide.journal.queries.kits import OfficersTest, officers_test
from egide.journal.watched import TOLERANCE_S
from egide.outbox.service import clock, journal, offer, waiting
from egide.protocol.arming import LASTS_S, OFFER_S

# Nothing stands; the phone has yet to take it; it took it and waits for the press; the press came; taken back, and the
# phone may not know yet; it took it, and nobody pressed.
NONE, WAITING, ARMED, PRESSED, GOING, OVER = "none", "waiting", "armed", "pressed", "going", "over"
# A reply may be this long on its way to the phone, whose two minutes begin when it is there.
ON_THE_WAY_S = 10


@dataclass(frozen=True)
class Standing:
    """How an officer's test stands; in "armed" a press is a test until `until_us`, in "pressed" it came at `at_us`."""

    state: str = NONE
    number: int = 0
    until_us: int = 0
    at_us: int = 0
    # Until then the phone may take a press for a test, whatever it said last.
    free_us: int = 0

    @property
    def stands(self) -> bool:
        """Whether somebody can take it back."""
        return self.state in (WAITING, ARMED)


def standing(test: OfficersTest | None, now_us: int) -> Standing:
    """How the last test of a kit stands by what the journal has."""
    if test is None:
        return Standing()
    lasts_us = (LASTS_S + ON_THE_WAY_S) * 1_000_000
    if test.over_us is not None:
        return Standing(PRESSED if test.is_pressed else OVER, test.number, at_us=test.over_us)
    ends_us = test.until_us if test.back_us is None else min(test.back_us, test.until_us)
    free_us = ends_us + lasts_us if test.taken_us is None else test.taken_us + lasts_us
    if now_us >= free_us:
        return Standing(OVER, test.number)
    if test.back_us is not None or now_us >= test.until_us:
        return Standing(GOING, test.number, free_us=free_us)
    return Standing(WAITING if test.taken_us is None else ARMED, test.number, test.until_us, free_us=free_us)


def standing_of(kit: str) -> Standing:
    """How an officer's test of this kit stands now, also before the worker has copied what was asked for."""
    now_us, found = clock().now_us(), officers_test(journal(), kit)
    if asked := waiting(f"kit:{kit}", KitTestArmed):
        event, at_us = asked
        # Later the journal takes it no more.
        found = OfficersTest(event.number, min(event.until_s, at_us // 1_000_000 + TOLERANCE_S) * 1_000_000)
    if (back := waiting(f"kit:{kit}", KitTestTakenBack)) and found and back[0].number == found.number:
        found = OfficersTest(found.number, found.until_us, found.taken_us, back[1], found.over_us)
    return standing(found, now_us)


def may_arm(kit: Kit, heard: Heard) -> bool:
    """Only while the kit protects nobody, and where the phone works with the screen off: a web page is open anyway."""
    return kit.state == KitState.PREPARED and heard.way == rules.FIRST_WAY


@transaction.atomic
def do_arm(kit: Kit, by: str) -> None:
    """Have the kit's phone take its next press for a test. Asked twice, it is one. Raises KitRefused."""
    kit.refresh_from_db()
    if not may_arm(kit, heard_of(kit.id)):
        raise KitRefused("kit", "not-possible")
    was = standing_of(kit.id)
    if was.stands:
        return
    now_s = clock().now_us() // 1_000_000
    armed = KitTestArmed(kit=kit.id, by=by, number=max(now_s, was.number + 1), until_s=now_s + OFFER_S)
    offer(armed, stream_of(kit), kit.case_id)


@transaction.atomic
def do_take_back(kit: Kit, by: str) -> None:
    """The phone lets it go with its next signed reply. What no longer stands needs no taking back."""
    was = standing_of(kit.id)
    if was.stands:
        offer(KitTestTakenBack(kit=kit.id, by=by, number=was.number), stream_of(kit), kit.case_id)


def check_none_stands(kit: Kit) -> None:
    """No kit leaves with a test on its phone: her first press must be real. Raises KitRefused."""
    if standing_of(kit.id).free_us > clock().now_us():
        raise KitRefused("gates", "test-stands")
