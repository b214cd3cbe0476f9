"""The table of canaries, folded from their events: who they are, the last one kept, and the last one routed."""

import msgspec

from egide.events import system as s
from egide.journal.chain import Stored
from egide.journal.engines.base import Write
from egide.journal.reader import Reader

STREAM = "canary:"
_COLUMNS = "device, public_key, counter, digest, seq, at_us, routed_seq, routed_at_us"


class Canary(msgspec.Struct, frozen=True):
    """A canary's key, and how far its presses came: `seq` was kept last, `routed_seq` is the last one routed."""

    device: str
    public_key: bytes
    counter: int = 0
    digest: str = ""
    seq: int = 0
    at_us: int = 0
    routed_seq: int = 0
    routed_at_us: int = 0


def find_canary(reader: Reader, device: str) -> Canary | None:
    """The canary with this key id; a phone that is enrolled with the same key is a phone."""
    sql = f"SELECT {_COLUMNS} FROM canary WHERE device = ? AND device NOT IN (SELECT device FROM device)"
    row = reader.execute(sql, (device,)).fetchone()
    return Canary(*row) if row else None


def fold_canary(
    event: s.CanaryEnrolled | s.CanaryReceived | s.CanaryRouted, row: Stored, write: Write
) -> None:
    """Bring the table up to date with one event."""
    if isinstance(event, s.CanaryEnrolled):
        write(
            "INSERT INTO canary (device, public_key) VALUES (?,?) ON CONFLICT DO NOTHING",
            (event.device, event.public_key),
        )
    elif isinstance(event, s.CanaryReceived):
        write(
            "UPDATE canary SET counter = ?, digest = ?, seq = ?, at_us = ? WHERE device = ?",
            (event.counter, event.digest, row.seq, row.at_us, event.device),
        )
    else:
        write(
            "UPDATE canary SET routed_seq = ?, routed_at_us = ? WHERE device = ?",
            (row.cause, row.at_us, event.device),
        )
