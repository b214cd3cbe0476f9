"""A journal whose database came back from a back-up of the database's own tools, on a machine whose files stayed."""

from importlib.metadata import version
from pathlib import Path

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.backup.making import FORMAT, Manifest
from egide.entrypoints.backup.restoring import Restored, RestoreRefused, prove
from egide.journal.service import Journal
from egide.journal.snapshot import blobs_with_a_key
from egide.outbox.copy import copy_again

WEB_KEY = "web.key"
# A piece of sound gets its key before its file; clocks of the database and of this disk may differ by as much.
_BEFORE_S = 3600


def prove_database(config: Config, clock: Clock, place: Path | None) -> Restored:
    """Hold it against itself, the master key, and the second place. Raises RestoreRefused, MasterKeyError,
    JournalError.

    What is gone is noted, signed, among the checkpoints of this machine.
    """
    journal = Journal.open(config, clock)
    try:
        head = journal.head()
        if not head:
            text = _("The restored database holds no event: it is not the one of this installation.")
            raise RestoreRefused(text)
        (last,) = journal.read_clear(head - 1, 1)
    finally:
        journal.close()
    return prove(config, clock, Manifest(FORMAT, version("egide"), last.at_us, head, last.at_us), place)


def do_fit(config: Config, manifest: Manifest) -> int:
    """Have what lies in files fit an older journal; how many rows of the records tell it their event once more.

    Pieces of sound that have no key any more would lie in the way when their phone sends them again, and a session of
    somebody who was signed out since would hold again. Safe to repeat. Raises OutboxUnavailable, JournalUnavailable,
    OSError.
    """
    again = copy_again(config, manifest.head)
    keyed = blobs_with_a_key(config)
    for path in (config.data_dir / "blobs").glob("??/*"):
        if path.name not in keyed and path.stat().st_mtime > manifest.at_us / 1e6 - _BEFORE_S:
            path.unlink()
    (config.data_dir / WEB_KEY).unlink(missing_ok=True)
    return again
