"""A button that only broadcasts (BTHome v2), by a record of what it said and of what was done with it meanwhile.

A record is JSON lines: `{"did": "touch"}` (short), `{"did": "hold"}` (two seconds), `{"did": "power"}` (battery out and
in), and `{"frame": "45…"}` for the service data under 0xFCD2 in hexadecimal, in the order in which all that happened.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from egide.common.encoding import NotJson, from_json
from egide.conform.points import Kit, Untried, expect
from egide.protocol import bthome
from egide.protocol.bthome import Advertised, BthomeError

TOUCH, HOLD, POWER = "touch", "hold", "power"
CLAUSE, FORM = "contracts/bthome.json", "docs/connectors/sources.md"


class Line(msgspec.Struct, frozen=True):
    """What happened: one of the two."""

    did: str = ""
    frame: str = ""


class Heard(msgspec.Struct, frozen=True):
    """One frame, and what was done last before it; `reason` where it cannot be read."""

    data: bytes
    after: str
    life: int
    said: Advertised | None
    reason: str


class BroadcastLab:
    """`address` (6 bytes) and `key` are those of the button."""

    def __init__(self, record: bytes, address: bytes, key: bytes) -> None:
        """Raises ValueError naming the line that is none."""
        self.did: list[str] = []
        self.heard: list[Heard] = []
        for number, text in enumerate(record.splitlines(), start=1):
            try:
                line = from_json(text, Line)
                data = bytes.fromhex(line.frame)
            except (NotJson, ValueError) as error:
                raise ValueError(f"line {number} of the record: {error}") from error
            if line.did:
                if line.did not in (TOUCH, HOLD, POWER):
                    raise ValueError(f"line {number} of the record: did {line.did!r}")
                self.did.append(line.did)
            else:
                self._hear(data, address, key)

    def _hear(self, data: bytes, address: bytes, key: bytes) -> None:
        after, life = (self.did or [""])[-1], self.did.count(POWER)
        try:
            self.heard.append(Heard(data, after, life, bthome.decode(data, address, key), ""))
        except BthomeError as error:
            self.heard.append(Heard(data, after, life, None, error.reason))

    def said(self) -> list[tuple[Heard, Advertised]]:
        """What can be read. Raises Untried where nothing can."""
        found = [(one, one.said) for one in self.heard if one.said is not None]
        if not found:
            raise Untried("no frame can be read")
        return found

    def check_did(self, what: str) -> None:
        """Raises Untried."""
        if what not in self.did:
            raise Untried(f'the record has no {{"did": "{what}"}}')


KIT: Kit[BroadcastLab] = Kit("button")


def _none(lab: BroadcastLab, *reasons: str) -> str:
    """No frame is refused for these. Raises Deviates, Untried."""
    if not lab.heard:
        raise Untried("the record has no frame")
    wrong = [one for one in lab.heard if one.reason in reasons]
    expect(
        not wrong, f"{len(wrong)} of {len(lab.heard)} frames, such as {wrong[0].data.hex() if wrong else ''}"
    )
    return f"{len(lab.heard)} frames"


@KIT.point(
    "version", "reads the device information of each frame", "BTHome version 2", f"{CLAUSE}, not-version-2"
)
async def _version(lab: BroadcastLab) -> str:
    return _none(lab, "not-version-2", "too-short")


@KIT.point("encrypted", "looks whether each frame is encrypted", "all are", f"{CLAUSE}, not-encrypted")
async def _encrypted(lab: BroadcastLab) -> str:
    return _none(lab, "not-encrypted")


@KIT.point("key", "opens each frame with key and address", "each MIC holds", f"{CLAUSE}, wrong-key")
async def _key(lab: BroadcastLab) -> str:
    return _none(lab, "wrong-key")


@KIT.point(
    "objects",
    "reads what each frame says",
    "objects that are known, whole and within their bounds",
    f"{CLAUSE}, unknown-object, truncated, out-of-range",
)
async def _objects(lab: BroadcastLab) -> str:
    return _none(lab, "unknown-object", "truncated", "out-of-range")


@KIT.point(
    "counter",
    "compares the counters of all frames",
    "other bytes have a higher counter than all before; the same counter only for the same bytes",
    f"{CLAUSE}, sequence",
)
async def _counter(lab: BroadcastLab) -> str:
    for before, after in _new(lab):
        expect(
            after[1].counter > before[1].counter,
            f"counter {after[1].counter} after {before[1].counter}: refused as old",
        )
    return f"up to {lab.said()[-1][1].counter}"


@KIT.point(
    "hold", "looks at the frames after each hold", "a long press or a hold among them", f"{CLAUSE}, is_alarm"
)
async def _hold(lab: BroadcastLab) -> str:
    lab.check_did(HOLD)
    found = sum(said.is_alarm for one, said in lab.said() if one.after == HOLD)
    expect(found, "no frame after a hold says so")
    return f"{found} frames"


@KIT.point("touch", "looks at the frames after each short touch", "none is an alarm", f"{CLAUSE}, is_alarm")
async def _touch(lab: BroadcastLab) -> str:
    lab.check_did(TOUCH)
    found = sum(said.is_alarm for one, said in lab.said() if one.after == TOUCH)
    expect(not found, f"{found} frames after a touch raise an alarm: one happens in every pocket")
    return "none"


@KIT.point(
    "power",
    "compares the counters before and after the battery was out",
    "it counts on: one that begins again is refused until it has a new key",
    f"{FORM}, Setting it up; {CLAUSE}, sequence (as after a restart)",
)
async def _power(lab: BroadcastLab) -> str:
    lab.check_did(POWER)
    lives = [
        [said.counter for one, said in lab.said() if one.life == life]
        for life in range(lab.did.count(POWER) + 1)
    ]
    if not all(lives):
        raise Untried("there are no frames before or after the battery was out")
    for before, after in pairwise(lives):
        expect(min(after) > max(before), f"counter {min(after)} after {max(before)}")
    return "counts on"


def _new(lab: BroadcastLab) -> Iterator[tuple[tuple[Heard, Advertised], tuple[Heard, Advertised]]]:
    """Each frame that says something new, with the one before it."""
    seen: dict[bytes, tuple[Heard, Advertised]] = {}
    for one in lab.said():
        seen.setdefault(one[0].data, one)
    return pairwise(seen.values())
