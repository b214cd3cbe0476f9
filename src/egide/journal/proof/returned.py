"""Whether a database that came back from a back-up brought keys along that were destroyed since (safety rule 29)."""

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.journal.errors import JournalError
from egide.journal.proof import checkpoints as c
from egide.journal.proof.checkpoint import Trust, read_checkpoints
from egide.journal.proof.erased import FILE_NAME, read_erased
from egide.journal.sealing.keys import KeyStore


def check_stay_erased(config: Config, keys: KeyStore) -> None:
    """Nothing starts on keys of cases that this machine's signed list calls erased. Raises NotSetUp,
    JournalUnavailable.

    For a journal in PostgreSQL, whose own tools know nothing of erasing; `egide restore` does it for files.
    """
    if not config.journal:
        return
    try:
        own = config.data_dir / c.FILE_NAME
        found, _unreadable = read_checkpoints(own.read_bytes() if own.exists() else b"")
        trust = Trust(bytes(c.signing_key(config).verify_key), found)
        listed, _unsigned = read_erased(config.data_dir / FILE_NAME, trust.covers)
    except (JournalError, OSError):
        # A list that is missing or of somebody else proves nothing: presses go on, `egide doctor` and watch say so.
        return
    alive = sum(keys.has(case) for case in {one.case for one in listed})
    if alive:
        text = _(
            "The database of the journal came back from a back-up with keys of erased files ({number}): run"
            " `egide journal restored` before anything starts."
        )
        raise NotSetUp(text.format(number=alive))
