"""Proof that nothing was removed or changed: every link of every chain, and no number missing."""

import hashlib
from collections.abc import Iterable

import msgspec

from egide.journal.chain import GENESIS, Stored, hash_of
from egide.journal.errors import ChainBroken


class Proof(msgspec.Struct, frozen=True):
    """What was proven. `running` (32 bytes) sums up all hashes; noted elsewhere, it shows a cut-off end too."""

    events: int
    streams: int
    last_seq: int
    running: bytes


def verify(rows: Iterable[Stored], complete: bool = True) -> Proof:
    """Check rows in the order of their seq. Raises ChainBroken at the first that does not fit.

    `complete` says that these are all events from the first on, so that no seq may be missing; otherwise each stream
    in `rows` must be whole.
    """
    heads: dict[str, tuple[int, bytes]] = {}
    running = GENESIS
    events = last_seq = 0
    for row in rows:
        _check_seq(row, last_seq, complete)
        version, head = heads.get(row.stream, (0, GENESIS))
        if row.version != version + 1:
            raise ChainBroken(row.seq, f"{row.stream} jumps from version {version} to {row.version}")
        if row.prev != head:
            raise ChainBroken(row.seq, f"does not follow version {version} of {row.stream}")
        if not _is_unchanged(row):
            raise ChainBroken(row.seq, "was changed: its hash does not fit")
        heads[row.stream] = (row.version, row.hash)
        running = hashlib.sha256(running + row.hash).digest()
        events, last_seq = events + 1, row.seq
    return Proof(events, len(heads), last_seq, running)


def _is_unchanged(row: Stored) -> bool:
    """Whether the row is what its hash covers; SQLite lets anybody who edits the file put any type anywhere."""
    try:
        return hash_of(row) == row.hash
    except TypeError:
        return False


def _check_seq(row: Stored, last_seq: int, complete: bool) -> None:
    if complete and row.seq != last_seq + 1:
        raise ChainBroken(row.seq, f"{row.seq - last_seq - 1} events are missing before it")
    if row.seq <= last_seq:
        raise ChainBroken(row.seq, f"stands behind event {last_seq}")
