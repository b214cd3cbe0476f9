"""A new master key: every key is wrapped anew, in one transaction, while the processes go on.

Until it is forgotten, the new one stands under the old one beside them: by that, processes that run take it, and
nothing that is pressed meanwhile is lost. Cut off anywhere, the keys are all under the one or all under the other.
"""

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.files import replace_secret, secret_pair
from egide.common.sealing import KEY_BYTES, SealingKey, UnsealError
from egide.common.text import _
from egide.journal.engines.base import Execute, KeyPlace
from egide.journal.engines.chosen import keys_of
from egide.journal.errors import JournalError, or_unavailable
from egide.journal.sealing.keys import HANDED_LABEL, SYSTEM, KeyStore, system_key
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
def waiting(keys: KeyPlace) -> Waiting | None:
    """The master key that is to be forgotten yet, if there is one."""
    row = keys.execute("SELECT generation, at_us FROM master_key WHERE handed IS NOT NULL").fetchone()
    return Waiting(*row) if row else None


def do_renew_file(config: Config, clock: Clock) -> Renewed | None:
    """Replace master.key. None when all was done but the last step, which is done then. Raises RenewRefused,
    MasterKeyError, JournalUnavailable, OSError.

    The new key stands behind the old one in the file before the first key is wrapped with it.
    """
    keys, path = keys_of(config), config.data_dir / MASTER_FILE
    present, following = secret_pair(path, KEY_BYTES)
    old = open_master(config, keys)
    renewed = None
    if following is None or old.raw != following:
        _check_nothing_waits(keys)
        following = following or SealingKey.fresh().raw
        replace_secret(path, present + following)
        renewed = do_renew(keys, old, SealingKey(following), clock)
    replace_secret(path, following)
    return renewed


@or_unavailable
def do_renew(keys: KeyPlace, old: SealingKey, new: SealingKey, clock: Clock) -> Renewed:
    """Wrap every key with `new` in place of `old`, all or none. Raises RenewRefused, MasterKeyError,
    JournalUnavailable.
    """
    _check_nothing_waits(keys)
    if new.raw == old.raw:
        raise RenewRefused(_("This is the master key in force; a new one is needed."))
    with keys.step() as execute:
        if opens_keys(keys, old) is False:
            raise MasterKeyError(
                _("This master key opens none of the keys here: it belongs to another installation.")
            )
        execute(
            "INSERT INTO case_key VALUES (?, ?) ON CONFLICT DO NOTHING",
            (SYSTEM, old.seal(system_key(old).raw, case_label(SYSTEM))),
        )
        renewed = _wrap_all(execute, old, new)
        execute(
            "INSERT INTO master_key VALUES (1, 1, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET generation = master_key.generation + 1, handed = excluded.handed, at_us = excluded.at_us",
            (old.seal(new.raw, HANDED_LABEL), clock.now_us()),
        )
    return renewed


@or_unavailable
def do_forget(config: Config) -> bool:
    """Forget the master key before: whether there was one. Raises RenewRefused when what the settings name is not the
    one in force, MasterKeyError, KeysInUse, JournalUnavailable.
    """
    keys, path = keys_of(config), config.data_dir / MASTER_FILE
    named = open_master(config, keys)
    was_there = waiting(keys) is not None
    with keys.step() as execute:
        if opens_keys(keys, named) is False:
            raise RenewRefused(
                _(
                    "The settings name the master key before: after the next start nothing would open. Name the new"
                    " one, start the processes again, and forget the old one then."
                )
            )
        execute("UPDATE master_key SET handed = NULL")
    if config.master_parts or config.master_token:
        path.unlink(missing_ok=True)
    else:
        replace_secret(path, named.raw)
    scrub(keys, named)
    return was_there


def _check_nothing_waits(keys: KeyPlace) -> None:
    if waiting(keys) is not None:
        raise RenewRefused(
            _("An earlier master key is not forgotten yet: egide keys rotate master --finish comes first.")
        )


def _wrap_all(execute: Execute, old: SealingKey, new: SealingKey) -> Renewed:
    renewed, damaged, last = 0, 0, ""
    sql = "SELECT case_id, wrapped FROM case_key WHERE case_id > ? ORDER BY case_id LIMIT ?"
    while rows := execute(sql, (last, _CHUNK)).fetchall():
        last = rows[-1][0]
        for case, wrapped in rows:
            label = case_label(case)
            try:
                key = old.unseal(wrapped, label)
            except UnsealError:
                damaged += 1
                continue
            execute("UPDATE case_key SET wrapped = ? WHERE case_id = ?", (new.seal(key, label), case))
            renewed += 1
    return Renewed(renewed, damaged)


@or_unavailable
def scrub(keys: KeyPlace, master: SealingKey) -> None:
    """No page still holds what only the old master key opens. Raises KeysInUse, JournalUnavailable."""
    KeyStore(keys, master).scrub()
