"""The file of a back-up: a tar archive, sealed to one recipient by age (age-encryption.org/v1).

Both are formats that outlive this software: `age -d -i KEY FILE | tar x` opens it. age seals in pieces of 64 KiB and
marks the last one, so that a file that was cut off or changed does not open to its end.
"""

import io
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

import pyrage

from egide.common.text import _

MANIFEST = "backup.json"
KEYS = "keys.json"
SETTINGS = "settings.env"
_FILES = {
    MANIFEST, KEYS, SETTINGS, "journal.db", "app.db", "checkpoints.jsonl", "erased.jsonl", "spooled-readings",
    "retention.toml", "canary.pub", "canary.key", "checkpoint.key", "receipt.key", "receipt-keys", "surveys.key",
    "team-codes.key", "vapid.key",
}  # fmt: skip
_BELOW = re.compile(r"(blobs/[0-9a-f]{2}/[0-9a-f]{64}|(zones|sign)(/[A-Za-z0-9][A-Za-z0-9._-]*)+)")
_CHUNK = 1 << 20

Member = tuple[str, bytes | Path]


class ArchiveRefused(Exception):
    """This file is no back-up that can be opened; the message says why, and what to do."""


def is_known(name: str) -> bool:
    """Whether a back-up may hold a file of this name: nothing else is ever written by a restore."""
    return name in _FILES or _BELOW.fullmatch(name) is not None


def write_archive(out: BinaryIO, recipient: str, members: Iterable[Member]) -> None:
    """Seal these files into `out`. One that has gone meanwhile is left out. Raises ArchiveRefused, OSError."""
    try:
        to = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        text = _("EGIDE_BACKUP_RECIPIENT is {word!r}: no recipient of age ({why}).")
        raise ArchiveRefused(text.format(word=recipient, why=error)) from error

    def pack(pipe: BinaryIO) -> None:
        with tarfile.open(fileobj=pipe, mode="w|", bufsize=_CHUNK) as tar:
            for name, content in members:
                _add(tar, name, content)

    with _beside(pack) as pipe:
        pyrage.encrypt_io(pipe, out, [to])


def read_archive(file: BinaryIO, key: Path, take: Callable[[str, IO[bytes]], None]) -> None:
    """Hand over the files of a back-up, one after the other as they come.

    What was taken is whole only when this has returned. Raises ArchiveRefused, and what `take` raises but OSError.
    """
    identity = read_identity(key)

    def unseal(pipe: BinaryIO) -> None:
        pyrage.decrypt_io(file, pipe, [identity])

    try:
        with _beside(unseal) as pipe, tarfile.open(fileobj=pipe, mode="r|", bufsize=_CHUNK) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not is_known(member.name):
                    raise ArchiveRefused(
                        _("The back-up holds {name!r}, which no back-up of Egide does.").format(
                            name=member.name
                        )
                    )
                take(member.name, content)
            while pipe.read(_CHUNK):
                pass
    except pyrage.DecryptError as error:
        text = _(
            "{file} does not open with this key ({why}): it is sealed to another one, or it is no back-up."
        )
        raise ArchiveRefused(text.format(file=file.name, why=error)) from error
    except (tarfile.TarError, OSError) as error:
        text = _("{file} is not whole ({why}): take another back-up.")
        raise ArchiveRefused(text.format(file=file.name, why=error)) from error


def new_identity() -> tuple[str, str]:
    """A new key that opens back-ups (a line for a file), and its recipient."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def read_identity(path: Path) -> "pyrage.x25519.Identity":
    """The key in a file as `egide keys backup` and `age-keygen` write it. Raises ArchiveRefused."""
    try:
        lines = path.read_text(encoding="ascii").split()
        word = next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
        return pyrage.x25519.Identity.from_str(word)
    except (OSError, ValueError, pyrage.IdentityError) as error:
        text = _("{path} holds no key that opens back-ups: name the file that `egide keys backup` wrote.")
        raise ArchiveRefused(text.format(path=path)) from error


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    with suppress(FileNotFoundError), _reading(content) as source:
        entry = tarfile.TarInfo(name)
        entry.mode, entry.size = 0o600, source.seek(0, os.SEEK_END)
        source.seek(0)
        tar.addfile(entry, source)


@contextmanager
def _reading(content: bytes | Path) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    with content.open("rb") as file:
        yield file


@contextmanager
def _beside(work: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """What `work` writes, to be read here meanwhile. What it raises is raised here, unless this side failed first."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb") as end:
            try:
                work(end)
            except BaseException as error:
                failed.append(error)

    thread = threading.Thread(target=run, name="backup-pipe")
    thread.start()
    try:
        with os.fdopen(reading, "rb") as ours:
            yield ours
    except tarfile.TarError:
        # An archive that breaks off is what a key that does not fit looks like from here.
        thread.join()
        if failed:
            raise failed[0] from None
        raise
    finally:
        thread.join()
    if failed:
        raise failed[0]
