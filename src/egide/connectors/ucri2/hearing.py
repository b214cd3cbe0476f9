"""Our queue at an exchange, looked through: what control rooms say of alarms that were handed to them.

An entry leaves the queue once what it says is in the journal. Whoever says something of an alarm that was not handed to
them, or says it again, changes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from egide.alarm.events import NeighbourSaid
from egide.common.clock import Clock
from egide.connectors.calling import DEADLINE_S
from egide.connectors.dispatch.facts import RAISED
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ucri2.exchange import Exchange, account_of
from egide.connectors.ucri2.queue import AHEAD, Entry, Said, Unreadable, entries_in
from egide.events.base import Event

log = logging.getLogger("egide.ucri2")

# For how long an exchange keeps the question where nothing came; their own limit is 30.
WAIT_S = 5
MOST_AT_ONCE = 10
SAID, STRANGE = "neighbour.said", "neighbour.strange"


class Alarms(Protocol):
    """Where what is said is kept (`egide.boards.telling`)."""

    def alarm_told(self, receiver: str, number: str) -> tuple[str, str] | None: ...
    def alarm_of_copy(self, receiver: str, kind: str, message: str) -> str | None: ...
    def do_note_answer(self, alarm: str, said: Event) -> None: ...


class Hearing:
    """The queue of one address of ours, for the control rooms that are told through it. Belongs to one thread."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        alarms: Alarms,
        clock: Clock,
        heard: Callable[[str, str], None] = lambda _name, _word: None,
        wait_s: int = WAIT_S,
    ) -> None:
        """`heard` is called with the name of a control room and a word of what it sent."""
        self._by_address = {account_of(one).to: one for one in receivers}
        self._exchange = Exchange(receivers[0])
        self._own = self._exchange.account.own
        self._alarms, self._clock, self._heard = alarms, clock, heard
        self._wait_s = wait_s
        self._most = MOST_AT_ONCE

    def turn(self) -> int:
        """Wait for what comes, note it, take it off; how much it was.

        Raises Unreadable, CallRefused, TimeoutError, OSError, ValueError, and JournalError before anything is off.
        """
        asked = {"destinations": [self._own], "maxMessages": self._most, "maxDelay": self._wait_s}
        body = self._exchange.ask("/messaging/receive", msgspec.json.encode(asked), self._wait_s + DEADLINE_S)
        try:
            entries = entries_in(body)
        except Unreadable:
            # The first alone may be short enough.
            self._most = 1
            raise
        self._most = MOST_AT_ONCE
        for entry in entries:
            self._note(entry)
        if entries:
            last = max(entry.sequence for entry in entries)
            commit = {"destination": self._own, "sequenceId": last}
            self._exchange.ask("/messaging/commit", msgspec.json.encode(commit))
        return len(entries)

    def _note(self, entry: Entry) -> None:
        receiver = self._by_address.get(entry.source)
        if entry.said is None or self._is_ahead(entry.said):
            # Of what it holds nothing is written: it may be about anybody.
            log.warning("%s sent what is no answer: %s", entry.source[:40], entry.why or "clock")
            if receiver is not None:
                self._heard(receiver.name, STRANGE)
            return
        found = self._found(entry.said, receiver)
        if found is None:
            log.warning("%s says something of an alarm that was not handed to it", entry.source[:40])
            return
        name, alarm = found
        said = entry.said
        self._alarms.do_note_answer(alarm, NeighbourSaid(name, said.word, said.cause, said.there_us))
        self._heard(name, SAID)

    def _is_ahead(self, said: Said) -> bool:
        return said.there_us > self._clock.now_us() + AHEAD.total_seconds() * 1e6

    def _found(self, said: Said, receiver: Receiver | None) -> tuple[str, str] | None:
        """The control room and the alarm. What became of a message its exchange says, in whoever's name."""
        if said.message:
            for one in self._by_address.values():
                if alarm := self._alarms.alarm_of_copy(one.name, RAISED, said.message):
                    return one.name, alarm
            return None
        found = self._alarms.alarm_told(receiver.name, said.incident) if receiver else None
        return (found[1], found[0]) if found else None


def queues_of(receivers: Sequence[Receiver]) -> list[list[Receiver]]:
    """Control rooms that are told through the same queue, together: who reads it reads for all of them."""
    queues: dict[tuple[str, str], list[Receiver]] = {}
    for one in receivers:
        queues.setdefault((one.url, account_of(one).own), []).append(one)
    return list(queues.values())
