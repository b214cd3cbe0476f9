"""What live tells boards of the chain itself: canaries that came through, and what watch found."""

import logging
from collections.abc import Sequence

import msgspec

from egide.common.ticket import Ticket
from egide.events.system import CanaryRouted
from egide.journal.canaries import STREAM as CANARY
from egide.journal.chain import Clear
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import ALARM, ChainTrouble, Signs

log = logging.getLogger("egide.live")

# An older canary says nothing about the present: a board that was away would take it for a fresh one.
CANARY_FRESH_S = 15.0


def is_canary(row: Clear) -> bool:
    """Whether this belongs to a canary."""
    return row.stream.startswith(CANARY)


def may_see_canary(ticket: Ticket, row: Clear, now_us: int) -> bool:
    """Every board learns that a canary came through, while that is news; nobody learns more of canaries."""
    is_fresh = 0 <= now_us - row.at_us < CANARY_FRESH_S * 1e6
    return row.kind == CanaryRouted.__name__ and is_fresh and bool(ticket.centres or ticket.zones)


def as_sse(troubles: Sequence[ChainTrouble]) -> bytes:
    """What is wrong with the chain: `[[part, since in milliseconds], ...]`, without addresses and alarms."""
    told = [(trouble.kind, trouble.since_us // 1000) for trouble in troubles if trouble.kind != ALARM]
    return b"event: trouble\ndata: %s\n\n" % msgspec.json.encode(told)


class Troubles:
    """What watch found, as this process read it last."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self.now: list[ChainTrouble] = []

    def is_changed(self) -> bool:
        """Read again; whether anything is new. What cannot be read stays as it was."""
        try:
            troubles = self._signs.troubles()
        except JournalUnavailable as error:
            # Boards notice by themselves when no canary comes.
            log.warning("what watch found cannot be read: %s", error)
            return False
        before, self.now = self.now, troubles
        return before != troubles

    def news_since(self, told: list[ChainTrouble] | None) -> bytes:
        """What a reader who knows `told` does not know yet, as it goes into the stream; empty when nothing."""
        return b"" if told == self.now else as_sse(self.now)
