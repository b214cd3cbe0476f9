"""What others ask the journal about sources that are no phones: whose they are, and how far they have counted."""

import msgspec

from egide.journal.reader import Reader

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


class Polling(msgspec.Struct, frozen=True):
    """A device of a watched kit that says every so often that it works, and when it last said anything, or began to."""

    kit: str
    case: str
    level: str
    every_s: int
    heard_us: int


def pollings(reader: Reader) -> list[Polling]:
    """Of all kits that are watched over."""
    sql = """SELECT s.kit, k.case_id, w.level, p.every_s,
      CASE WHEN s.heard_us > p.since_us THEN s.heard_us ELSE p.since_us END
    FROM polling p JOIN source s ON s.source = p.source JOIN watched w ON w.kit = s.kit JOIN kit k ON k.kit = s.kit
    WHERE s.ended = 0"""
    return [Polling(*row) for row in reader.execute(sql)]


def troubled(reader: Reader, what: str) -> dict[str, tuple[str, int]]:
    """Kits with this open trouble: the case, and since when (µs)."""
    sql = """SELECT t.kit, k.case_id, t.since_us FROM trouble t JOIN kit k ON k.kit = t.kit
    WHERE t.what = ? AND t.ended_us IS NULL"""
    return {kit: (case, since_us) for kit, case, since_us in reader.execute(sql, (what,))}
