"""What is too large for the journal, and may have to go before it: sound. Sealed under a key of its own (`keys`).

The journal keeps its hash alone, by which it is named. Without its key, or its case's, no copy of it can be read.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from egide.common.config import Config
from egide.common.files import sync_folder
from egide.journal.sealing.keys import KeyErased, KeyStore

_LABEL = b"blob:"


class NoSuchBlob(LookupError):
    """Nothing is kept under this hash (any more)."""


class Blobs:
    """Files below `blobs/` in the data directory."""

    def __init__(self, config: Config, keys: KeyStore) -> None:
        self._directory = config.data_dir / "blobs"
        self._keys = keys

    def put(self, case: str, digest: str, data: bytes) -> None:
        """Keep `data` under `digest` (SHA-256, hex), on the disk when this returns. Raises KeyErased, OSError."""
        path = self._path(digest)
        if path.exists():
            return
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        draft = path.with_name(f"{digest}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660)
        try:
            key = self._keys.ensure_blob(case, digest)
            os.write(descriptor, key.seal(data, _LABEL + digest.encode()))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(path)
        sync_folder(path.parent)

    def has(self, digest: str) -> bool:
        """Whether something is kept under `digest`."""
        return self._path(digest).exists()

    def get(self, case: str, digest: str) -> bytes:
        """What is kept under `digest`. Raises NoSuchBlob, KeyErased, UnsealError."""
        try:
            sealed = self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NoSuchBlob(digest) from error
        try:
            key = self._keys.blob_key(case, digest)
        except KeyErased:
            # Pieces from before blobs had keys of their own; one whose key was destroyed does not open by this.
            key = self._keys.record_key(case)
        return key.unseal(sealed, _LABEL + digest.encode())

    def discard(self, digests: Sequence[str]) -> None:
        """Keep them no longer, here or in any copy: their keys go first. Safe to repeat; then call `KeyStore.scrub`."""
        self._keys.destroy_blobs(digests)
        for digest in digests:
            self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / digest
