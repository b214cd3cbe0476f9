"""The life of a press on the phone: checked, kept, acknowledged to the button, sent until the server has signed.

Presses have a lane of their own. Everything else (positions, heartbeats, notices) waits while a press is on its way.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any

from egide.common.clock import Clock
from egide.common.encoding import from_base64url
from egide.companion import rules
from egide.companion.keeping import is_set_within
from egide.companion.officers import Arming, KitSettings
from egide.companion.ports import Listener, Radio, Reporter
from egide.companion.sending.others import Others
from egide.companion.sending.sender import Sender, SendLimited, SendRefused, Unreachable
from egide.companion.sending.untraced import Untraced
from egide.companion.store import Outgoing, PhoneStore
from egide.companion.surroundings import Surroundings
from egide.protocol import frame as frames
from egide.protocol.bthome import Advertised, BthomeError, check_fresh
from egide.protocol.enrolment import EnrolmentReply
from egide.protocol.envelope import Battery, Kind, Message, Trigger
from egide.protocol.link import Notice
from egide.protocol.receipt import Receipt

# One notice of a kind in this time: a jammer must not drain the battery.
NOTICE_PAUSE_S = 3600.0
# How many presses are on their way at once; the others wait their turn.
PRESSES_AT_ONCE = 8
KEEP_AGAIN_S = 1.0


class Companion:
    """One enrolled phone. `run` is everything it does by itself, until cancelled; `listener` learns what to show."""

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
        listener: Listener,
    ) -> None:
        self._button_key = from_base64url(enrolment.button_key, frames.KEY_BYTES)
        self._store = store
        self._radio = radio
        self._sender = sender
        self._around = around
        self._clock = clock
        self._report = report
        self._chance = chance
        self._listener = listener
        self._kit = KitSettings(enrolment.settings, store, radio, self._button_key, self.note, report)
        self._arming = Arming(store, clock, self.note, report, self._alarm_is_open)
        self._button_pct: int | None = None
        self._noticed_us: dict[Notice, int] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(PRESSES_AT_ONCE)
        self._in_flight = 0
        self._clear = asyncio.Event()
        self._clear.set()
        self._hurry = asyncio.Event()
        self._others = Others(store, self._clear, self._try_other, chance)
        self._told = asyncio.Event()
        self.untraced = Untraced(self, lambda: self._kit.now.position_interval_s, chance)
        radio.on_trouble = self._give_notice
        radio.on_link = self._told.set
        around.on_permission = self.note

    async def run(self) -> None:
        """Take up what an earlier life left unsent, and go on."""
        try:
            # Before anybody enters a code: entering one writes nothing.
            self._store.do_reserve()
        except sqlite3.Error as error:
            self._fail_to_store(error)
        for press in self._store.unsent_presses():
            self._start_delivery(press)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take_presses())
                group.create_task(self._others.run())
                group.create_task(self._keep_telling())
        finally:
            for delivery in self._deliveries:
                delivery.cancel()
            self._others.stop()
            self.untraced.stop()

    def hurry(self) -> None:
        """Try again now instead of after the pause: the network is back, or somebody pressed."""
        self._hurry.set()
        self._others.hurry()
        self.untraced.hurry()

    def tell_now(self) -> None:
        """Say how things are, at once."""
        self._told.set()

    # -- from the person --------------------------------------------------------------------------------------

    def arm_test(self, lasts_s: float = rules.TEST_LASTS_S) -> None:
        """For `lasts_s` the next press is a test, once (safety rule 20); 0 ends it."""
        self._arming.arm(lasts_s)

    def press_on_screen(self) -> None:
        """A press without a button at hand."""
        made = self._arming.made(self._clock.now_us())
        self._keep(self._message(**made, trigger=Trigger.SCREEN), None)

    def say(self, kind: Kind, body: bytes) -> None:
        """A message that belongs to the open alarm, to be sent in its turn."""
        press = self._store.open_press()
        if press is None and self.untraced.is_following:
            self.untraced.tell(kind, body=body)
            return
        counter = None if press is None else press.counter
        self._add_other(self._message(kind, press=counter, body=body))

    def note(self, word: str) -> None:
        """What the zone should know of this phone (protocol/link.py). Where somebody is does not belong there."""
        self._add_other(self._message(Kind.NOTICE, position=None, body=word.encode()))

    def _alarm_is_open(self) -> bool:
        return self.untraced.is_following or self._store.open_press() is not None

    # -- from the button --------------------------------------------------------------------------------------

    async def _take_presses(self) -> None:
        # Closed with the rest: a radio that lives on would keep the button's only line.
        async with aclosing(self._radio.said()) as heard:
            async for said in heard:
                await self._take_said(said)

    async def _take_said(self, said: bytes | Advertised) -> None:
        if isinstance(said, Advertised):
            await self._take_advertised(said)
            return
        try:
            frame = frames.decode_frame(said, self._button_key)
        except frames.FrameError as error:
            self._refuse_frame(error.reason)
            return
        await self._take(frame)

    async def _take(self, frame: frames.ButtonFrame) -> None:
        verdict = rules.judge(frame, self._store.button_highest(), self._store.has_press(frame.counter))
        if verdict is rules.Verdict.REPLAY:
            self._refuse_frame("replay")
            return
        self._button_pct = frame.battery_pct
        if verdict is rules.Verdict.ACCEPT and not self._keep(self._pressed(frame), frame.counter):
            return
        await self._radio.acknowledge(frames.encode_ack(frame.counter, self._button_key))

    async def _take_advertised(self, found: Advertised) -> None:
        """A button that only broadcasts: whatever it said raises the highest counter, so that nothing counts twice."""
        highest = self._store.button_highest()
        if found.counter == highest:
            return
        try:
            check_fresh(found, highest)
        except BthomeError as error:
            self._refuse_frame(error.reason)
            return
        if found.battery_pct is not None:
            self._button_pct = found.battery_pct
        if not found.is_alarm:
            try:
                self._store.do_note_button(found.counter)
            except sqlite3.Error as error:
                self._fail_to_store(error, counter=found.counter)
            return
        message = self._message(**self._arming.made(self._clock.now_us()), trigger=Trigger.BUTTON)
        while True:
            if self._keep(message, found.counter):
                return
            # It says a press for a moment and never again, so a full disk is tried until there is room.
            await asyncio.sleep(KEEP_AGAIN_S)

    def _pressed(self, frame: frames.ButtonFrame) -> Message:
        now_us = self._clock.now_us()
        at_us = None if frame.age_s is None else now_us - frame.age_s * 1_000_000
        made = self._arming.made(at_us, rules.AGE_STEP_US)
        sent_at_s = (now_us if at_us is None else at_us) // 1_000_000
        return self._message(**made, trigger=Trigger.BUTTON, sent_at_s=sent_at_s)

    def _keep(self, message: Message, button_counter: int | None) -> bool:
        """Durable first; only then does anybody hear of it. False when the disk refuses: the button says it again."""
        try:
            press = self._store.do_add_press(button_counter, message)
        except sqlite3.Error as error:
            self._fail_to_store(error, counter=button_counter)
            return False
        if press is None:
            # Kept before, by a repetition: durable all the same.
            return True
        if press.kind is Kind.TEST:
            self._report("phone.test_stored", counter=button_counter, at_us=self._clock.now_us())
            self._listener.on_test()
            self._others.go()
            return True
        at_us = self._clock.now_us()
        self._start_delivery(press)
        alarm = f"{self._store.kid}-{press.counter}"
        self._report("phone.stored", alarm=alarm, counter=button_counter, at_us=at_us)
        self._listener.on_stored(press)
        # A new press is a reason to try everything again at once, and a trail begins even without a receipt.
        self.hurry()
        asyncio.get_running_loop().call_later(self._kit.now.position_interval_s, self._told.set)
        return True

    def _refuse_frame(self, reason: str) -> None:
        self._report("phone.frame_refused", reason=reason)
        self._give_notice(Notice.FRAME_REFUSED)

    def _give_notice(self, notice: Notice) -> None:
        """Tell the zone, not more than once an hour for the same thing."""
        now_us = self._clock.now_us()
        last_us = self._noticed_us.get(notice)
        # A clock that was set back must not keep the zone from hearing of it for years.
        if last_us is not None and 0 <= now_us - last_us < NOTICE_PAUSE_S * 1e6:
            return
        self._noticed_us[notice] = now_us
        self.note(notice)

    # -- presses to the server --------------------------------------------------------------------------------

    def _start_delivery(self, press: Outgoing) -> None:
        delivery = asyncio.create_task(self._deliver(press))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    async def _deliver(self, press: Outgoing) -> None:
        """Until the receipt is here, whatever the server says."""
        failures = 0
        while not await self._try_press(press):
            failures += 1
            await self._pause(failures)

    async def _try_press(self, press: Outgoing) -> bool:
        async with self._places:
            self._in_flight += 1
            self._clear.clear()
            try:
                return await self._try(press) is not None
            finally:
                self._in_flight -= 1
                if self._in_flight == 0:
                    self._clear.set()

    # -- everything else to the server ------------------------------------------------------------------------

    async def _keep_telling(self) -> None:
        """Where she is every few seconds in an alarm and for a while after it; at rest, that the phone lives."""
        alarm, told = "", 0
        while True:
            self._told.clear()
            now_us, tail_s = self._clock.now_us(), self._kit.now.tail_s
            press = self._store.followed_press(now_us, tail_s)
            if press is None:
                await self._tell(None)
                await is_set_within(self._told, self._arming.pause_s(self._kit.now.heartbeat_interval_s))
                continue
            told = told + 1 if press.alarm == alarm else 1
            alarm = press.alarm
            await self._tell(press.counter)
            interval_s = self._kit.now.position_interval_s
            await is_set_within(self._told, rules.tell_after_s(interval_s, press.state, told))

    async def _tell(self, press: int | None) -> None:
        """Add a position that names our own press; which alarm that joined is the server's affair."""
        if press is None and self._radio.is_connected:
            self._button_pct = await self._radio.battery_pct()
            await self._kit.give_to_button()
        position = self._around.position() if press is not None else None
        kind = Kind.POSITION if position is not None else Kind.HEARTBEAT
        self._add_other(self._message(kind, press=press, position=position))

    def _add_other(self, message: Message) -> None:
        try:
            self._store.do_add(message)
        except sqlite3.Error as error:
            self._fail_to_store(error)
        self._others.go()

    def _fail_to_store(self, error: sqlite3.Error, **facts: object) -> None:
        self._report("phone.not_stored", reason=str(error), **facts)
        self._listener.on_not_stored()

    def _message(self, kind: Kind, **fields: Any) -> Message:
        """How things are now; the store gives the counter."""
        content = {
            "sent_at_s": self._clock.now_us() // 1_000_000,
            "position": self._around.position(),
            "battery": Battery(self._around.phone_pct, self._button_pct),
            "link": self._around.link(self._radio),
        }
        return Message(kind=kind, counter=0, **{**content, **fields})

    # -- one attempt ------------------------------------------------------------------------------------------

    async def _try(
        self, message: Outgoing, is_kept: bool = True, waits: Callable[[SendRefused], bool] = lambda _: False
    ) -> Receipt | None:
        """The receipt, once the store knows of it unless nothing `is_kept`; None when the server did not sign.

        A refusal is shown, and the message stays. A store that fails is no reason to stop either: the server
        gives the same receipt again. What `waits` is raised instead, and not noted.
        """
        try:
            receipt = await self._sender.send(message.data)
            take = self._take_receipt if is_kept else self._listener.on_receipt
            take(message, receipt)
        except Unreachable:
            self._listener.on_unreachable()
        except SendRefused as refused:
            if waits(refused):
                self._report_wait(message, refused)
                raise
            self._note_refusal(message, refused)
        except sqlite3.Error as error:
            self._report("phone.not_stored", reason=str(error))
        else:
            return receipt
        return None

    async def _try_other(self, message: Outgoing, waits: Callable[[SendRefused], bool]) -> Receipt | None:
        return await self._try(message, waits=waits)

    def _report_wait(self, message: Outgoing, refused: SendRefused) -> None:
        """A limit passes by itself, and nobody need know; that no server can take anything is shown like a refusal."""
        facts = {"counter": message.counter, "wait_s": int(refused.wait_s)}
        if isinstance(refused, SendLimited):
            self._report("phone.limited", **facts)
            return
        self._listener.on_refused(refused.status)
        self._report("phone.away", status=refused.status, **facts)

    def _note_refusal(self, message: Outgoing, refused: SendRefused) -> None:
        """Of a message that is not kept the store has no row to note it in."""
        self._listener.on_refused(refused.status)
        self._report("phone.refused", counter=message.counter, status=refused.status, reason=refused.reason)
        with suppress(sqlite3.Error):
            self._store.do_note_refusal(message.counter, refused.status)

    # -- what is never kept (untraced.Ways) -------------------------------------------------------------------

    def seal_untraced(self, kind: Kind, **fields: Any) -> Outgoing:
        return self._store.seal_untraced(self._message(kind, **fields))

    async def send_untraced(self, message: Outgoing, may_wait: bool) -> Receipt | None:
        def waits(refused: SendRefused) -> bool:
            return may_wait and isinstance(refused, SendLimited)

        return await self._try(message, is_kept=False, waits=waits)

    def has_position(self) -> bool:
        return self._around.position() is not None

    def on_untraced_closed(self) -> None:
        self._listener.on_over()

    def _take_receipt(self, message: Outgoing, receipt: Receipt) -> None:
        is_news = self._store.do_take_receipt(message, receipt, self._clock.now_us())
        if message.kind is Kind.PRESS:
            at_us = self._clock.now_us()
            self._report("phone.receipt", alarm=receipt.alarm, seq=receipt.seq, at_us=at_us)
            # The first position follows at once: its reply also says how far the alarm is.
            self._told.set()
        if message.kind is Kind.HEARTBEAT and self._takes_news(receipt):
            # The button gets its hold time, and the next sign of life is due by what holds now.
            self._told.set()
        self._listener.on_receipt(message, receipt)
        if is_news:
            self._listener.on_state(receipt)

    def _takes_news(self, receipt: Receipt) -> bool:
        has_armed = self._arming.take(receipt)
        return (not receipt.alarm and self._kit.take(receipt.pending)) or has_armed

    async def _pause(self, failures: int) -> None:
        self._hurry.clear()
        await is_set_within(self._hurry, rules.pause_s(failures, rules.LONGEST_PRESS_PAUSE_S, self._chance))
