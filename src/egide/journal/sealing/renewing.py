"""A new master key: every key in keys.db is wrapped anew, in one transaction, while the processes go on.

Until it is forgotten, keys.db holds the new one under the old one: by that, processes that run take it, and nothing
that is pressed meanwhile is lost. Cut off anywhere, the keys are all under the one or all under the other.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.common.files import replace_secret, secret_pair
from egide.common.sealing import KEY_BYTES, SealingKey, UnsealError
from egide.common.text import _
from egide.journal.errors import JournalError, or_unavailable
from egide.journal.sealing.keys import HANDED_LABEL, SQL, SYSTEM, KeyStore, system_key
from egide.journal.sealing.master import MASTER_FILE, MasterKeyError, case_label, open_master, opens_keys

_CHUNK = 5000


class Waiting(msgspec.Struct, frozen=True):
    """Since `at_us` another master key is in force, and the one before still leads to it."""

    generation: int
    at_us: int


class Renewed(msgspec.Struct, frozen=True):
    """So many keys are under the new master key; `damaged` ones did not open before, and were left as they are."""

    keys: int
    damaged: int


class RenewRefused(JournalError):
    """Nothing was changed; the message says why, and what to do."""


@or_unavailable
def waiting(keys_db: Path) -> Waiting | None:
    """The master key that is to be forgotten yet, if there is one."""
    with closing(open_database(keys_db, synchronous="FULL")) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'master_key'").fetchone():
            return None
        row = connection.execute(
            "SELECT generation, at_us FROM master_key WHERE handed IS NOT NULL"
        ).fetchone()
    return Waiting(*row) if row else None


def do_renew_file(config: Config, clock: Clock) -> Renewed | None:
    """Replace master.key. None when all was done but the last step, which is done then. Raises RenewRefused,
    MasterKeyError, JournalUnavailable, OSError.

    The new key stands behind the old one in the file before the first key is wrapped with it.
    """
    keys_db, path = config.data_dir / "keys.db", config.data_dir / MASTER_FILE
    present, following = secret_pair(path, KEY_BYTES)
    old = open_master(config, keys_db)
    renewed = None
    if following is None or old.raw != following:
        _check_nothing_waits(keys_db)
        following = following or SealingKey.fresh().raw
        replace_secret(path, present + following)
        renewed = do_renew(keys_db, old, SealingKey(following), clock)
    replace_secret(path, following)
    return renewed


@or_unavailable
def do_renew(keys_db: Path, old: SealingKey, new: SealingKey, clock: Clock) -> Renewed:
    """Wrap every key with `new` in place of `old`, all or none. Raises RenewRefused, MasterKeyError,
    JournalUnavailable.
    """
    _check_nothing_waits(keys_db)
    if new.raw == old.raw:
        raise RenewRefused(_("This is the master key in force; a new one is needed."))
    with _opened(keys_db) as connection, one_step(connection):
        if opens_keys(connection, old) is False:
            raise MasterKeyError(
                _("This master key opens none of the keys in keys.db: it belongs to another installation.")
            )
        connection.execute(
            "INSERT OR IGNORE INTO case_key VALUES (?, ?)",
            (SYSTEM, old.seal(system_key(old).raw, case_label(SYSTEM))),
        )
        renewed = _wrap_all(connection, old, new)
        connection.execute(
            "INSERT INTO master_key VALUES (1, 1, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET generation = generation + 1, handed = excluded.handed, at_us = excluded.at_us",
            (old.seal(new.raw, HANDED_LABEL), clock.now_us()),
        )
    return renewed


@or_unavailable
def do_forget(config: Config) -> bool:
    """Forget the master key before: whether there was one. Raises RenewRefused when what the settings name is not the
    one in force, MasterKeyError, KeysInUse, JournalUnavailable.
    """
    keys_db, path = config.data_dir / "keys.db", config.data_dir / MASTER_FILE
    named = open_master(config, keys_db)
    was_there = waiting(keys_db) is not None
    with _opened(keys_db) as connection, one_step(connection):
        if opens_keys(connection, named) is False:
            raise RenewRefused(
                _(
                    "The settings name the master key before: after the next start nothing would open. Name the new"
                    " one, start the processes again, and forget the old one then."
                )
            )
        connection.execute("UPDATE master_key SET handed = NULL")
    if config.master_parts or config.master_token:
        path.unlink(missing_ok=True)
    else:
        replace_secret(path, named.raw)
    scrub(keys_db, named)
    return was_there


def _check_nothing_waits(keys_db: Path) -> None:
    if waiting(keys_db) is not None:
        raise RenewRefused(
            _("An earlier master key is not forgotten yet: egide keys rotate master --finish comes first.")
        )


def _wrap_all(connection: sqlite3.Connection, old: SealingKey, new: SealingKey) -> Renewed:
    renewed, damaged, last = 0, 0, ""
    sql = "SELECT case_id, wrapped FROM case_key WHERE case_id > ? ORDER BY case_id LIMIT ?"
    while rows := connection.execute(sql, (last, _CHUNK)).fetchall():
        last = rows[-1][0]
        anew = []
        for case, wrapped in rows:
            label = case_label(case)
            try:
                key = old.unseal(wrapped, label)
            except UnsealError:
                damaged += 1
                continue
            anew.append((new.seal(key, label), case))
        connection.executemany("UPDATE case_key SET wrapped = ? WHERE case_id = ?", anew)
        renewed += len(anew)
    return Renewed(renewed, damaged)


@or_unavailable
def scrub(keys_db: Path, master: SealingKey) -> None:
    """No page still holds what only the old master key opens. Raises KeysInUse, JournalUnavailable."""
    store = KeyStore(keys_db, master)
    try:
        store.scrub()
    finally:
        store.close()


@contextmanager
def _opened(keys_db: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(keys_db, synchronous="FULL")) as connection:
        connection.executescript(SQL)
        yield connection
