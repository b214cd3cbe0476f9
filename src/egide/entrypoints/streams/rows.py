"""The boards that are open, and the rows that changed on their way to them.

An event is sent at once; the row follows a moment later, painted by `web` for everybody who sees the same. Nothing of
it is kept here: a row waits at its board until the board has taken it, and a newer one takes its place.
"""

import asyncio
import re
from collections.abc import Sequence
from urllib.parse import parse_qs

import msgspec

from egide.common.config import Config
from egide.common.ticket import Ticket
from egide.entrypoints.serving.painted import BoardReader, ChangedAlarms, Painted, Painters
from egide.journal.service import Clear

_ALARM = "alarm:"
_LANGUAGE = re.compile(r"[a-z]{2}")
# How many are asked for at once; what changes meanwhile comes with the next question.
_ALARMS_AT_ONCE = 100


class Board:
    """One open stream, woken by `changed`. `reader` is None where nobody wants rows: then none ever wait here."""

    def __init__(self, reader: BoardReader | None) -> None:
        self.reader = reader
        self._waiting: dict[str, bytes] = {}
        self.changed = asyncio.Event()

    def put(self, alarm: str, row: bytes) -> None:
        """A row of this alarm, instead of an older one that was not taken yet."""
        self._waiting[alarm] = row
        self.changed.set()

    def take(self) -> bytes:
        """The rows that wait."""
        rows = b"".join(self._waiting.values())
        self._waiting.clear()
        return rows


class Boards:
    """All open streams, used from the event loop alone."""

    def __init__(self, config: Config) -> None:
        self._painters = Painters(config)
        self._open: set[Board] = set()
        self._listening = 0
        self._changed: dict[str, None] = {}
        self._news = asyncio.Event()

    def open(self, ticket: Ticket, language: str) -> Board:
        """A stream begins; one without a centre, or without a language, wants no rows."""
        wants = bool(ticket.centres and language) and not ticket.everything
        board = Board(_reader(ticket, language) if wants else None)
        self._open.add(board)
        self._listening += wants
        return board

    def close(self, board: Board) -> None:
        """The stream is over."""
        self._open.discard(board)
        self._listening -= board.reader is not None

    def wake(self) -> None:
        """There is something to tell, or to end."""
        for board in self._open:
            board.changed.set()

    def note(self, row: Clear) -> None:
        """Something happened in the journal."""
        if self._listening and row.stream.startswith(_ALARM):
            self._changed[row.stream.removeprefix(_ALARM)] = None
            self._news.set()

    async def run_until_cancelled(self) -> None:
        """Have what changed painted for everybody who listens, one question after the other."""
        try:
            while True:
                await self._news.wait()
                alarms = list(self._changed)[:_ALARMS_AT_ONCE]
                for alarm in alarms:
                    del self._changed[alarm]
                if not self._changed:
                    self._news.clear()
                await self._paint(alarms)
        finally:
            self._painters.hang_up()

    async def _paint(self, alarms: list[str]) -> None:
        boards: dict[BoardReader, list[Board]] = {}
        for board in self._open:
            if board.reader is not None:
                boards.setdefault(board.reader, []).append(board)
        readers = list(boards)
        painted = await self._painters.paint(ChangedAlarms(alarms, readers)) if readers else None
        if painted is not None:
            _bring(painted, [boards[reader] for reader in readers])


def _bring(painted: Painted, boards: Sequence[list[Board]]) -> None:
    for row in painted.rows:
        content = {"alarm": row.alarm, "head": painted.head, "now": painted.now_ms, "html": row.html}
        # A type of its own, and no id: the events say the place in the journal.
        text = b"event: row\ndata: %b\n\n" % msgspec.json.encode(content)
        for number in row.readers:
            for board in boards[number]:
                board.put(row.alarm, text)


def language_of(query: bytes) -> str:
    """The language in which a page wants its rows; empty for one that wants none."""
    wanted = parse_qs(query.decode("latin-1")).get("rows", [""])[0]
    return wanted if _LANGUAGE.fullmatch(wanted) else ""


def _reader(ticket: Ticket, language: str) -> BoardReader:
    return BoardReader(
        ticket.user,
        ticket.centres,
        ticket.zones,
        ticket.supervisor,
        ticket.supervises,
        ticket.hidden,
        language,
    )
