"""One SQLite in each process, and one that loses nothing (decision 0033)."""

import subprocess
import sys
from pathlib import Path

import pytest

# Imports the module as its process does, then looks for Python's own SQLite behind every name of every module.
LOOK = """
import sys, importlib
importlib.import_module(sys.argv[1])
if sys.argv[1] == "egide.entrypoints.web":
    sys.modules["egide.entrypoints.web"].setup()
OWN = {"sqlite3", "sqlite3.dbapi2", "_sqlite3"}
loaded = [module for module in sys.modules.values() if module]
own = [m.__name__ for m in loaded for thing in list(vars(m).values()) if getattr(thing, "__name__", "") in OWN]
assert not own and not OWN & {m.__name__ for m in loaded}, own
import sqlite3
assert sqlite3.sqlite_version_info >= (3, 51, 3) and sqlite3.dbapi2.connect is sqlite3.connect
"""


@pytest.mark.parametrize(
    "process", ["egide.entrypoints.web", "egide.entrypoints.intake", "egide.entrypoints.cli"]
)
def test_no_module_of_a_process_holds_pythons_own_sqlite(process: str, tmp_path: Path) -> None:
    environment = {"EGIDE_DATA": str(tmp_path), "EGIDE_DEMO": "1"}
    found = subprocess.run(
        [sys.executable, "-c", LOOK, process], capture_output=True, text=True, env=environment, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]


@pytest.mark.parametrize("package", ["tests", "tools", "benchmarks"])
def test_what_runs_beside_the_package_imports_it_first(package: str) -> None:
    look = f"import {package}, sys; assert sys.modules['sqlite3'].__name__ == 'pysqlite3'"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
