"""Whether the master key is where it should be, opens what it must, and lies with two authorities (safety rule 36)."""

from collections.abc import Iterator

from egide.common.config import Config
from egide.common.files import handed_or
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding, on_one_disk
from egide.journal.errors import JournalError
from egide.journal.sealing.keys import KeyStore
from egide.journal.sealing.master import MASTER_FILE, open_master

CHECK = "keys"


def keys(config: Config) -> Iterator[Finding]:
    """Nothing is made here: a key that is missing stays missing."""
    path, keys_db = handed_or(config.data_dir / MASTER_FILE), config.data_dir / "keys.db"
    if not config.master_parts and not path.exists():
        text = _("{path} is missing: name its two parts in EGIDE_MASTER_PARTS, or restore it from its copy.")
        yield Finding(CHECK, WRONG, text.format(path=path))
        return
    try:
        store = KeyStore(keys_db, open_master(config, keys_db))
        try:
            store.check_master()
        finally:
            store.close()
    except (JournalError, OSError, ValueError) as error:
        yield Finding(CHECK, WRONG, str(error))
        return
    if not config.master_parts:
        yield from _whole(config)
    elif path.exists():
        text = _("The master key is split, and {path} still opens everything: delete it, and its copies.")
        yield Finding(CHECK, WRONG, text.format(path=path))
    elif config.master_parts[0].parent == config.master_parts[1].parent or on_one_disk(*config.master_parts):
        yield Finding(
            CHECK, LOOK, _("Both parts of the master key lie in one place: whoever takes that has the key.")
        )
    else:
        yield Finding(CHECK, OK, _("The master key is split, and both parts open the keys of the cases."))


def _whole(config: Config) -> Iterator[Finding]:
    path = handed_or(config.data_dir / MASTER_FILE)
    if path.stat().st_mode & 0o077:
        text = _("Others than its owner may read {path}: chmod 600 {path}, and ask who did.")
        yield Finding(CHECK, WRONG, text.format(path=path))
    else:
        yield Finding(
            CHECK, LOOK, _("The master key is one file: split it between two authorities (egide keys split).")
        )
