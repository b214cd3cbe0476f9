"""What the person does with the phone and what it does for her, without screens: codes, tests, answers, keeping quiet.

Its model is `phone/src/ui/app.ts`. What is seen or felt is a report: `phone.shows`, `phone.vibrates`, `phone.asks`.
"""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import msgspec

from egide.common.clock import Clock
from egide.companion import rules
from egide.companion.choices import Quiet, as_threat
from egide.companion.codes import CodeKind, Codes
from egide.companion.compartments import Page
from egide.companion.core import Companion
from egide.companion.listening import Listening
from egide.companion.pin import check_pin
from egide.companion.ports import Radio, Reporter
from egide.companion.screen import Screen
from egide.companion.sending.sender import Sender
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
_UNKNOWN_HERE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


class Answer(StrEnum):
    """What a code did: the same word for both codes."""

    OPEN = "open"
    WRONG = "wrong"
    OFFLINE = "offline"
    OFTEN = "often"


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
        report: Reporter,
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
        self._codes = Codes(store, sender)
        self._choices = store.choices()
        self._quiet = Quiet.NO
        # How far her alarm is, for what she feels of it; empty at rest.
        self._step = ""
        around.wants_microphone = self._choices.listens
        self._question = self._answered = self._checks = ""
        self._test, self._test_is_made = rules.Armed(), False
        self._is_unknown = False

    async def run(self) -> None:
        """Take up what an earlier life of this phone left, and go on until cancelled."""
        self._take_up()
        self._note_version()
        try:
            await self.core.run()
        finally:
            self._listening.stop()

    def _take_up(self) -> None:
        has_old_codes = self._choices.pin is not None
        if has_old_codes:
            # What an older version kept of an alarm goes now, the codes once both are chosen again.
            self._choose()
            self._report("phone.codes_due")
        if (press := self._store.open_press()) is None:
            self._forget_alarm()
            if not self._codes.are_chosen:
                self._ask_for_test(self._choices.tested_at_us)
            return
        if has_old_codes or self._codes.are_chosen:
            self._keep_quiet(Quiet.UNSURE)
        is_unsent = any(one.counter == press.counter for one in self._store.unsent_presses())
        waiting = "stored" if is_unsent else "received"
        self._step = "acknowledged" if press.state == "acknowledged" else waiting
        self._listen()

    def _ask_for_test(self, tested_at_us: int | None) -> None:
        if rules.test_is_due(tested_at_us, self._clock.now_us()):
            self._report("phone.test_due")

    def _note_version(self) -> None:
        """The zone knows with which version this phone works."""
        if self._version and self._choices.told_version != self._version:
            self.core.note(f"{APP_VERSION}{self._version}")
            self._choose(told_version=self._version)

    def permit_microphone(self, is_allowed: bool) -> None:
        """The person or the platform allows the microphone, or refuses it, also in an alarm."""
        might_listen = self.around.may_listen
        self.around.permit_microphone(is_allowed)
        if not self.around.may_listen:
            self._end_listening()
        elif not might_listen and self._store.open_press() is not None:
            self._listen()

    @property
    def is_listening(self) -> bool:
        """Whether sound is taken."""
        return self._listening.is_on

    # -- what she does ----------------------------------------------------------------------------------------

    async def choose_pins(self, own: str, duress: str) -> None:
        """Set both codes; what is read with a code lies under them from then on.

        Raises ValueError, Unreachable or SendRefused when the server gives no half, sqlite3.Error when nothing can be
        kept.
        """
        if check_pin(own) == check_pin(duress):
            raise ValueError("the two codes must differ")
        page = self._codes.page
        if self._codes.are_chosen and not self._codes.is_open:
            raise ValueError("there are codes already: unlock first")
        enrolment = self._store.enrolment()
        tested_at_us = self._choices.tested_at_us
        if not self._codes.are_chosen and enrolment is not None:
            tested_at_ms = None if tested_at_us is None else tested_at_us // 1000
            page = Page(enrolment.kit, enrolment.button_id, tested_at_ms)
        await self._codes.choose(own, duress, page, self._keep_codes)

    def _keep_codes(self, codes: bytes) -> None:
        # With what is chosen now: it may be another than before the server was asked.
        choices = msgspec.structs.replace(self._choices, pin=None, duress=None, tested_at_us=None)
        self._store.do_set_codes(codes, choices)
        self._choices = choices

    def choose(self, vibrates: bool | None = None, listens: bool | None = None) -> None:
        """Whether the phone vibrates when the alarm is received and seen; whether the desk may listen in."""
        if vibrates is not None:
            self._choose(vibrates=vibrates)
        if listens is not None:
            self._choose(listens=listens)
            self.around.wants_microphone = listens
            if not listens:
                self._end_listening()

    def press_on_screen(self) -> None:
        self.core.press_on_screen()

    def arm_test(self) -> None:
        """The next press is a test, for two minutes (safety rule 20)."""
        now_us = self._clock.now_us()
        self._test, self._test_is_made = rules.Armed(now_us, now_us + round(rules.TEST_LASTS_S * 1e6)), False
        self.core.arm_test()
        self._report("phone.test_armed", seconds=rules.TEST_LASTS_S)

    def disarm_test(self) -> None:
        self._test = rules.Armed()
        self.core.arm_test(0)

    async def unlock(self, pin: str) -> Answer:
        """Whether the code opens the phone. The one for threats opens it too, tells the police, and mutes the phone.

        Whichever it was, the same is asked and sent, nothing is written, and it opens once the server has signed.
        """
        entry = await self._codes.enter(pin, self._choices)
        if entry is CodeKind.THREAT:
            return await self._be_under_threat(Quiet.THREAT)
        if entry is not CodeKind.OWN:
            return Answer(entry)
        answer = await self._say(Kind.HEARTBEAT, position=None)
        if answer is Answer.OPEN:
            self._be_sure()
        return answer

    async def cancel(self, pin: str) -> Answer:
        """Say by code that she is safe: information for the operator, nothing more (safety rule 8)."""
        entry = await self._codes.enter(pin, self._choices)
        if entry is CodeKind.THREAT:
            return await self._be_under_threat(Quiet.THREAT_CANCELLED)
        if entry is not CodeKind.OWN:
            return Answer(entry)
        self._put_question_away()
        if not self._quiet.is_threat:
            self._keep_quiet(Quiet.CANCELLED)
        return await self._say(Kind.CANCEL, body=SAFE, trigger=Trigger.SCREEN)

    def _be_sure(self) -> None:
        """Her own code was entered: what an earlier life left open may be shown, if it was nothing else."""
        if self._quiet is Quiet.UNSURE:
            self._keep_quiet(Quiet.NO)
            self.core.tell_now()
        if self._codes.are_chosen and not self._quiet.is_threat:
            tested_at_ms = self._codes.page.tested_at_ms
            self._ask_for_test(None if tested_at_ms is None else tested_at_ms * 1000)

    def answer(self, word: str) -> None:
        """Answer the operator with one of `rules.ANSWERS`. Raises ValueError."""
        if word not in rules.ANSWERS:
            raise ValueError(f"answer {word!r}: {', '.join(rules.ANSWERS)}")
        self._put_question_away()
        self.core.say(Kind.TEXT, word.encode())

    async def _be_under_threat(self, asked: Quiet) -> Answer:
        """Quiet first, then the message: nothing may show or vibrate in between."""
        self._keep_quiet(as_threat(self._quiet, asked))
        self._put_question_away()
        if self._store.open_press() is not None or self.core.untraced.is_following:
            return await self._say(Kind.CANCEL, body=SAFE, trigger=Trigger.DURESS)
        self._listen()
        return await self._say(Kind.PRESS, trigger=Trigger.DURESS)

    async def _say(self, kind: Kind, **fields: Any) -> Answer:
        """Said from memory alone. A phone that the server no longer knows opens all the same (safety rule 10)."""
        if kind is not Kind.PRESS:
            press = self._store.open_press()
            fields["press"] = None if press is None else press.counter
        try:
            is_there = await self.core.untraced.say(kind, **fields)
        except sqlite3.Error as error:
            self._report("phone.not_stored", reason=str(error))
            return Answer.OFFLINE
        return Answer.OPEN if is_there or self._is_unknown else Answer.OFFLINE

    # -- what the core tells (ports.Listener) -----------------------------------------------------------------

    def on_stored(self, press: Outgoing) -> None:
        if self._quiet is Quiet.CANCELLED:
            self._keep_quiet(Quiet.NO)
        # It is real, and ends what was armed; muted, a test is asked for while the alarm is open, and it looks so.
        armed, self._test = self._test, rules.Armed()
        if self._quiet.is_threat and armed.from_us <= self._clock.now_us() < armed.until_us:
            self.on_test()
        self._step = "stored"
        self._screen.sending()
        self._listen()
        # What a code tells names this press, and writes nothing then.
        with suppress(sqlite3.Error):
            self._store.do_reserve(press.counter)

    def on_test(self) -> None:
        self._test, self._test_is_made = rules.Armed(), True

    def on_not_stored(self) -> None:
        self._screen.not_stored()

    def on_receipt(self, sent: Outgoing, receipt: Receipt) -> None:
        self._is_unknown = False
        if receipt.alarm:
            self._take_pending(receipt.pending)
            self._follow_unknown(sent, receipt)
        if sent.kind is Kind.TEST:
            self._tested(receipt)
        is_told = sent.kind is Kind.CANCEL and self._quiet is not Quiet.NO
        if is_told or (sent.kind is Kind.PRESS and self._quiet.is_threat):
            self._screen.be_quiet(self._quiet.says_cancelled)
        if sent.kind is Kind.PRESS:
            if self._quiet.is_threat and self._test_is_made:
                self._tested(receipt)
            if self._step == "stored":
                self._step = "received"
                self._vibrate(RECEIVED_MS)
        if sent.kind is Kind.HEARTBEAT and not receipt.alarm:
            self._checks = next((told.text for told in receipt.pending if told.what == "check"), "")
        if receipt.state != "closed":
            self._screen.answered(receipt.state if receipt.alarm else "", self._checks)

    def _follow_unknown(self, sent: Outgoing, receipt: Receipt) -> None:
        """An alarm that is not in the store: a code under threat opened it in an earlier life of this phone."""
        is_open = (
            sent.kind is Kind.HEARTBEAT and receipt.state != "closed" and self._store.open_press() is None
        )
        if is_open and not self._store.knows_alarm(receipt.alarm):
            self.core.untraced.follow(None)

    def on_state(self, receipt: Receipt) -> None:
        if receipt.state == "acknowledged" and self._step != "acknowledged":
            self._step = "acknowledged"
            self._vibrate(ACKNOWLEDGED_MS)
        if receipt.state in ("acknowledged", "closed") and not self._quiet.tells_nothing:
            at_us = self._clock.now_us()
            self._report("phone.told", alarm=receipt.alarm, state=receipt.state, at_us=at_us)
        if receipt.state == "closed":
            self._screen.answered("closed")
            self.on_over()

    def on_over(self) -> None:
        if self._store.open_press() is None:
            self._forget_alarm()

    def on_refused(self, status: int) -> None:
        self._is_unknown = self._is_unknown or status in _UNKNOWN_HERE
        self._screen.refused(status)

    def on_unreachable(self) -> None:
        self._screen.unreachable()

    def _take_pending(self, pending: Sequence[Pending]) -> None:
        if any(one.what == "quiet" for one in pending) and not self._quiet.is_threat:
            is_cancelled = self._quiet is Quiet.CANCELLED
            self._keep_quiet(Quiet.THREAT_CANCELLED if is_cancelled else Quiet.THREAT)
        asked = next((one.text for one in pending if one.what == "text"), "")
        if not asked:
            self._answered = ""
        is_news = asked in rules.QUESTIONS and asked != self._answered
        self._ask(asked if is_news and not self._quiet.tells_nothing else "")
        if any(one.what == "listen-off" for one in pending):
            self._end_listening()
            # Of an alarm that memory alone knows, nothing is kept.
            if not self._choices.listen_off and self._store.open_press() is not None:
                self._choose(listen_off=True)

    def _tested(self, receipt: Receipt) -> None:
        self._test, self._test_is_made = rules.Armed(), False
        self._note_test(self._clock.now_us())
        self._report("phone.test_received", seq=receipt.seq)

    def _note_test(self, at_us: int) -> None:
        if not self._codes.are_chosen:
            self._choose(tested_at_us=at_us)
            return
        try:
            self._codes.note_test(at_us // 1000)
        except sqlite3.Error as error:
            self._report("phone.not_stored", reason=str(error))

    # -- what is shown ----------------------------------------------------------------------------------------

    def _put_question_away(self) -> None:
        """It is not shown again, unless it is asked anew."""
        self._answered = self._question
        self._ask("")

    def _ask(self, question: str) -> None:
        """Readable in one glance; empty when there is nothing to answer."""
        if question != self._question:
            self._question = question
            self._report("phone.asks", question=question)

    def _vibrate(self, pattern_ms: Sequence[int]) -> None:
        """Only if she chose it, never once she said that she is safe or was forced to."""
        if self._choices.vibrates and self._quiet is Quiet.NO:
            self._report("phone.vibrates", pattern_ms=list(pattern_ms))

    def _listen(self) -> None:
        if self.around.may_listen and not self._choices.listen_off:
            self._listening.start()

    def _end_listening(self) -> None:
        if self._listening.is_on:
            self._listening.stop()
            self._report("phone.listening_ended")

    def _keep_quiet(self, quiet: Quiet) -> None:
        self._quiet = quiet
        if quiet is Quiet.NO:
            self._screen.speak()
        else:
            self._screen.mute()

    def _forget_alarm(self) -> None:
        """Nothing of the alarm is left: no question, no state. What was said before it is old."""
        self._ask("")
        self._answered = self._step = self._checks = ""
        self._end_listening()
        if self._choices.listen_off:
            self._choose(listen_off=False)
        self._keep_quiet(Quiet.NO)

    def _choose(self, **changes: Any) -> None:
        """Holds from now on, even where the disk refuses it."""
        self._choices = msgspec.structs.replace(self._choices, **changes)
        try:
            self._store.do_choose(self._choices)
        except sqlite3.Error as error:
            self._report("phone.not_stored", reason=str(error))
