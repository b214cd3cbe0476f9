"""What the person does with the phone and what it does for her, without screens: codes, tests, answers, keeping quiet.

Its model is `phone/src/ui/app.ts`. What is seen or felt is a report: `phone.shows`, `phone.vibrates`, `phone.asks`.
"""

import asyncio
import random
import secrets
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.companion import rules
from egide.companion.choices import Quiet, as_threat
from egide.companion.core import Companion
from egide.companion.listening import Listening
from egide.companion.pin import SALT_BYTES, HashedPin, PinVerdict, check_pin, hash_pin, judge_pin
from egide.companion.ports import Radio, Report
from egide.companion.screen import Screen
from egide.companion.sender import Sender
from egide.companion.store import Outgoing, PhoneStore
from egide.companion.surroundings import Surroundings
from egide.protocol.enrolment import EnrolmentReply
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.link import APP_VERSION
from egide.protocol.receipt import Pending, Receipt

RECEIVED_MS = (200,)
ACKNOWLEDGED_MS = (200, 150, 200)
# The body of "I am safe"; that it was said under threat stands in the trigger.
SAFE = b"safe"


class App:
    """One enrolled phone in somebody's hand. `sound`: what listening in would hear."""

    def __init__(
        self,
        enrolment: EnrolmentReply,
        store: PhoneStore,
        radio: Radio,
        sender: Sender,
        around: Surroundings,
        clock: Clock,
        report: Report,
        chance: random.Random,
        sound: bytes = b"",
        version: str = "",
    ) -> None:
        self.around = around
        self.core = Companion(enrolment, store, radio, sender, around, clock, report, chance, self)
        self._store = store
        self._clock = clock
        self._report = report
        self._version = version
        self._screen = Screen(report)
        self._listening = Listening(sound, lambda piece: self.core.say(Kind.AUDIO, piece))
        self._choices = store.choices()
        around.wants_microphone = self._choices.listens
        self._question = self._answered = self._checks = ""
        self._test_is_armed = False

    async def run(self) -> None:
        """Take up what an earlier life of this phone left, and go on until cancelled."""
        self._take_up()
        self._note_version()
        try:
            await self.core.run()
        finally:
            self._listening.stop()

    def _take_up(self) -> None:
        if self._store.open_press() is None:
            self._forget_alarm()
            if rules.test_is_due(self._choices.tested_at_us, self._clock.now_us()):
                self._report("phone.test_due")
            return
        if self._choices.quiet is not Quiet.NO:
            self._screen.be_quiet(self._says_cancelled)
        self._listen()

    def _note_version(self) -> None:
        """The zone knows with which version this phone works."""
        if self._version and self._choices.told_version != self._version:
            self.core.note(f"{APP_VERSION}{self._version}")
            self._choose(told_version=self._version)

    def permit_microphone(self, is_allowed: bool) -> None:
        """The person or the platform allows the microphone, or refuses it, also in an alarm."""
        self.around.permit_microphone(is_allowed)
        if not self.around.may_listen:
            self._end_listening()
        elif self._store.open_press() is not None:
            self._listen()

    @property
    def is_listening(self) -> bool:
        """Whether sound is taken."""
        return self._listening.is_on

    # -- what she does ----------------------------------------------------------------------------------------

    async def choose_pins(self, own: str, duress: str) -> None:
        """Set both codes. Raises ValueError."""
        if check_pin(own) == check_pin(duress):
            raise ValueError("the two codes must differ")
        self._choose(pin=await _hashed(own), duress=await _hashed(duress))

    def choose(self, vibrates: bool | None = None, listens: bool | None = None) -> None:
        """Whether the phone vibrates when the alarm is received and seen; whether the desk may listen in."""
        if vibrates is not None:
            self._choose(vibrates=vibrates)
        if listens is not None:
            self._choose(listens=listens)
            self.around.wants_microphone = listens

    def press_on_screen(self) -> None:
        self.core.press_on_screen()

    def arm_test(self) -> None:
        """The next press is a test, for two minutes (safety rule 20)."""
        self._test_is_armed = True
        self.core.arm_test()
        self._report("phone.test_armed", seconds=rules.TEST_LASTS_S)

    def disarm_test(self) -> None:
        self._test_is_armed = False
        self.core.arm_test(0)

    async def unlock(self, pin: str) -> bool:
        """Whether the code opens the phone. The one for threats opens it too, tells the police, and mutes the phone."""
        verdict = await self._judge(pin)
        if verdict is PinVerdict.DURESS:
            self._be_under_threat(Quiet.THREAT)
        return verdict is not PinVerdict.WRONG

    async def cancel(self, pin: str) -> bool:
        """Say by code that she is safe: information for the operator, nothing more (safety rule 8)."""
        verdict = await self._judge(pin)
        if verdict is PinVerdict.WRONG:
            return False
        if verdict is PinVerdict.DURESS:
            self._be_under_threat(Quiet.THREAT_CANCELLED)
            return True
        self.core.say(Kind.CANCEL, SAFE, Trigger.SCREEN)
        if not self._choices.quiet.is_threat:
            self._keep_quiet(Quiet.CANCELLED)
        return True

    def answer(self, word: str) -> None:
        """Answer the operator with one of `rules.ANSWERS`. Raises ValueError."""
        if word not in rules.ANSWERS:
            raise ValueError(f"answer {word!r}: {', '.join(rules.ANSWERS)}")
        self._answered = self._question
        self._ask("")
        self.core.say(Kind.TEXT, word.encode())

    async def _judge(self, pin: str) -> PinVerdict:
        own = self._choices.pin
        if own is None:
            return PinVerdict.WRONG
        return await asyncio.to_thread(judge_pin, pin, own, self._choices.duress)

    def _be_under_threat(self, asked: Quiet) -> None:
        """Quiet first, then told: nothing may show or vibrate in between."""
        self._keep_quiet(as_threat(self._choices.quiet, asked))
        self._ask("")
        if self._store.open_press() is not None:
            self.core.say(Kind.CANCEL, SAFE, Trigger.DURESS)
        else:
            self.core.press_under_threat()

    # -- what the core tells (ports.Listener) -----------------------------------------------------------------

    def on_stored(self, press: Outgoing) -> None:
        if self._choices.quiet is Quiet.CANCELLED:
            self._keep_quiet(Quiet.NO)
        self._screen.sending()
        self._listen()

    def on_not_stored(self) -> None:
        self._screen.not_stored()

    def on_receipt(self, sent: Outgoing, receipt: Receipt) -> None:
        if sent.kind is Kind.TEST:
            self._tested(receipt)
        if sent.kind is Kind.PRESS:
            # Muted, a test is asked for while the alarm is open: the press was real, and looks like the test.
            if self._choices.quiet.is_threat and self._test_is_armed:
                self._tested(receipt)
            self._vibrate(RECEIVED_MS)
        if sent.kind is Kind.HEARTBEAT and not receipt.alarm:
            self._checks = next((told.text for told in receipt.pending if told.what == "check"), "")
        if receipt.state != "closed":
            self._screen.answered(receipt.state if receipt.alarm else "", self._checks)
        if receipt.alarm:
            self._take_pending(receipt.pending)

    def on_state(self, receipt: Receipt) -> None:
        if receipt.state == "acknowledged":
            self._vibrate(ACKNOWLEDGED_MS)
        if receipt.state in ("acknowledged", "closed") and not self._choices.quiet.is_threat:
            at_us = self._clock.now_us()
            self._report("phone.told", alarm=receipt.alarm, state=receipt.state, at_us=at_us)
        if receipt.state == "closed":
            self._screen.answered("closed")
            if self._store.open_press() is None:
                self._forget_alarm()

    def on_refused(self, status: int) -> None:
        self._screen.refused(status)

    def on_unreachable(self) -> None:
        self._screen.unreachable()

    def _take_pending(self, pending: Sequence[Pending]) -> None:
        asked = next((one.text for one in pending if one.what == "text"), "")
        if not asked:
            self._answered = ""
        is_news = asked in rules.QUESTIONS and asked != self._answered
        self._ask(asked if is_news and not self._choices.quiet.is_threat else "")
        if any(one.what == "listen-off" for one in pending):
            self._end_listening()
            if not self._choices.listen_off:
                self._choose(listen_off=True)

    def _tested(self, receipt: Receipt) -> None:
        self._test_is_armed = False
        self._choose(tested_at_us=self._clock.now_us())
        self._report("phone.test_received", seq=receipt.seq)

    # -- what is shown ----------------------------------------------------------------------------------------

    def _ask(self, question: str) -> None:
        """Readable in one glance; empty when there is nothing to answer."""
        if question != self._question:
            self._question = question
            self._report("phone.asks", question=question)

    def _vibrate(self, pattern_ms: Sequence[int]) -> None:
        """Only if she chose it, never once she said that she is safe or was forced to."""
        if self._choices.vibrates and self._choices.quiet is Quiet.NO:
            self._report("phone.vibrates", pattern_ms=list(pattern_ms))

    def _listen(self) -> None:
        if self.around.may_listen and not self._choices.listen_off:
            self._listening.start()

    def _end_listening(self) -> None:
        if self._listening.is_on:
            self._listening.stop()
            self._report("phone.listening_ended")

    @property
    def _says_cancelled(self) -> bool:
        return self._choices.quiet in (Quiet.CANCELLED, Quiet.THREAT_CANCELLED)

    def _keep_quiet(self, quiet: Quiet) -> None:
        if quiet is Quiet.NO:
            self._screen.speak()
        self._choose(quiet=quiet)
        if quiet is not Quiet.NO:
            self._screen.be_quiet(self._says_cancelled)

    def _forget_alarm(self) -> None:
        """Nothing of the alarm is left: no question, no state."""
        self._ask("")
        self._answered = ""
        self._end_listening()
        if self._choices.quiet is not Quiet.NO or self._choices.listen_off:
            self._choose(quiet=Quiet.NO, listen_off=False)
        self._screen.speak()

    def _choose(self, **changes: Any) -> None:
        """Holds from now on, even where the disk refuses it."""
        self._choices = msgspec.structs.replace(self._choices, **changes)
        try:
            self._store.do_choose(self._choices)
        except sqlite3.Error as error:
            self._report("phone.not_stored", reason=str(error))


async def _hashed(pin: str) -> HashedPin:
    return await asyncio.to_thread(hash_pin, pin, secrets.token_bytes(SALT_BYTES))
