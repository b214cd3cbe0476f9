"""The empty app.db with which a demo begins: what the migrations make, and of these migrations alone."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import egide
from egide.entrypoints.stack import migrated as m
from tests.support.pages import migrated

__all__ = ["migrated"]
_MAKE = "import sys; from pathlib import Path; from egide.entrypoints.stack import migrated as m;"


def described(app_db: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Tables, indexes and triggers; which migrations are noted."""
    with closing(sqlite3.connect(app_db)) as database:
        tables = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_master ORDER BY name") if sql]
        return tables, database.execute(
            "SELECT app, name FROM django_migrations ORDER BY app, name"
        ).fetchall()


def test_it_is_what_the_migrations_make(tmp_path: Path, migrated: Path) -> None:
    made, begun = tmp_path / "made.db", tmp_path / "app.db"
    command = [sys.executable, "-c", f"{_MAKE} m.make_migrated(Path(sys.argv[1]))", str(made)]
    subprocess.run(command, check=True)
    shutil.copyfile(made, begun)
    assert described(begun) == described(migrated)


def test_a_copy_is_private_and_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, app_db = tmp_path / "made.db", tmp_path / "app.db"
    monkeypatch.setattr(m, "migrated", lambda: made)
    m.copy_migrated(app_db)
    assert not app_db.exists(), "there is none to begin with"
    made.write_bytes(b"tables")
    m.copy_migrated(app_db)
    assert app_db.read_bytes() == b"tables" and stat.S_IMODE(app_db.stat().st_mode) == 0o600
    made.write_bytes(b"others")
    m.copy_migrated(app_db)
    assert app_db.read_bytes() == b"tables"


def test_one_that_is_ended_in_the_middle_leaves_no_half_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, app_db = tmp_path / "made.db", tmp_path / "app.db"
    monkeypatch.setattr(m, "migrated", lambda: made)
    made.write_bytes(b"tables")

    def end(_made: Path, draft: Path) -> None:
        draft.write_bytes(b"tab")
        raise KeyboardInterrupt

    with monkeypatch.context() as ended:
        ended.setattr(shutil, "copyfile", end)
        with pytest.raises(KeyboardInterrupt):
            m.copy_migrated(app_db)
    assert not app_db.exists()
    m.copy_migrated(app_db)
    assert app_db.read_bytes() == b"tables" and stat.S_IMODE(app_db.stat().st_mode) == 0o600


def test_that_of_other_migrations_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = m.migrated()
    for path in Path(egide.__file__).parent.glob("*/migrations/*.py"):
        copy = tmp_path / path.relative_to(Path(egide.__file__).parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    monkeypatch.setattr(egide, "__file__", str(tmp_path / "__init__.py"))
    assert m.migrated() == ours, "the same migrations elsewhere"
    changed = tmp_path / "access" / "migrations" / "0001_initial.py"
    changed.write_text(changed.read_text() + "\n# changed\n")
    assert m.migrated() != ours
