"""The technical lane: presses that named a known kit but did not verify (safety rule 10)."""

import sqlite3
from dataclasses import dataclass

from egide.access.rules import Scope
from egide.common.sealing import UnsealError
from egide.events.alarm import VerificationFailed
from egide.journal.keys import KeyErased
from egide.journal.service import Journal

_LOOK_BACK = 20_000
_KEPT = 50
SHOWN_FOR_S = 24 * 3600


@dataclass(frozen=True)
class Failed:
    """One message that could not be verified."""

    device: str
    reason: str
    at_us: int
    seq: int
    centres: tuple[str, ...]


class TechnicalLane:
    """Follows the journal by its clear columns; unseals only what failed to verify."""

    def __init__(self) -> None:
        self._seq: int | None = None
        self._failed: tuple[Failed, ...] = ()

    def entries(self, journal: Journal, scope: Scope, now_us: int) -> list[Failed]:
        """What failed at this centre's kits in the last 24 hours, latest first.

        A kit without a centre is everybody's.
        """
        self._catch_up(journal)
        since_us = now_us - SHOWN_FOR_S * 1_000_000
        return [
            failed
            for failed in reversed(self._failed)
            if failed.at_us >= since_us and (not failed.centres or scope.centres.intersection(failed.centres))
        ]

    def _catch_up(self, journal: Journal) -> None:
        head = journal.head()
        after = max(0, head - _LOOK_BACK) if self._seq is None else self._seq
        if head == after:
            return
        found = (_read(journal, seq) for seq in _failures(journal.connection, after, head))
        self._failed = (*self._failed, *filter(None, found))[-_KEPT:]
        self._seq = head


def _read(journal: Journal, seq: int) -> Failed | None:
    """One failure; None when its case was erased."""
    row = journal.read(after=seq - 1, limit=1)[0]
    try:
        event = journal.open_event(row)
    except (KeyErased, UnsealError):
        return None
    assert isinstance(event, VerificationFailed), row.kind
    return Failed(event.device, event.reason, row.at_us, seq, row.centres)


def _failures(connection: sqlite3.Connection, after: int, until: int) -> list[int]:
    sql = "SELECT seq FROM event WHERE seq > ? AND seq <= ? AND kind = ? ORDER BY seq"
    return [seq for (seq,) in connection.execute(sql, (after, until, VerificationFailed.__name__))]
