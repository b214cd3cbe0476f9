"""The master key: one file, or two parts that two authorities keep (safety rule 36), or a token (`token`).

A part is random: part one is drawn, part two is part one XOR the key. Each alone says nothing whatever about the key;
only both together give it back. While the key is replaced the file holds two, and the one that opens the keys counts.
"""

import hashlib
import os
import secrets
from pathlib import Path

import msgspec

from egide.common.config import Config, NotSetUp
from egide.common.files import handed_or, secret_pair
from egide.common.sealing import KEY_BYTES, SealingKey, UnsealError
from egide.common.text import _
from egide.journal.engines.base import Asking, KeyPlace
from egide.journal.errors import JournalError
from egide.journal.sealing.token import TokenError, master_from_token, read_uri

PARTS_FORMAT = "egide-master-part-1"
MASTER_FILE = "master.key"
_CHECK_BYTES = 8
# So many keys of cases are tried: one that was damaged says nothing about the master key.
_TRIED = 8


class MasterKeyError(JournalError, NotSetUp):
    """The master key is not where the settings say, or not the right one; the message says what to do."""


class Part(msgspec.Struct, frozen=True):
    """One half of the split key, as JSON. `set` tells parts of different splits apart, `check` finds a typing error."""

    format: str
    set: str
    part: int
    secret: bytes
    check: str


def split_key(key: bytes) -> tuple[Part, Part]:
    """Two parts of `key`, each of which alone is random."""
    first = os.urandom(len(key))
    second = bytes(a ^ b for a, b in zip(key, first, strict=True))
    name = secrets.token_hex(4)
    return _part(name, 1, first), _part(name, 2, second)


def join_parts(parts: tuple[Part, Part]) -> bytes:
    """The key behind two parts of one split. Raises MasterKeyError."""
    first, second = parts
    if first.set != second.set:
        raise MasterKeyError(
            _("The parts come from two different splits ({first} and {second}).").format(
                first=first.set, second=second.set
            )
        )
    if first.part == second.part:
        raise MasterKeyError(_("This is the same part twice; the key needs part 1 and part 2."))
    return bytes(a ^ b for a, b in zip(first.secret, second.secret, strict=True))


def write_part(part: Part, path: Path) -> None:
    """Write a new file that only its owner reads, durable. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(part) + b"\n")
        file.flush()
        os.fsync(descriptor)


def read_part(path: Path) -> Part:
    """A part from its file. Raises MasterKeyError."""
    try:
        part = msgspec.json.decode(path.read_bytes(), type=Part)
    except OSError as error:
        why = _("Part of the master key: {path} cannot be read ({why}).")
        raise MasterKeyError(why.format(path=path, why=error.strerror)) from error
    except msgspec.MsgspecError as error:
        why = _("{path} is not a part of a master key ({why}).")
        raise MasterKeyError(why.format(path=path, why=error)) from error
    is_whole = part.format == PARTS_FORMAT and len(part.secret) == KEY_BYTES
    if not is_whole or part != _part(part.set, part.part, part.secret):
        raise MasterKeyError(_("{path} is damaged: restore it from its copy.").format(path=path))
    return part


def open_master(config: Config, keys: KeyPlace) -> SealingKey:
    """The master key from a token (EGIDE_MASTER_TOKEN), from its two parts (EGIDE_MASTER_PARTS) or from master.key,
    made at the very first start.

    Raises MasterKeyError: also when there are keys and the one that wrapped them is missing, since a new one would open
    nothing.
    """
    if (elsewhere := _from_elsewhere(config)) is not None:
        return elsewhere
    path = handed_or(config.data_dir / MASTER_FILE)
    # Looked for again at the end: another process may be making both at this very moment, master.key first.
    if not path.exists() and _holds_keys(keys) and not path.exists():
        raise MasterKeyError(_missing(path))
    present, following = secret_pair(path, KEY_BYTES)
    if following is not None and _opens(keys, SealingKey(following)):
        return SealingKey(following)
    return SealingKey(present)


def masters(config: Config) -> tuple[SealingKey, ...]:
    """The master key that the settings name, for who cannot ask the keys which of two is in force: then both.

    Nothing is made. Raises MasterKeyError.
    """
    if (elsewhere := _from_elsewhere(config)) is not None:
        return (elsewhere,)
    path = handed_or(config.data_dir / MASTER_FILE)
    if not path.exists():
        raise MasterKeyError(_missing(path))
    present, following = secret_pair(path, KEY_BYTES)
    return tuple(SealingKey(key) for key in (present, following) if key is not None)


def _from_elsewhere(config: Config) -> SealingKey | None:
    """That of a token or of two parts; None where it is a file. Raises MasterKeyError."""
    if config.master_token:
        try:
            return master_from_token(config, read_uri(config.master_token))
        except TokenError as error:
            raise MasterKeyError(str(error)) from error
    if not config.master_parts:
        return None
    if len(config.master_parts) != 2:
        raise MasterKeyError(_("EGIDE_MASTER_PARTS names two files, with a colon between them."))
    first, second = map(read_part, config.master_parts)
    return SealingKey(join_parts((first, second)))


def _missing(path: Path) -> str:
    return _(
        "{path} is missing, and there are keys that need it: name its two parts in EGIDE_MASTER_PARTS,"
        " or restore it from its copy."
    ).format(path=path)


def case_label(case: str) -> bytes:
    """The place to which a wrapped key of a case is bound."""
    return b"case-key:" + case.encode()


def opens_keys(keys: Asking, master: SealingKey) -> bool | None:
    """Whether this key opens those that are there; None when there are none. Raises sqlite3.Error,
    JournalUnavailable.
    """
    rows = keys.execute("SELECT case_id, wrapped FROM case_key LIMIT ?", (_TRIED,)).fetchall()
    for case, wrapped in rows:
        try:
            master.unseal(wrapped, case_label(case))
        except UnsealError:
            continue
        return True
    return False if rows else None


def _opens(keys: KeyPlace, master: SealingKey) -> bool:
    return keys.is_there() and bool(opens_keys(keys, master))


def _part(name: str, number: int, secret: bytes) -> Part:
    digest = hashlib.sha256(f"{PARTS_FORMAT}\t{name}\t{number}\t".encode() + secret)
    return Part(PARTS_FORMAT, name, number, secret, digest.hexdigest()[: 2 * _CHECK_BYTES])


def _holds_keys(keys: KeyPlace) -> bool:
    return keys.is_there() and keys.execute("SELECT 1 FROM case_key LIMIT 1").fetchone() is not None
