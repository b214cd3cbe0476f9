"""Whether the master key is where it should be, opens what it must, and lies with two authorities (safety rule 36)."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from egide.common.clock import utc
from egide.common.config import Config
from egide.common.files import handed_or
from egide.common.sealing import KEY_BYTES
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding, on_one_disk
from egide.journal.engines.chosen import MOVED_KEYS, keys_of
from egide.journal.errors import JournalError
from egide.journal.sealing.keys import KeyStore
from egide.journal.sealing.master import MASTER_FILE, open_master
from egide.journal.sealing.renewing import Waiting, waiting

CHECK = "keys"
# Files in which a key may wait to follow another, and what ends that.
_PAIRS = {"checkpoint.key": "checkpoint", "live.key": "ticket", "receipt.key": "receipt"}


def keys(config: Config) -> Iterator[Finding]:
    """Nothing is made here: a key that is missing stays missing."""
    path = handed_or(config.data_dir / MASTER_FILE)
    if not config.master_parts and not config.master_token and not path.exists():
        text = _("{path} is missing: name its two parts in EGIDE_MASTER_PARTS, or restore it from its copy.")
        yield Finding(CHECK, WRONG, text.format(path=path))
        return
    try:
        place = keys_of(config)
        with closing(KeyStore(place, open_master(config, place))) as store:
            store.check_master()
            waits = waiting(place)
    except (JournalError, NotSetUp, OSError, ValueError) as error:
        yield Finding(CHECK, WRONG, str(error))
        return
    yield from _waiting(config, waits)
    if (config.data_dir / MOVED_KEYS).exists():
        text = _("{file} still opens what is erased from now on: delete it as soon as a back-up was made.")
        yield Finding(CHECK, LOOK, text.format(file=config.data_dir / MOVED_KEYS))
    if config.master_token:
        yield _in_token(path)
    elif not config.master_parts:
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


def _in_token(path: Path) -> Finding:
    if path.exists():
        text = _(
            "The master key is in a token, and {path} still leads to it: egide keys rotate master --finish."
        )
        return Finding(CHECK, WRONG, text.format(path=path))
    return Finding(CHECK, OK, _("The master key is in a token, and opens the keys of the cases."))


def _waiting(config: Config, waits: Waiting | None) -> Iterator[Finding]:
    """A key that was replaced and still leads to what it should not."""
    if waits is not None:
        text = _(
            "The master key was replaced on {date}, and the one before still leads to it: start all processes again,"
            " then egide keys rotate master --finish."
        )
        yield Finding(CHECK, LOOK, text.format(date=utc(waits.at_us).date().isoformat()))
    for name, command in _PAIRS.items():
        path = handed_or(config.data_dir / name)
        if path.exists() and path.stat().st_size > KEY_BYTES:
            date = utc(path.stat().st_mtime_ns // 1000).date().isoformat()
            text = _(
                "{file} holds an old key and a new one since {date}: egide keys rotate {command} --finish."
            )
            yield Finding(CHECK, LOOK, text.format(file=name, date=date, command=command))


def _whole(config: Config) -> Iterator[Finding]:
    path = handed_or(config.data_dir / MASTER_FILE)
    if path.stat().st_mode & 0o077:
        text = _("Others than its owner may read {path}: chmod 600 {path}, and ask who did.")
        yield Finding(CHECK, WRONG, text.format(path=path))
    else:
        yield Finding(
            CHECK, LOOK, _("The master key is one file: split it between two authorities (egide keys split).")
        )
