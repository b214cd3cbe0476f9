"""Small secret files: made once, readable by their owner only, the same for every process that asks."""

import os
from pathlib import Path


def secret_file(path: Path, size: int) -> bytes:
    """The `size` random bytes kept in `path`; the first process to ask makes them (mode 0600, fsync).

    Raises ValueError when the file holds another number of bytes.
    """
    if not path.exists():
        _make(path, os.urandom(size))
    data = path.read_bytes()
    if len(data) != size:
        raise ValueError(f"{path.name} holds {len(data)} bytes, expected {size}: restore it from a back-up")
    return data


def _make(path: Path, data: bytes) -> None:
    """Write beside and link into place: a second writer keeps the first one's bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
