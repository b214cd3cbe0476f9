"""What becomes of what the gateway hands on: kept, joined with its other half, given to intake, or reported as half."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

import msgspec

from egide.common.clock import Clock
from egide.connectors.sms.rules import Half, Whole, fit, kid_of_first
from egide.connectors.sms.spool import ANSWERED_WITHIN_S, WHOLE, AskedAnswer, Kept, Spool
from egide.intake.passing import HALF
from egide.intake.service import Answer, Intake, Reply
from egide.journal.errors import JournalUnavailable

log = logging.getLogger("egide.sms")

# Both texts leave the phone at once, and networks deliver nearly all within half a minute: then the centre is notified.
TOLD_AFTER_S = 120
# How long a half that names nobody stays a trouble on the boards.
TROUBLE_S = 1800
FORGET_EVERY_S = 60
# What intake says when it cannot take a message now, or only keeps it (202); it is kept here, and tried again.
_LATER = (202, 429, 503, 507)
_RECEIVED = 201


class Handed(msgspec.Struct, frozen=True):
    """`state` is "received" (in the journal), "waiting" (for its other half), "kept" (for the journal) or "refused"."""

    state: str
    reason: str = ""


class Joiner:
    """Runs in one event loop, and waits for the disk in other threads.

    `halves` wait for their other half; `lone_seconds` of them are late and name nobody. `counts`: what halves became.
    """

    def __init__(self, spool: Spool, intake: Intake, clock: Clock, *, answers: bool = False) -> None:
        self._spool = spool
        self._answers = answers
        self._intake = intake
        self._clock = clock
        # One at a time: two halves that come together must find each other.
        self._joining = asyncio.Lock()
        self._is_resumed = False
        self._forgot_us: int | None = None
        self.halves = 0
        self.lone_seconds = 0
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Nothing comes any more."""
        self._spool.close()

    async def take(self, piece: Whole | Half, call: str, sender: str = "") -> Handed:
        """Keep a piece, and hand on what is whole. Raises sqlite3.Error, UnsealError: then nothing may be promised.

        `sender`: the number that it came from, kept only where it asks for an answer and one can be sent.
        """
        asked = AskedAnswer(sender, piece.answer) if self._answers and sender and piece.answer else None
        if isinstance(piece, Whole):
            digest = await self._keep(WHOLE, piece.data, call, asked)
            return await self._hand_on(digest, piece.data)
        if piece.number == 1 and not self._intake.knows(kid_of_first(piece)):
            return Handed("refused", "unknown-key")
        async with self._joining:
            digest = await self._keep(piece.number, piece.data, call, asked)
            if await asyncio.to_thread(self._spool.is_done, digest):
                return Handed("received")
            joined = await self._join(digest, piece, call)
        return await self._hand_on(*joined) if joined else Handed("waiting")

    async def go_on(self) -> None:
        """What waits: for the journal, for its other half, for its end. Raises sqlite3.Error, UnsealError."""
        now_us = self._clock.now_us()
        if not self._is_resumed:
            await self._join_again()
            self._is_resumed = True
        # The oldest first, and all at once: intake makes groups of what waits.
        waiting = reversed(await asyncio.to_thread(self._spool.waiting, WHOLE))
        await asyncio.gather(*(self._hand_on(kept.digest, kept.data) for kept in waiting))
        await self._tell_of_lone(now_us)
        if self._forgot_us is None or abs(now_us - self._forgot_us) >= FORGET_EVERY_S * 1_000_000:
            self._forgot_us = now_us
            expired, crowded_out = await asyncio.to_thread(self._spool.do_forget, now_us)
            for became, count in (("expired", expired), ("crowded-out", crowded_out)):
                if count:
                    self.counts[became] += count
                    log.warning("%d halves of presses: %s", count, became)

    async def _keep(self, number: int, data: bytes, call: str, asked: AskedAnswer | None) -> bytes:
        return await asyncio.to_thread(self._spool.keep, number, data, call, self._clock.now_us(), asked)

    async def _join(self, digest: bytes, half: Half, call: str) -> tuple[bytes, bytes] | None:
        """The message that this half makes with one that waits: the one whose signature verifies, and no other."""
        for kept in await asyncio.to_thread(self._spool.waiting, 3 - half.number):
            (one, first), (two, second) = sorted(
                ((digest, half), (kept.digest, kept.half)), key=lambda pair: pair[1].number
            )
            whole = first.data + second.data
            if fit(first, second) and self._intake.verifies(whole):
                joined = await asyncio.to_thread(
                    self._spool.join, one, two, whole, call, self._clock.now_us()
                )
                self.counts["joined"] += 1
                return joined, whole
        return None

    async def _join_again(self) -> None:
        """After a restart: the process may have ended between the keeping of a half and the joining."""
        async with self._joining:
            for kept in await asyncio.to_thread(self._spool.waiting, 1):
                await self._join(kept.digest, kept.half, kept.call)

    async def _hand_on(self, digest: bytes, data: bytes) -> Handed:
        status, body = await _answer(lambda reply: self._intake.submit(data, reply, by_sms=True))
        if status in _LATER:
            return Handed("kept")
        device, press = "", 0
        if status == _RECEIVED and self._answers:
            receipt = msgspec.json.decode(body)
            device, press = (
                self._whom_to_answer(data, int(receipt["received_at"]) * 1000),
                int(receipt["seq"]),
            )
        await asyncio.to_thread(self._spool.do_finish, digest, device, press)
        if status == _RECEIVED:
            return Handed("received")
        return Handed("refused", str(msgspec.json.decode(body)["reason"]))

    def _whom_to_answer(self, data: bytes, received_us: int) -> str:
        """The phone that may get an answer to its press by SMS; "" for one that was recorded and sent later, too."""
        if abs(self._clock.now_us() - received_us) > ANSWERED_WITHIN_S * 1_000_000:
            return ""
        try:
            return self._intake.whom_to_tell(data)
        except JournalUnavailable:
            log.exception("who may be answered could not be read")
            return ""

    async def _tell_of_lone(self, now_us: int) -> None:
        """Half a press is never silent: one that names a kit shows in the technical lane, any other on the boards."""
        firsts, seconds = [await asyncio.to_thread(self._spool.waiting, number) for number in (1, 2)]
        late_us = now_us - TOLD_AFTER_S * 1_000_000
        self.halves = len(firsts) + len(seconds)
        self.lone_seconds = sum(now_us - TROUBLE_S * 1_000_000 < kept.at_us <= late_us for kept in seconds)
        for kept in (*firsts, *seconds):
            if not kept.told and kept.at_us <= late_us and await self._is_notified(kept):
                await asyncio.to_thread(self._spool.do_mark_notified, kept.digest)
                self.counts["told"] += 1

    async def _is_notified(self, kept: Kept) -> bool:
        """Whether somebody knows now of a half whose other half has not come."""
        log.warning("half %d of a press waits; the gateway's name for it is %s", kept.number, kept.call)
        if kept.number != 1:
            return True
        kid = kid_of_first(kept.half)
        status, _body = await _answer(lambda reply: self._intake.note_failure(kid, kept.digest, HALF, reply))
        return status not in _LATER


async def _answer(submit: Callable[[Reply], None]) -> Answer:
    """Wait for intake's answer without blocking the loop."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def settle(answer: Answer) -> None:
        if not future.done():
            future.set_result(answer)

    submit(settle)
    return await future
