"""The whole journal against signed checkpoints: what was rebuilt or cut off shows there alone."""

from typing import Any

import msgspec

from egide.conform.points import Kit
from egide.conform.reader.lab import ReaderLab
from egide.conform.reader.writing import BEGIN_US, STEP_US, chained, checkpoint, lines_of
from egide.protocol.keys import SigningKey

KIT: Kit[ReaderLab] = Kit("checkpoints")
CLAUSE = "docs/journal-export.md, Checkpoints"
LATER_US = BEGIN_US + 1000 * STEP_US
Lines = list[dict[str, Any]]


def good(lab: ReaderLab) -> Lines:
    return [checkpoint(lab.key, lab.rows, seq) for seq in (3, 5, len(lab.rows))]


def handed(lab: ReaderLab) -> dict[str, Any]:
    """The key is handed on after the fourth event."""
    return checkpoint(lab.key, lab.rows, 4, following=lab.following)


@KIT.point(
    "checkpoints", "hands over the whole journal with three checkpoints and their key", "accepted", CLAUSE
)
async def _good(lab: ReaderLab) -> str:
    await lab.accepts(lab.whole(checkpoints=lines_of(good(lab))))
    return "accepted"


@KIT.point(
    "torn-line",
    "adds a line of checkpoints that a power cut tore",
    "accepted: that line is passed over",
    f"{CLAUSE} (a torn line is skipped and counted)",
)
async def _torn(lab: ReaderLab) -> str:
    await lab.accepts(lab.whole(checkpoints=lines_of(good(lab)) + b'{"format": "egide-check'))
    return "accepted"


@KIT.point(
    "restored",
    "adds the line of a restore, after which what an earlier checkpoint saw is gone",
    "accepted: that checkpoint is not compared",
    f"{CLAUSE} (a line with the field seen)",
)
async def _restored(lab: ReaderLab) -> str:
    gone = chained([*lab.rows[:5], *lab.rows[6:]])
    lost = checkpoint(lab.key, gone, 7, at_us=BEGIN_US)
    restore = checkpoint(lab.key, lab.rows, 5, at_us=BEGIN_US + STEP_US, seen=7)
    await lab.accepts(lab.whole(checkpoints=lines_of([lost, restore, *good(lab)[2:]])))
    return "accepted"


@KIT.point(
    "key-handed-on",
    "hands the key on after the fourth event; later checkpoints are signed by the next one",
    "accepted, for whoever holds the first key",
    f"{CLAUSE} (a line with the field next_key)",
)
async def _handed(lab: ReaderLab) -> str:
    later = checkpoint(lab.following, lab.rows, 8)
    lines = [checkpoint(lab.key, lab.rows, 3), handed(lab), later]
    await lab.accepts(lab.whole(checkpoints=lines_of(lines)))
    return "accepted"


async def _refuses(lab: ReaderLab, lines: Lines) -> str:
    return await lab.refuses(lab.whole(checkpoints=lines_of(lines)))


@KIT.point("wrong-signature", "changes the time of one checkpoint under its signature", "refused", CLAUSE)
async def _signature(lab: ReaderLab) -> str:
    lines = good(lab)
    lines[1]["at_us"] += 1
    return await _refuses(lab, lines)


@KIT.point("strange-key", "has one checkpoint signed by a key that nobody handed on", "refused", CLAUSE)
async def _strange(lab: ReaderLab) -> str:
    return await _refuses(lab, [*good(lab), checkpoint(lab.stranger, lab.rows, 6)])


@KIT.point(
    "rebuilt",
    "leaves an event out and makes everything anew: numbers, hashes, last line",
    "refused: a checkpoint saw something else",
    CLAUSE,
)
async def _rebuilt(lab: ReaderLab) -> str:
    left = [row for row in lab.rows if row.seq != 2]
    renumbered = [msgspec.structs.replace(row, seq=seq) for seq, row in enumerate(left, start=1)]
    return await lab.refuses(lab.whole(chained(renumbered), lines_of(good(lab)[:2])))


@KIT.point(
    "end-cut-off",
    "leaves the last two events out and writes a last line that fits",
    "refused: a checkpoint saw more",
    CLAUSE,
)
async def _end(lab: ReaderLab) -> str:
    return await lab.refuses(lab.whole(lab.rows[:-2], lines_of(good(lab))))


@KIT.point(
    "key-handed-on-twice",
    "hands the key on to two others",
    "refused: it is in somebody else's hands",
    f"{CLAUSE} (a line with the field next_key)",
)
async def _twice(lab: ReaderLab) -> str:
    other = checkpoint(lab.key, lab.rows, 4, following=lab.stranger)
    return await _refuses(lab, [handed(lab), other, checkpoint(lab.following, lab.rows, 8)])


@KIT.point(
    "former-key",
    "has the former key sign once more after it was handed on",
    "refused",
    f"{CLAUSE} (a line with the field next_key)",
)
async def _former(lab: ReaderLab) -> str:
    return await _refuses(lab, [handed(lab), checkpoint(lab.key, lab.rows, 8)])


@KIT.point(
    "taken-over",
    "hands the key on to one that did not sign for it",
    "refused",
    f"{CLAUSE} (next_signature)",
)
async def _taken(lab: ReaderLab) -> str:
    line = handed(lab) | {"next_signature": checkpoint(SigningKey.generate(), lab.rows, 4)["signature"]}
    return await _refuses(lab, [line, checkpoint(lab.following, lab.rows, 8)])


@KIT.point(
    "restore-hides-nothing-later",
    "rebuilds the journal under the line of an old restore",
    "refused: what was seen after the restore is compared",
    f"{CLAUSE} (a line with the field seen)",
)
async def _later(lab: ReaderLab) -> str:
    gone = chained([*lab.rows[:5], *lab.rows[6:]])
    restore = checkpoint(lab.key, lab.rows, 5, at_us=BEGIN_US, seen=7)
    seen_later = checkpoint(lab.key, gone, 7, at_us=LATER_US)
    return await _refuses(lab, [restore, seen_later])
