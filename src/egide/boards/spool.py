"""Readings that could not be recorded because the journal was down: kept on the disk, sealed, and recorded later."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from django.conf import settings

from egide.common.clock import utc
from egide.common.encoding import from_base64url, to_base64url
from egide.events.register import FileOpened
from egide.journal.sealing.keys import SYSTEM, KeyErased
from egide.journal.service import Entry, Journal
from egide.outbox.service import keys

_LABEL = b"response:spooled-reading"


def spool(reading: FileOpened, at_us: int) -> None:
    """Keep a reading, with its time in its reason; on the disk before this returns."""
    late = msgspec.structs.replace(reading, why=f"recorded late, read at {utc(at_us).isoformat()}")
    line = to_base64url(keys().record_key(SYSTEM).seal(msgspec.json.encode(late), _LABEL))
    with _locked() as file:
        file.seek(0, os.SEEK_END)
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def empty_spool(journal: Journal) -> int:
    """Record what was spooled; returns how many. Raises JournalError while the journal is still down.

    A crash between recording and emptying records a reading twice, which is better than never.
    """
    if not _path().exists():
        return 0
    key = keys().record_key(SYSTEM)
    with _locked() as file:
        lines = file.read().decode().splitlines()
        readings = [
            msgspec.json.decode(key.unseal(from_base64url(line), _LABEL), type=FileOpened) for line in lines
        ]
        if readings:
            kept = [reading for reading in readings if _has_key(reading.case)]
            journal.append([Entry(stream=f"case:{r.case}", event=r, case=r.case) for r in kept])
            file.truncate(0)
    return len(readings)


def _has_key(case: str) -> bool:
    """Whether the case still exists: the reading of an erased one must not hold up the others."""
    try:
        keys().case_key(case)
    except KeyErased:
        return False
    return True


@contextmanager
def _locked() -> Iterator[BinaryIO]:
    """The spool, held alone."""
    descriptor = os.open(_path(), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _path() -> Path:
    path: Path = settings.EGIDE.data_dir / "spooled-readings"
    return path
