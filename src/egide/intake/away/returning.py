"""Brings what was kept into the journal, in the order in which it came, while the writer goes on keeping: nobody who
presses meanwhile waits for a journal that is slow, or is lost once more.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TypeAlias

import msgspec

from egide.common.clock import Clock
from egide.common.postgres.patience import answered_within
from egide.intake import lookup
from egide.intake.away.reaching import ANSWER_S, PAUSE_S
from egide.intake.away.showing import Showing
from egide.intake.passing import Answered, Arrival, Item
from egide.intake.writer import Outcome
from egide.journal.errors import JournalFull, JournalUnavailable
from egide.journal.now.kept import Kept, KeptMessage
from egide.journal.service import Journal
from egide.protocol.envelope import decode

log = logging.getLogger("egide.intake")

# So many are brought back at once, at most: other machines wait for a group. It begins with as many as arrive at once
# (lanes.GROUP), so that the first receipts come soon, and doubles while that is quick.
GROUP, LEAST_GROUP = 64, 16
# A group that takes longer is not quick.
QUICK_S = 0.5
# A group has more time with each try that failed: no journal is so slow that it never comes back.
PATIENCE_S, MOST_PATIENCE_S = 2.0, 30.0
# Presses wait for the last ones.
LAST_S = 1.0
# The receipts of what came back last: their phones say it again.
_MOST_ANSWERS = 10_000
_FULL = int(HTTPStatus.INSUFFICIENT_STORAGE)
_STAYS = "the kept message %d cannot be stored, and stays in the file"

# Stores a group in one durable step; None when that failed.
Store: TypeAlias = Callable[[Sequence[Arrival]], list[Outcome] | None]


class Returning:
    """Used by one thread at a time, but for `told`. `kept` is a connection of its own."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        kept: Kept,
        showing: Showing,
        store: Store,
        answer: Callable[[Outcome], Answered],
    ) -> None:
        self._journal, self._clock = journal, clock
        self._kept, self._showing = kept, showing
        self._store, self._answer = store, answer
        self._answers: OrderedDict[bytes, Answered] = OrderedDict()
        self._passed = 0
        self._group, self._patience_s = LEAST_GROUP, PATIENCE_S

    def begin(self) -> None:
        """From the first message of the file on: also those that could not be stored before."""
        self._passed, self._group = 0, LEAST_GROUP

    def end(self) -> None:
        """The journal is written as usual: it knows by itself what it has."""
        self._answers.clear()
        self._patience_s = PATIENCE_S

    def told(self, item: Item) -> Answered | None:
        """The answer to a message that came back already. Any thread may ask."""
        answer = self._answers.get(item.digest) if isinstance(item, Arrival) else None
        return answer and msgspec.structs.replace(answer, number=item.number)

    def bring(self) -> None:
        """All of it, after a pause. Raises JournalError while the journal does not take it, or takes it slowly: whoever
        presses then is kept on. Where nothing came meanwhile nobody waits behind anybody, however slow it is."""
        threading.Event().wait(PAUSE_S)
        with self._kept.bringing_back() as is_ours:
            if not is_ours:
                raise JournalUnavailable("another process of this machine brings it back")
            with answered_within(ANSWER_S):
                self._journal.check_append()
            took_s = 0.0
            while (group_took_s := self._next(self._patience_s)) is not None:
                took_s = group_took_s
        if took_s > QUICK_S:
            raise JournalUnavailable("the journal takes what it is given, and not quickly")

    def is_through(self) -> bool:
        """Store the last ones; whether nothing waits any more. Raises JournalError."""
        self._group = LEAST_GROUP
        with self._kept.bringing_back() as is_ours:
            # Looked at twice: what arrived since must not keep the file from ever being empty.
            return is_ours and (self._next(LAST_S) is None or self._next(LAST_S) is None)

    def _next(self, patience_s: float) -> float | None:
        """Store the next group; how long that took in seconds, None when there was none."""
        messages = self._kept.read(self._passed, self._group)
        if not messages:
            return None
        began_us = self._clock.steady_us()
        try:
            with answered_within(patience_s):
                self._store_all(messages)
        except JournalUnavailable as error:
            log.warning("what was kept cannot be brought into the journal now: %s", error)
            self._patience_s = max(self._patience_s, min(2 * patience_s, MOST_PATIENCE_S))
            self._group = max(self._group // 2, LEAST_GROUP)
            raise
        took_s = self._since_s(began_us)
        self._group = max(self._group // 2, LEAST_GROUP) if took_s > QUICK_S else min(2 * self._group, GROUP)
        return took_s

    def _store_all(self, messages: Sequence[KeptMessage]) -> None:
        arrivals = [_arrival(message) for message in messages if message.data is not None]
        outcomes = self._store(arrivals) if len(arrivals) == len(messages) else None
        if outcomes is None:
            for message in messages:
                self._store_alone(message)
        else:
            self._settle(messages, outcomes)

    def _store_alone(self, message: KeptMessage) -> None:
        """What cannot be stored holds up nothing that came behind it: it stays in the file, and watch says so."""
        outcomes = None if message.data is None else self._store([_arrival(message)])
        if outcomes is not None:
            self._settle([message], outcomes)
            return
        # Raises when it was not this message's fault.
        self._journal.head()
        log.error(_STAYS, message.number)
        self._passed = message.number

    def _settle(self, messages: Sequence[KeptMessage], outcomes: Sequence[Outcome]) -> None:
        """Take those out of the file that the journal holds, or would never take; who says them again is told."""
        if any(isinstance(one, Answered) and one.status == _FULL for one in outcomes):
            raise JournalFull("the journal's disk is full")
        settled = []
        for message, outcome in zip(messages, outcomes, strict=True):
            if self._is_settled(message, outcome):
                settled.append(message)
                self._remember(message.digest, self._answer(outcome))
            else:
                log.error(_STAYS, message.number)
        self._passed = messages[-1].number
        try:
            self._kept.remove([message.number for message in settled])
        except JournalUnavailable as error:
            # As on a full disk: the next process stores them again, and the journal knows them.
            log.warning("what the journal holds could not be taken out of the file: %s", error)
        self._showing.settle(message.digest for message in settled)

    def _is_settled(self, message: KeptMessage, outcome: Outcome) -> bool:
        if not isinstance(outcome, Answered) or outcome.status == HTTPStatus.CONFLICT:
            return True
        # A blocked phone, or an erased file. No phone becomes unknown: that is no reason to throw a press away.
        with self._journal.reading() as reader:
            return lookup.find_device(reader, message.kid) is not None

    def _remember(self, digest: bytes, answer: Answered) -> None:
        if len(self._answers) >= _MOST_ANSWERS:
            self._answers.popitem(last=False)
        self._answers[digest] = answer

    def _since_s(self, began_us: int) -> float:
        return (self._clock.steady_us() - began_us) / 1e6


def _arrival(message: KeptMessage) -> Arrival:
    assert message.data is not None
    read = decode(message.data).message
    return Arrival(0, message.kid, message.digest, message.data, read, message.by_sms, was_kept=True)
