"""Journal, keys and records as they stood at one moment, copied while everything goes on.

Each database is read as of one instant; all these instants lie within one hold of the journal's lock. Nothing enters
the journal meanwhile and no key is destroyed, so the copy is what a cut of the power would have left at that moment.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Protocol

from egide.common.clock import Clock
from egide.common.config import Config
from egide.journal.engines.base import Copier
from egide.journal.engines.chosen import engine_of, keys_of
from egide.journal.engines.sqlite_copy import FileCopier
from egide.journal.errors import or_unavailable
from egide.journal.sealing.keys import KeyRows, read_rows


class Records(Protocol):
    """A reader of the registers' records, as they stand when it begins."""

    def begin(self) -> None: ...
    def write(self, path: Path) -> None: ...
    def close(self) -> None: ...


class Snapshot:
    """What stood at `at_us`: `head` is the last event's seq then, `last_us` its time (both 0 when there is none)."""

    def __init__(self, at_us: int, journal: Copier, records: Records | None, keys: KeyRows) -> None:
        self.at_us = at_us
        self.keys = keys
        self._journal = journal
        self._records = records
        self.head, self.last_us = journal.last()

    def copy_journal(self, path: Path) -> None:
        """Write the journal of that moment as a new database: a file, whichever engine keeps it."""
        self._journal.write(path)

    def copy_records(self, path: Path) -> bool:
        """Write the registers' records of that moment; False when there are none yet."""
        if self._records is None:
            return False
        self._records.write(path)
        return True


@contextmanager
def at_one_moment(config: Config, clock: Clock, elsewhere: Records | None = None) -> Iterator[Snapshot]:
    """The databases of an installation as they stand now; `elsewhere` reads records that stand in no file. Raises
    JournalUnavailable, NotSetUp, and what `elsewhere` raises.

    The lock is held while three readers begin, well under a millisecond in files; copying holds up nobody. An outbox
    row that the records call copied is in the journal: it was there before the records said so. One that only the
    journal has is copied again and found there by its id. The keys are read last: there is one for all that is sealed.
    """
    engine = engine_of(config)
    with ExitStack() as opened:
        journal = opened.enter_context(closing(engine.copier()))
        keys = opened.enter_context(closing(keys_of(config).copier()))
        records = elsewhere
        if records is None and config.app_db.exists():
            records = opened.enter_context(closing(FileCopier(config.app_db)))
        with engine.pausing():
            at_us = clock.now_us()
            for reader in (records, journal, keys):
                if reader is not None:
                    reader.begin()
        yield Snapshot(at_us, journal, records, read_rows(keys))


@or_unavailable
def blobs_with_a_key(config: Config) -> set[str]:
    """The pieces of sound that have a key of their own now, by digest."""
    with closing(keys_of(config).copier()) as keys:
        return {digest for (digest,) in keys.execute("SELECT digest FROM blob_key")}
