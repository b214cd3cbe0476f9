"""Small secret files: made once, readable by their owner only, the same for every process that asks. Folders that keep
the names of new files over a power cut, and files whose lock one holds at a time.

A process that may not read the owner's files is handed those it needs as credentials of systemd (LoadCredential=).
"""

import hashlib
import os
import stat
from io import FileIO
from pathlib import Path

from egide.common.settings import NotSetUp
from egide.common.text import _


class KeyFileError(NotSetUp, ValueError):
    """A key's file is damaged, or not for this process; the message says what to do."""


def handed_or(path: Path) -> Path:
    """The credential that systemd hands to this process under the file's name; without one the file itself."""
    place = os.environ.get("CREDENTIALS_DIRECTORY", "")
    handed = Path(place, path.name)
    return handed if place and handed.exists() else path


def check_private(path: Path) -> None:
    """A secret that an administrator wrote is for its owner and one group. Raises ValueError, OSError."""
    if path.stat().st_mode & stat.S_IRWXO:
        raise ValueError(f"others can read {path}: give it mode 0640")


def secret_file(path: Path, size: int) -> bytes:
    """The `size` random bytes kept in `path`, or handed under its name; the first process to ask makes them (mode 0600,
    fsync).

    Raises KeyFileError when it cannot be read or made, or holds another number of bytes.
    """
    path = handed_or(path)
    data = _read(path, size)
    if len(data) != size:
        text = _("{path} is damaged (bytes: {found} instead of {size}): put its copy in its place.")
        raise KeyFileError(text.format(path=path, found=len(data), size=size))
    return data


def secret_pair(path: Path, size: int) -> tuple[bytes, bytes | None]:
    """The same, and the key that is to follow it, which stands behind it in the file while it is being replaced.

    One file for both: whoever is handed the one has the other, and both change in one step. Raises KeyFileError.
    """
    if len(data := _read(handed_or(path), size)) == 2 * size:
        return data[:size], data[size:]
    return secret_file(path, size), None


def _read(path: Path, size: int) -> bytes:
    """What is there; `size` random bytes where nothing was. Raises KeyFileError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    except OSError as error:
        text = _(
            "{path} cannot be read ({why}): it must belong to the account that starts this, or be handed over by the"
            " unit (LoadCredential=)."
        )
        raise KeyFileError(text.format(path=path, why=error.strerror)) from error
    try:
        _make(path, os.urandom(size))
        return path.read_bytes()
    except OSError as error:
        text = _("{path} cannot be made ({why}): the account that starts this must own the folder.")
        raise KeyFileError(text.format(path=path, why=error.strerror)) from error


def mark_of_key(key: bytes) -> str:
    """Eight hex digits by which a process says which key it knows; they lead back to none that is random."""
    return hashlib.sha256(b"egide-key-mark-1\0" + key).hexdigest()[:8]


def replace_secret(path: Path, data: bytes) -> None:
    """Put `data` in the place of a secret file in one step, durable, for its owner alone. Raises OSError."""
    _draft(path, data).replace(path)
    sync_folder(path.parent)


def _make(path: Path, data: bytes) -> None:
    """Write beside and link into place: a second writer keeps the first one's bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, data)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, data: bytes) -> Path:
    """A file beside `path` with these bytes, on the disk, for its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return draft


def put_in_place(draft: Path, path: Path) -> None:
    """Give a draft its name once it is on the disk: whoever reads has the old file or the new one. Raises OSError."""
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def lock_file(path: Path, mode: int = 0o660) -> FileIO:
    """A file to take the lock of (flock(2)), made where it is not there. Each opening of it is another holder; it is
    closed with the last reference. Raises OSError."""
    return open(path, "ab", buffering=0, opener=lambda name, flags: os.open(name, flags, mode))


def sync_folder(folder: Path) -> None:
    """A name that was given or taken in it is on the disk only when the folder is (POSIX)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
