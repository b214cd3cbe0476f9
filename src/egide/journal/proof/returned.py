"""Whether a database that came back from a back-up brought keys along that were destroyed since (safety rule 29).

The list of erased cases is held by its signature. Who begins alone has no key that signs, so the public one stands in
a file of this machine; a key that was handed on since is known by the checkpoints that handed it on.
"""

import os
from pathlib import Path

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.journal.errors import JournalError, JournalUnavailable
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import Trust, read_checkpoints
from egide.journal.proof.erased import FILE_NAME, read_erased
from egide.journal.sealing.keys import KeyStore

PUBLIC_FILE = "checkpoint.pub"
# Public: whoever may read the journal may read it.
_MODE = 0o640


class KeysReturned(JournalUnavailable):
    """The database holds keys of erased cases: nothing of it is used before `egide journal restored`."""


def note_public_key(config: Config) -> None:
    """Keep, on this machine, whose list of erased cases counts. For who holds the key that signs it. Raises OSError."""
    path, key = config.data_dir / PUBLIC_FILE, bytes(c.signing_key(config).verify_key)
    if path.exists() and path.read_bytes() == key:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    draft.replace(path)


def check_stay_erased(config: Config, keys: KeyStore) -> None:
    """Nothing starts on keys of cases that this machine's signed list calls erased. Raises NotSetUp,
    JournalUnavailable.
    """
    try:
        check_not_returned(config, keys)
    except KeysReturned as error:
        raise NotSetUp(str(error)) from error


def check_not_returned(config: Config, keys: KeyStore) -> None:
    """The same for who can keep what comes until the database may be used. Raises KeysReturned, JournalUnavailable.

    For a journal in PostgreSQL, whose own tools know nothing of erasing; `egide restore` does it for files.
    """
    if not config.journal:
        return
    try:
        own = (config.data_dir / PUBLIC_FILE).read_bytes()
        found, _unreadable = read_checkpoints(_bytes_of(config.data_dir / c.FILE_NAME))
        listed, _unsigned = read_erased(config.data_dir / FILE_NAME, Trust(own, found).covers)
    except (JournalError, OSError):
        # A list that is missing or of somebody else proves nothing: presses go on, `egide doctor` and watch say so.
        return
    alive = keys.count({one.case for one in listed})
    if alive:
        text = _(
            "The database of the journal came back from a back-up with keys of erased files ({number}): run"
            " `egide journal restored` before anything starts."
        )
        raise KeysReturned(text.format(number=alive))


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
