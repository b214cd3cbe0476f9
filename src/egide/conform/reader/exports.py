"""Good exports, and exports in which something was changed, left out, added or rebuilt."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from egide.conform.points import Kit, expect
from egide.conform.reader.lab import CLAUSE, TOMORROW, Asked, ReaderLab
from egide.conform.reader.writing import Row, chained, export, footer

KIT: Kit[ReaderLab] = Kit("exports")
FORM, ROWS, PROOF = f"{CLAUSE}, The format", f"{CLAUSE}, The format (1 and 2)", f"{CLAUSE}, The format (4)"
OPENING = f"{CLAUSE}, To open one alarm"
Rows = list[Row]


@KIT.point("one-alarm", "hands over a good export of one alarm", "accepted (ends with 0)", FORM)
async def _one(lab: ReaderLab) -> str:
    await lab.accepts(lab.one_alarm())
    return "accepted"


@KIT.point("opened", "looks at what was printed of it", "what the events say, opened", OPENING)
async def _opened(lab: ReaderLab) -> str:
    read = await lab.accepts(lab.one_alarm())
    expect(lab.word in read.printed, "what the press says is not there")
    return "opened"


@KIT.point(
    "tomorrow",
    "looks for an event of a kind that no version of today knows",
    "kept and shown like the others",
    "docs/safety.md, rule 47",
)
async def _tomorrow(lab: ReaderLab) -> str:
    read = await lab.accepts(lab.one_alarm())
    expect(lab.later in read.printed, f"{TOMORROW} is not there")
    return "shown"


@KIT.point("whole", "hands over a good export of the whole journal", "accepted", FORM)
async def _whole(lab: ReaderLab) -> str:
    await lab.accepts(lab.whole())
    return "accepted"


def changed(rows: Sequence[Row], at: int, **fields: Any) -> Rows:
    """One row says something else, under its old hash."""
    return [msgspec.structs.replace(row, **fields) if index == at else row for index, row in enumerate(rows)]


def spoilt(point_id: str, does: str, clause: str, spoil: Callable[[Sequence[Row]], Rows]) -> None:
    """A point: the same is done to an export of one alarm and to one of the whole journal, and not to the last line."""

    @KIT.point(point_id, does, "refused (does not end with 0)", clause)
    async def _refused(lab: ReaderLab) -> str:
        one, whole = lab.of_alarm, lab.rows
        return await lab.refuses(
            Asked(export(lab.header(one=True), spoil(one), footer(one))),
            Asked(export(lab.header(one=False), spoil(whole), footer(whole))),
        )


_CHANGES: dict[str, dict[str, Any]] = {
    "body": {"body": bytes(40)},
    "kind": {"kind": "AlarmReopened"},
    "time": {"at_us": 1_800_000_000_000_001},
    "centre": {"centre": "LIE"},
    "zone": {"zone": "5277"},
    "case": {"key": "another"},
    "cause": {"cause": 1},
}
for _name, _fields in _CHANGES.items():

    def _spoil(rows: Sequence[Row], fields: dict[str, Any] = _fields) -> Rows:
        return changed(rows, 1, **fields)

    spoilt(f"changed-{_name}", f"changes the {_name} of one event", ROWS, _spoil)

spoilt("missing", "leaves one event out", ROWS, lambda rows: [*rows[:2], *rows[3:]])
spoilt("missing-first", "leaves the first event out", ROWS, lambda rows: list(rows[1:]))
spoilt("missing-last", "leaves the last event out", PROOF, lambda rows: list(rows[:-1]))
spoilt("doubled", "writes one event twice", ROWS, lambda rows: [*rows[:2], rows[1], *rows[2:]])
spoilt("swapped", "swaps two events", ROWS, lambda rows: [rows[1], rows[0], *rows[2:]])
spoilt(
    "added",
    "adds an event at the end, rightly hashed",
    PROOF,
    lambda rows: chained([*rows, msgspec.structs.replace(rows[-1], seq=rows[-1].seq + 1)]),
)


@KIT.point(
    "predecessor",
    "changes what one event names as its predecessor, and its hash with it",
    "refused",
    ROWS,
)
async def _predecessor(lab: ReaderLab) -> str:
    rows = [*lab.rows[:-1], msgspec.structs.replace(lab.rows[-1], prev=bytes(32)).hashed()]
    return await lab.refuses(lab.whole(rows))


@KIT.point(
    "gap",
    "leaves out the last event of a stream in a copy of the whole journal, and writes a last line that fits",
    "refused: numbers have no gap",
    f"{CLAUSE}, The format (3)",
)
async def _gap(lab: ReaderLab) -> str:
    return await lab.refuses(lab.whole([row for row in lab.rows if row.seq != 3]))


@KIT.point("cut-off", "leaves the last line out", "refused", FORM)
async def _cut(lab: ReaderLab) -> str:
    one = Asked(export(lab.header(one=True), lab.of_alarm, None))
    return await lab.refuses(one, Asked(export(lab.header(one=False), lab.rows, None)))


@KIT.point(
    "last-line",
    "says in the last line another number of events, of streams, another last one, another sum",
    "each refused",
    PROOF,
)
async def _last(lab: ReaderLab) -> str:
    right = footer(lab.rows)
    wrong = ({"events": 9}, {"streams": 1}, {"last_seq": 9}, {"running": "A" * 43 + "="})
    return await lab.refuses(*(Asked(export(lab.header(one=False), lab.rows, right | one)) for one in wrong))


@KIT.point("another-format", "says in the first line that it is another format", "refused", FORM)
async def _format(lab: ReaderLab) -> str:
    header = msgspec.structs.replace(lab.header(one=True), format="egide-journal-9")
    return await lab.refuses(Asked(export(header, lab.of_alarm, footer(lab.of_alarm))))


@KIT.point(
    "another-stream",
    "puts an event of another stream into the export of one alarm, rightly hashed",
    "refused",
    f"{CLAUSE}, The format (first line)",
)
async def _stream(lab: ReaderLab) -> str:
    rows = [lab.rows[0], *lab.of_alarm]
    return await lab.refuses(Asked(export(lab.header(one=True), rows, footer(rows))))


@KIT.point("another-key", "hands over one alarm with the key of another case", "refused", OPENING)
async def _key(lab: ReaderLab) -> str:
    header = lab.header(one=True, key=bytes(32))
    return await lab.refuses(Asked(export(header, lab.of_alarm, footer(lab.of_alarm))))


@KIT.point(
    "another-label",
    "calls one event of an alarm otherwise, and makes all hashes and the last line anew",
    "refused: the seal names stream, version and kind",
    OPENING,
)
async def _label(lab: ReaderLab) -> str:
    return await lab.refuses(lab.one_alarm(chained(changed(lab.of_alarm, 1, kind="AlarmReopened"))))


@KIT.point("nothing", "hands over an empty file", "refused", FORM)
async def _nothing(lab: ReaderLab) -> str:
    return await lab.refuses(Asked(b""))
