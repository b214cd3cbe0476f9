"""Keys of cases: one random key each, kept in keys.db wrapped by the master key; a stream's key is derived from it.

Deleting one row makes every event, record and back-up sealed for that case unreadable.
"""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from egide.common.config import Config
from egide.common.files import secret_file
from egide.common.sealing import KEY_BYTES, SealingKey, UnsealError

SYSTEM = "system"
_SQL = "CREATE TABLE IF NOT EXISTS case_key (case_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID"
_STREAM = b"egide-stream-1\0"
_RECORD = b"egide-record-1\0"


class KeyErased(Exception):
    """There is no key for this case (any more): what was sealed for it cannot be read."""


class KeyStore:
    """Unwraps and makes keys; safe to share between threads."""

    def __init__(self, path: Path, master: SealingKey) -> None:
        self._master = master
        self._lock = threading.Lock()
        self._cases: dict[str, SealingKey] = {}
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_SQL)

    @classmethod
    def open(cls, config: Config) -> "KeyStore":
        """The store of an installation; makes master.key at the first start."""
        master = SealingKey(secret_file(config.data_dir / "master.key", KEY_BYTES))
        return cls(config.data_dir / "keys.db", master)

    def ensure(self, case: str) -> SealingKey:
        """The key of `case`, made now if there is none."""
        wrapped = self._master.seal(SealingKey.fresh().raw, _label(case))
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO case_key VALUES (?, ?)", (case, wrapped))
        return self.case_key(case)

    def case_key(self, case: str) -> SealingKey:
        """The key of `case`. Raises KeyErased."""
        key = self._cases.get(case)
        if key is None:
            key = self._master.derive(b"egide-system-1") if case == SYSTEM else self._unwrap(case)
            self._cases[case] = key
        return key

    def stream_key(self, case: str, stream: str) -> SealingKey:
        """The key for the events of one stream: enough to read this stream and nothing else."""
        return self.case_key(case).derive(_STREAM + stream.encode())

    def record_key(self, case: str) -> SealingKey:
        """The key for the personal fields of ordinary records of `case`."""
        return self.case_key(case).derive(_RECORD)

    def warm(self, limit: int = 200_000) -> None:
        """Unwrap the keys of up to `limit` cases ahead, so that a press does not wait for it.

        One that cannot be unwrapped is left for whoever asks for it: the others must not suffer.
        """
        with self._lock:
            rows = self._connection.execute(
                "SELECT case_id, wrapped FROM case_key LIMIT ?", (limit,)
            ).fetchall()
        for case, wrapped in rows:
            with suppress(UnsealError):
                self._cases[case] = SealingKey(self._master.unseal(wrapped, _label(case)))

    def _unwrap(self, case: str) -> SealingKey:
        with self._lock:
            row = self._connection.execute(
                "SELECT wrapped FROM case_key WHERE case_id = ?", (case,)
            ).fetchone()
        if row is None:
            raise KeyErased(f"no key for case {case}")
        return SealingKey(self._master.unseal(row[0], _label(case)))


def _label(case: str) -> bytes:
    return b"case-key:" + case.encode()
