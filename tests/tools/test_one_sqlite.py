"""One SQLite in each process, and one that loses nothing (decision 0033)."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections

from egide.common.database import open_database
from tests.support.pages import Pages, migrated, pages

__all__ = ["migrated", "pages"]

ENTRYPOINTS = Path(__file__).parents[2] / "src" / "egide" / "entrypoints"
# Imports modules as their processes do, then looks for Python's own SQLite behind every name of every module.
LOOK = """
import sys, importlib
for process in sys.argv[1:]:
    importlib.import_module(process)
if sys.argv[1:] == ["egide.entrypoints.processes.web"]:
    sys.modules["egide.entrypoints.processes.web"].setup()
OWN = {"sqlite3", "sqlite3.dbapi2", "_sqlite3"}
loaded = [module for module in sys.modules.values() if module]
own = [m.__name__ for m in loaded for thing in list(vars(m).values()) if getattr(thing, "__name__", "") in OWN]
assert not own and not OWN & {m.__name__ for m in loaded}, own
import sqlite3
assert sqlite3.sqlite_version_info >= (3, 51, 3) and sqlite3.dbapi2.connect is sqlite3.connect
"""


PROCESSES = [
    "egide.entrypoints.cli",
    *(
        f"egide.entrypoints.{path.parent.name}.{path.stem}"
        for folder in ("processes", "worker", "watch")
        for path in (ENTRYPOINTS / folder).glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8") and path.stem != "web"
    ),
]


@pytest.mark.parametrize("processes", [["egide.entrypoints.processes.web"], PROCESSES], ids=["web", "others"])
def test_no_module_of_a_process_holds_pythons_own_sqlite(processes: list[str], tmp_path: Path) -> None:
    assert len(PROCESSES) > 5 or len(processes) == 1
    environment = {"EGIDE_DATA": str(tmp_path), "EGIDE_DEMO": "1"}
    found = subprocess.run(
        [sys.executable, "-c", LOOK, *processes], capture_output=True, text=True, env=environment, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]


@pytest.mark.parametrize("package", ["tests", "tools", "benchmarks"])
def test_what_runs_beside_the_package_imports_it_first(package: str) -> None:
    look = f"import {package}, sys; assert sys.modules['sqlite3'].__name__ == 'pysqlite3'"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


def test_every_database_is_opened_in_one_place_where_nothing_deleted_stays(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "src" / "egide"
    opening = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "sqlite3.connect(" in path.read_text(encoding="utf-8")
    }
    assert opening == {"common/database.py"}
    connection = open_database(tmp_path / "any.db", synchronous="FULL")
    connection.execute("CREATE TABLE row (text TEXT)")
    connection.execute("INSERT INTO row VALUES ('what she said')")
    connection.execute("DELETE FROM row")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"what she said" not in (tmp_path / "any.db").read_bytes()


@pytest.mark.files("asks SQLite itself")
def test_what_pages_delete_does_not_stay_either(pages: Pages) -> None:
    with connections["default"].cursor() as cursor:
        assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)
