"""What ends an open live stream though its reader stays: a session that ended, a file that bars, too many at once."""

import asyncio
from collections import Counter

from egide.common import ticket as tickets
from egide.common.ticket import Ticket
from egide.entrypoints.serving.connections import Counting
from egide.journal.now.signs import BEAT_S
from egide.journal.queries.endings import BARRING_KIND, ENDING_KINDS
from egide.journal.service import Clear

# Of one session, or of one team: a browser has a page in each of some windows, and a lost network leaves dead streams.
MOST_STREAMS = 16
# What administrators read of it: a reason of `egide_connections_ended_total`.
TOO_MANY = "too-many-streams"
_Reader = tuple[str, str, tuple[str, ...]]


class Ended:
    """What ended lately, by the stream of the account or session; only as far back as a ticket lasts."""

    def __init__(self) -> None:
        self._at_s: dict[str, int] = {}
        self._all_at_s = -1

    def note(self, row: Clear) -> None:
        """Remember an ending; forget those that no ticket can be older than."""
        at_s = row.at_us // 1_000_000
        if row.kind == BARRING_KIND:
            self._all_at_s = at_s
        if row.kind not in ENDING_KINDS:
            return
        self._at_s = {s: then_s for s, then_s in self._at_s.items() if then_s > at_s - tickets.LIFETIME_S}
        self._at_s[row.stream] = at_s

    def has(self, ticket: Ticket) -> bool:
        """Whether the ticket was issued before its account's or session's end, or in the same second."""
        ends_s = (self._at_s.get(stream, -1) for stream in ticket.streams)
        return not ticket.everything and ticket.issued_at_s <= max(self._all_at_s, *ends_s)


class OpenStream:
    """One open stream of a ticket; `over` is set when it must make room."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.over = asyncio.Event()


class OpenStreams:
    """The open streams of each session or team; used from the event loop alone.

    Every new stream gets in, since a page that comes back must hear. For that the oldest stream ends of the ticket that
    holds most: a copied ticket takes the place of its own streams, not that of pages with a ticket of their own.
    """

    def __init__(self) -> None:
        self._open: dict[_Reader, list[OpenStream]] = {}
        # How many had to make room, since somebody last counted.
        self._ended = 0

    def take(self, ticket: Ticket) -> OpenStream:
        """Let a stream in; the system's own monitors are not counted."""
        opened = OpenStream(ticket)
        if ticket.everything:
            return opened
        others = self._open.setdefault(_reader(ticket), [])
        others.append(opened)
        if len(others) > MOST_STREAMS:
            held = [other.ticket for other in others]
            most = max(held, key=held.count)
            oldest = next(other for other in others if other.ticket == most)
            oldest.over.set()
            others.remove(oldest)
            self._ended += 1
        return opened

    def leave(self, opened: OpenStream) -> None:
        """The stream is over, whatever ended it."""
        reader = _reader(opened.ticket)
        others = [other for other in self._open.get(reader, []) if other is not opened]
        if others:
            self._open[reader] = others
        else:
            self._open.pop(reader, None)

    async def count_until_cancelled(self, counting: Counting) -> None:
        """Tell administrators every BEAT_S how many had to make room: a crowd costs one row, not one each."""
        while True:
            if self._ended:
                ended, self._ended = self._ended, 0
                await asyncio.to_thread(counting.add, Counter({TOO_MANY: ended}))
            await asyncio.sleep(BEAT_S)


def _reader(ticket: Ticket) -> _Reader:
    return ticket.user, ticket.session, ticket.alarms
