"""What officers want of the phone, by signed replies: the kit's settings, which go on to the button, and a test."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from egide.common.clock import Clock
from egide.companion import rules
from egide.companion.ports import Radio, Reporter
from egide.companion.store import PhoneStore
from egide.protocol import frame as frames
from egide.protocol.arming import ARMED, BY_OFFICER, LET_GO, offer_of
from egide.protocol.arming import PENDING as TEST
from egide.protocol.enrolment import Settings
from egide.protocol.envelope import Kind
from egide.protocol.receipt import Pending, Receipt
from egide.protocol.settings import BUTTON_TOOK, PENDING, PHONE_TOOK, settings_of


@dataclass
class KitSettings:
    """`now` is what holds. `note` says a word to the zone (protocol/link.py)."""

    now: Settings
    store: PhoneStore
    radio: Radio
    button_key: bytes
    note: Callable[[str], None]
    report: Reporter

    def take(self, pending: Sequence[Pending]) -> bool:
        """Take what a reply sets; whether anything changed. What is out of bounds or older changes nothing.

        The same again means that our word did not arrive, or came before an older one: it is said again.
        """
        text = next((one.text for one in pending if one.what == PENDING), "")
        wanted = settings_of(text) if text else None
        if wanted is None or wanted.version < self.now.version:
            return False
        is_news = wanted.version > self.now.version
        if is_news:
            self.store.do_set_settings(wanted)
            self.now = wanted
            self.report("phone.settings_taken", version=wanted.version)
        self.note(f"{PHONE_TOOK}{self.now.version}")
        return is_news

    async def give_to_button(self) -> None:
        """Tell the button its hold time, once for each version; what did not arrive is tried with the next word."""
        version = self.now.version
        if not self.radio.is_connected or version <= self.store.button_settings():
            return
        hold = frames.encode_hold(version, self.now.button_hold_ms, self.button_key)
        if await self.radio.set_hold(hold):
            self.store.do_note_button_settings(version)
            self.note(f"{BUTTON_TOOK}{version}")


@dataclass
class Arming:
    """Which press is a test: the next one, where her code armed it, or an officer did before the kit was handed out.

    Only in memory: a restart leaves nothing armed.
    """

    store: PhoneStore
    clock: Clock
    note: Callable[[str], None]
    report: Reporter
    alarm_is_open: Callable[[], bool]
    _armed: rules.Armed = field(default_factory=rules.Armed)

    def arm(self, lasts_s: float) -> None:
        """By her code, for `lasts_s`; 0 ends that, and nothing that an officer armed."""
        if lasts_s:
            now_us = self.clock.now_us()
            self._armed = rules.Armed(now_us, now_us + round(lasts_s * 1e6))
        elif not self._armed.number:
            self._armed = rules.Armed()

    def made(self, pressed_at_us: int | None, earlier_us: int = 0) -> dict[str, Any]:
        """Kind and body of a press. Whatever it was, the next one is real again.

        It may be up to `earlier_us` older than it says.
        """
        armed, self._armed = self._armed, rules.Armed()
        if not rules.is_test(pressed_at_us, armed, self.alarm_is_open(), earlier_us=earlier_us):
            return {"kind": Kind.PRESS}
        body = f"{BY_OFFICER}{armed.number}".encode() if armed.number else None
        return {"kind": Kind.TEST, "body": body}

    def take(self, receipt: Receipt) -> bool:
        """Take what the reply to a sign of life says of an officer's test; whether one was armed.

        Each number is armed once, and goes as soon as a reply no longer names it: taken back, over, or in an alarm.
        """
        text = next((one.text for one in receipt.pending if one.what == TEST), "")
        offer = None if receipt.alarm else offer_of(text, receipt.received_at)
        self._let_go(0 if offer is None else offer.number)
        if offer is None or offer.number <= self.store.officers_test() or self.alarm_is_open():
            return False
        try:
            self.store.do_note_officers_test(offer.number)
        except sqlite3.Error as error:
            # What could be armed again after a restart is not armed at all.
            self.report("phone.not_stored", reason=str(error))
            return False
        now_us = self.clock.now_us()
        self._armed = rules.Armed(now_us, now_us + rules.TEST_LASTS_S * 1_000_000, offer.number)
        self.report("phone.test_armed_by_officer", number=offer.number)
        self.note(f"{ARMED}{offer.number}")
        return True

    def _let_go(self, stands: int) -> None:
        """An officer's test ends unless the one with the number `stands` is still meant."""
        number = self._armed.number
        if not number or number == stands:
            return
        is_news = self._is_waiting
        self._armed = rules.Armed()
        if is_news:
            self.note(f"{LET_GO}{number}")

    @property
    def _is_waiting(self) -> bool:
        """Whether an officer's test waits for its press."""
        armed = self._armed
        return armed.number > 0 and armed.from_us <= self.clock.now_us() < armed.until_us

    def pause_s(self, interval_s: float) -> float:
        """Until the next sign of life at rest: soon while an officer may take a test back."""
        return min(interval_s, rules.ARMED_TELL_S) if self._is_waiting else interval_s
