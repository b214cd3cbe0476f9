"""The worker's threads that hear what people of control rooms write in an alarm: one for each that may talk with us."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from egide.alarm.events import SystemWrote
from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.dispatch.facts import HEARD, Refused
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ng112.chat import Word
from egide.connectors.ng112.line import Line
from egide.connectors.ng112.trunk import trunk_of
from egide.entrypoints.worker.records import reach_records
from egide.journal.errors import JournalError
from egide.journal.now.signs import Signs
from egide.journal.sealing.keys import KeyErased

log = logging.getLogger("egide.worker")

WAIT_S = 0.5
# After the first, the second, … try that failed; the last pause goes on until it is there again.
AGAIN_AFTER_S = (1, 2, 5, 10, 30)
# A line that is away for longer is missed at the boards: then nobody hears what they write.
MISSED_US = 60_000_000


# What a message is answered with (RFC 3261, section 21).
TAKEN, OVER, UNKNOWN, AWAY = 200, 403, 481, 503


class Beside(Protocol):
    """Where alarms are found and written (`egide.boards.telling`)."""

    def alarm_told(self, receiver: str, number: str) -> tuple[str, str] | None: ...
    def do_note_words(self, alarm: str, said: SystemWrote) -> bool: ...


# Notes that the message which raised the alarm of this number was taken; None where none is due.
NoteRaised = Callable[[Receiver, str], str | None]


def hear(word: Word, receiver: Receiver, beside: Beside, do_note_raised: NoteRaised) -> int:
    """Note what they wrote, as theirs; the status that is answered. What is not noted is never answered as taken.

    They may write before our own message was confirmed, or before its note: their words prove that it came.
    """
    try:
        found = beside.alarm_told(receiver.name, word.alarm)
        if found is None and (raised := do_note_raised(receiver, word.alarm)):
            found = raised, receiver.name
        if found is None:
            return UNKNOWN
        alarm, name = found
        said = SystemWrote(name, word.word, word.text, word.number, word.address)
        return TAKEN if not word.word or beside.do_note_words(alarm, said) else OVER
    except (JournalError, KeyErased) as error:
        log.warning("what %s writes could not be noted: %s", receiver.name, type(error).__name__)
        return AWAY


class Talking(threading.Thread):
    """Hears the people of one control room until stopped."""

    def __init__(self, stopped: threading.Event, config: Config, receiver: Receiver, clock: Clock) -> None:
        super().__init__(name=f"talk {receiver.name}")
        self._stopped, self._config, self._receiver, self._clock = stopped, config, receiver, clock
        self._up_us = clock.steady_us()

    @property
    def is_missed(self) -> bool:
        return self._clock.steady_us() - self._up_us >= MISSED_US

    def run(self) -> None:
        if not reach_records(self._stopped):
            return
        # Loaded here and not with the worker: whose routing needs no Django, and must not wait for it.
        from egide.boards import telling
        from egide.connectors.cad.fetching import do_note_raised

        signs = Signs(self._config, self._clock)

        def heard(word: Word) -> int:
            status = hear(word, self._receiver, telling, do_note_raised)
            if status == TAKEN and word.word:
                signs.note_last(f"{HEARD}{self._receiver.name}", f"chat.{word.word}")
            return status

        line = Line(trunk_of(self._receiver), heard, self._clock)
        tries = 0
        while not self._stopped.is_set():
            try:
                line.step(WAIT_S)
            except Refused as refused:
                pause_s = AGAIN_AFTER_S[min(tries, len(AGAIN_AFTER_S) - 1)]
                tries += 1
                log.warning("what %s writes cannot be heard now: %s", self._receiver.name, refused.why)
                self._stopped.wait(pause_s)
            except Exception:
                # A thread that ended would hear nobody ever again.
                log.exception("what %s writes cannot be heard now", self._receiver.name)
                line.close()
                self._stopped.wait(AGAIN_AFTER_S[-1])
            if line.is_up:
                tries, self._up_us = 0, self._clock.steady_us()
        line.close()
