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
