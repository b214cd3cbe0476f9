"""What this machine keeps while the journal is away, for the boards that listen here, by scope.

Intake's writer, which holds keys, tells it from memory over a socket (`entrypoints/serving/writing.py`).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from egide.common.config import Config
from egide.common.ticket import Ticket
from egide.entrypoints.streams.rows import Boards
from egide.intake.away.showing import KeptAlarm, one_for_each_kit, sockets_of

# Somebody in danger waits for each look.
LOOK_S, PATIENCE_S = 0.2, 2.0
MOST_BYTES = 4 * 1024 * 1024
_LINES = msgspec.msgpack.Decoder(list[KeptAlarm])


def may_see(ticket: Ticket, line: KeptAlarm) -> bool:
    """Whether a board of this reader shows this: at the home centre, since no route is known, and for every supervisor.

    Never where the file bars the reader (safety rule 27).
    """
    if line.case in ticket.hidden:
        return False
    return ticket.supervisor or line.home_centre in ticket.centres


def as_sse(lines: Sequence[KeptAlarm], *, is_away: bool) -> bytes:
    """An event of its own, without an id: no place of the journal. Positions in degrees, times in milliseconds."""
    told = [
        {
            "kit": line.kit,
            "zone": line.zone,
            "presses": line.presses,
            "first": line.first_ms,
            "last": line.last_ms,
            "duress": line.is_duress,
            "earlier": line.is_earlier,
            "old": line.is_old,
            "known": line.known_ms,
            "place": line.position
            and [line.position.lat_e7 / 1e7, line.position.lon_e7 / 1e7, line.position.accuracy_m],
            "at": line.position_ms,
        }
        for line in sorted(lines, key=lambda line: (not line.is_duress, line.first_ms))
    ]
    return b"event: kept\ndata: %b\n\n" % msgspec.json.encode({"away": is_away, "alarms": told})


class KeptRows:
    """What was kept at the last look. Nothing is ever kept beside a journal that is a file."""

    def __init__(self, config: Config, boards: Boards) -> None:
        self._config = config
        self._boards = boards
        self.lines: list[KeptAlarm] = []
        self.is_possible = bool(config.journal)

    async def look_until_cancelled(self) -> None:
        """Ask this machine's writers again and again, and wake the boards at what is new."""
        while self.is_possible:
            lines = await asked(self._config)
            if lines != self.lines:
                self.lines = lines
                self._boards.wake()
            await asyncio.sleep(LOOK_S)

    def telling(self, ticket: Ticket) -> "Telling":
        """For one stream."""
        return Telling(self, ticket)


class Telling:
    """What one reader was told of it. Their page may still show what was kept before."""

    def __init__(self, rows: KeptRows, ticket: Ticket) -> None:
        self._rows = rows
        self._ticket = ticket
        self._told: tuple[list[KeptAlarm], bool] | None = None
        self.is_possible = rows.is_possible

    def news(self, *, is_away: bool) -> bytes:
        """What this reader may see, where it is not what they were told last; `is_away`: the journal is."""
        if not self.is_possible:
            return b""
        told = ([line for line in self._rows.lines if may_see(self._ticket, line)], is_away)
        if told == self._told:
            return b""
        self._told = told
        return as_sse(told[0], is_away=is_away)

    def again(self) -> bytes:
        """The same as last time, as long as anything is kept or the journal is away."""
        if self._told is None or not any(self._told):
            return b""
        lines, is_away = self._told
        return as_sse(lines, is_away=is_away)


async def asked(config: Config) -> list[KeptAlarm]:
    """What all writers of this machine keep now; one that does not answer keeps nothing that could be shown."""
    found: list[KeptAlarm] = []
    for path in _sockets(config):
        with contextlib.suppress(OSError, TimeoutError, msgspec.DecodeError):
            async with asyncio.timeout(PATIENCE_S):
                found += await _ask(path)
    return one_for_each_kit(found)


async def _ask(path: Path) -> list[KeptAlarm]:
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except ConnectionRefusedError:
        # Its process died.
        _forget(path)
        return []
    try:
        said = bytearray()
        while len(said) < MOST_BYTES and (part := await reader.read(1 << 16)):
            said += part
        return _LINES.decode(said)
    finally:
        writer.close()


def _sockets(config: Config) -> list[Path]:
    return sorted(sockets_of(config).glob("*"))


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
