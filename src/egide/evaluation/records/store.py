"""Where the records lie: one Parquet file for each table in a folder of its build, and a file that names the build."""

import os
import shutil
import threading
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import msgspec
import polars as pl
from django.conf import settings

from egide.common.config import Config
from egide.common.encoding import decoder_of
from egide.evaluation.records.schemas import IMPORTED, SCHEMAS, empty
from egide.evaluation.records.shapes import About, Records

_CURRENT, _ABOUT, _PREPARED = "current", "about.json", "prepared.json"


class NoRecords(LookupError):
    """Nothing was built yet."""


class RecordStore:
    """Keeps builds and imported files in `data_dir`/evaluation, and the current records in memory."""

    def __init__(self, config: Config) -> None:
        self._dir = config.data_dir / "evaluation"
        self._lock = threading.Lock()
        self._loaded: tuple[str, Records] | None = None

    def save(self, records: Records, prepared: bytes = b"{}") -> None:
        """Write a build with its prepared answers and make it the current one; older ones go.

        Readers see the old or the new one, whole.
        """
        name = f"build-{records.about.built_at_us}-{os.getpid()}"
        folder = self._dir / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for table, rows in records.tables.items():
            if table not in IMPORTED:
                rows.write_parquet(folder / f"{table}.parquet")
        (folder / _ABOUT).write_bytes(msgspec.json.encode(asdict(records.about)))
        (folder / _PREPARED).write_bytes(prepared)
        self._point_to(name)
        for old in self._dir.glob("build-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    def keep_imported(self, table: str, rows: pl.DataFrame) -> None:
        """Put an imported table in the place of the one before."""
        folder = self._dir / "imported"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"{table}.{os.getpid()}"
        rows.write_parquet(draft)
        draft.replace(folder / f"{table}.parquet")

    def imported(self, table: str) -> pl.DataFrame:
        """What was imported, empty before."""
        path = self._dir / "imported" / f"{table}.parquet"
        return pl.read_parquet(path) if path.exists() else empty(table)

    def load(self) -> Records:
        """The current records; read from the disk when they changed. Raises NoRecords."""
        version = self._version()
        with self._lock:
            if self._loaded is None or self._loaded[0] != version:
                self._loaded = (version, self._read(version.partition(" ")[0]))
            return self._loaded[1]

    def prepared(self) -> bytes:
        """The prepared answers of the current records, "{}" where none were. Raises NoRecords."""
        path = self._dir / self._version().partition(" ")[0] / _PREPARED
        return path.read_bytes() if path.exists() else b"{}"

    def _version(self) -> str:
        try:
            name = (self._dir / _CURRENT).read_text(encoding="ascii")
        except FileNotFoundError as error:
            raise NoRecords("no records were built yet") from error
        files = [self._dir / "imported" / f"{table}.parquet" for table in IMPORTED]
        return " ".join([name, *(str(path.stat().st_mtime_ns) for path in files if path.exists())])

    def _read(self, name: str) -> Records:
        folder = self._dir / name
        about = decoder_of(About).decode((folder / _ABOUT).read_bytes())
        tables = {table: _built(folder, table) for table in SCHEMAS if table not in IMPORTED}
        tables |= {table: _placed(self.imported(table), tables["places"]) for table in IMPORTED}
        return Records(about, tables)

    def _point_to(self, name: str) -> None:
        draft = self._dir / f"{_CURRENT}.{os.getpid()}"
        draft.write_text(name, encoding="ascii")
        draft.replace(self._dir / _CURRENT)

    @property
    def folder(self) -> Path:
        return self._dir


def _built(folder: Path, table: str) -> pl.DataFrame:
    """A table of a build. Raises NoRecords for one that an earlier version did not make: the next build has it."""
    path = folder / f"{table}.parquet"
    if not path.exists():
        raise NoRecords(f"the records were built before there was {table}: build them anew")
    return pl.read_parquet(path)


def _placed(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """With the centre and office that the map of these records gives to each zone."""
    joined = rows.drop("centre", "office").join(places, on="zone", how="left")
    return joined.with_columns(pl.col("centre", "office").fill_null("")).select(rows.columns)


@lru_cache(maxsize=2)
def _store(config: Config) -> RecordStore:
    return RecordStore(config)


def store() -> RecordStore:
    """The record store of this installation."""
    return _store(settings.EGIDE)
