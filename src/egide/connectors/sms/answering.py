"""The answer to a press by SMS: one ordinary sentence through the gateway, once the press is in the journal.

Whether it goes out changes nothing of the press; each try is handed on to be noted. Numbers stand in no log: neither
does what a gateway says of one.
"""

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable

from egide.common.clock import Clock
from egide.common.sealing import UnsealError
from egide.connectors.calling import word_of
from egide.connectors.sms.answers import ANSWERS
from egide.connectors.sms.spool import Due, Spool
from egide.connectors.texting import TextSender
from egide.journal.errors import JournalUnavailable

log = logging.getLogger("egide.sms")

# Waits between tries, in seconds; after the last one nobody is answered.
PAUSES_S = (5, 15, 60, 240)


class Answering:
    """Sends what is due. `counts`: what became of answers.

    `note` is called for each try, in the thread that sends, with a word of why it failed ("" when it did not).
    `report` makes the address that is told what became of an answer once it was taken, "" where nobody asks.
    """

    def __init__(
        self,
        sender: TextSender,
        spool: Spool,
        may_tell: Callable[[str], bool],
        clock: Clock,
        note: Callable[[Due, str], None],
        report: Callable[[bytes], str] = lambda _digest: "",
    ) -> None:
        self._sender = sender
        self._report = report
        self._spool = spool
        self._may_tell = may_tell
        self._clock = clock
        self._note = note
        self.counts: Counter[str] = Counter()

    def send_due(self) -> None:
        """Try what is due once; blocks for some seconds where the gateway does not answer."""
        try:
            for due in self._spool.due(self._clock.now_us()):
                self._send(due)
        except (sqlite3.Error, JournalUnavailable, UnsealError) as error:
            log.error("answers could not be looked at: %s", error)

    def _send(self, due: Due) -> None:
        # Asked again at each try: meanwhile she may have had to enter a code under threat.
        if not self._may_tell(due.device):
            self._end(due, "withheld")
            return
        try:
            self._post(due)
        except OSError as error:
            why = word_of(error)
            self._note(due, why)
            log.warning("an answer by SMS was not taken, try %d: %s", due.tries + 1, why)
            self.counts["failed"] += 1
            if due.tries >= len(PAUSES_S):
                self._end(due, "given-up")
                return
            next_us = self._clock.now_us() + PAUSES_S[due.tries] * 1_000_000
            self._spool.do_put_off(due.digest, next_us)
        else:
            self._note(due, "")
            self._end(due, "sent")

    def _post(self, due: Due) -> None:
        # The same at each try, so that a gateway that knows repeats and whose answer was lost sends one text.
        name = f"answer_{due.digest.hex()[:32]}"
        self._sender.send(due.asked.to, ANSWERS[due.asked.answer], name, self._report(due.digest))

    def _end(self, due: Due, became: str) -> None:
        self._spool.do_forget_number(due.digest)
        self.counts[became] += 1
