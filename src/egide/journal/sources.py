"""The table of sources that are no phones, folded from their events: whose they are, and the last counter taken."""

import hashlib

import msgspec

from egide.alarm import events as a
from egide.events import sources as s
from egide.journal.chain import Stored
from egide.journal.engines.base import Write
from egide.journal.reader import Reader

# One that comes back to the same kit, or was taken off another one first, goes on counting where it was: a frame that
# somebody recorded before raises nothing.
_ENROL = """
INSERT INTO source (source, kit, road, enrolled_seq) VALUES (?,?,?,?) ON CONFLICT (source) DO UPDATE SET
  kit = excluded.kit, road = excluded.road, enrolled_seq = excluded.enrolled_seq, ended = 0
  WHERE source.ended = 1 OR source.kit = excluded.kit
"""
_HEARD = (
    "UPDATE source SET heard_us = ?, highest = CASE WHEN highest < ? THEN ? ELSE highest END WHERE source = ?"
)
_FIND = """
SELECT s.source, s.road, s.kit, k.case_id, k.managing_zone, k.home_zone, k.home_centre, k.grant_ends_at_s, k.returned,
  s.enrolled_seq, s.highest, s.heard_us
FROM source AS s JOIN kit AS k ON k.kit = s.kit WHERE s.source = ? AND s.ended = 0
"""


class KnownSource(msgspec.Struct, frozen=True):
    """An enrolled source and its kit; `enrolled_seq` is the event that holds its key, `highest` its last counter."""

    source: str
    road: str
    kit: str
    case: str
    managing_zone: str
    home_zone: str
    home_centre: str
    grant_ends_at_s: int | None
    is_returned: int
    enrolled_seq: int
    highest: int
    heard_us: int | None


class OfKit(msgspec.Struct, frozen=True):
    """A source as the kit's list shows it."""

    source: str
    road: str
    is_ended: int
    heard_us: int | None


def find_source(reader: Reader, source: str) -> KnownSource | None:
    """The source with this id, while it is enrolled."""
    row = reader.execute(_FIND, (source,)).fetchone()
    return KnownSource(*row) if row else None


def kit_of_source(reader: Reader, source: str) -> str:
    """The kit for which it is enrolled now; "" for none."""
    row = reader.execute("SELECT kit FROM source WHERE source = ? AND ended = 0", (source,)).fetchone()
    return row[0] if row else ""


def sources_of(reader: Reader, kit: str) -> list[OfKit]:
    """Every source that was enrolled last for this kit."""
    sql = "SELECT source, road, ended, heard_us FROM source WHERE kit = ? ORDER BY enrolled_seq"
    return [OfKit(*row) for row in reader.execute(sql, (kit,))]


def fold_source(event: s.SourceEnrolled | s.SourceEnded | s.SourceHeard, row: Stored, write: Write) -> None:
    """Bring the table up to date with one event."""
    if isinstance(event, s.SourceEnrolled):
        write(_ENROL, (event.source, event.kit, event.road, row.seq))
    elif isinstance(event, s.SourceEnded):
        write("UPDATE source SET ended = 1 WHERE source = ? AND kit = ?", (event.source, event.kit))
    else:
        _note_heard(event.source, event.counter, row, write)


def fold_pressed(event: a.SourcePressed, row: Stored, write: Write) -> None:
    """The message that it is, the alarm that it opens, and the counter that is used up."""
    digest = hashlib.sha256(event.report).digest()
    write(
        "INSERT INTO message VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
        (event.source, event.counter, digest, row.seq, row.stream),
    )
    if event.origin is not None and row.alarm:
        write(
            "INSERT INTO alarm VALUES (?,?,?,'received',?,?,?,?,?,NULL,'','','','',0,NULL)",
            (
                row.alarm,
                event.source,
                row.key,
                row.centre,
                row.zone,
                event.origin.managing_zone,
                row.seq,
                row.at_us,
            ),
        )
    _note_heard(event.source, event.counter, row, write)


def _note_heard(source: str, counter: int, row: Stored, write: Write) -> None:
    write(_HEARD, (row.at_us, counter, counter, source))
