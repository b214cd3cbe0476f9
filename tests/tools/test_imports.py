"""The lint of imports sees every import: none is hidden in a string."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "egide"
# Loads the commands of its own folder by their names, when they are given.
REGISTRY = "entrypoints/cli/groups.py"
BY_STRING = re.compile(r"\bimport_module\(|\b__import__\(|\bimport_string\(")
PROCESSES = {path.stem for path in (SOURCE / "entrypoints" / "processes").glob("[a-z]*.py")}
BY_SHORT_NAME = re.compile(
    rf"^\s*(?:from|import) egide\.entrypoints\.({'|'.join(PROCESSES)})\b", re.MULTILINE
)


def test_one_module_alone_imports_by_string() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if BY_STRING.search(path.read_text(encoding="utf-8"))
    }
    assert found == {REGISTRY}
    text = (SOURCE / REGISTRY).read_text(encoding="utf-8")
    assert BY_STRING.findall(text) == ["import_module("] and 'f"egide.entrypoints.cli.{module}"' in text


def test_code_imports_a_process_where_it_stands() -> None:
    """`python -m egide.entrypoints.intake` is how it is started: imported so, it would be loaded a second time."""
    assert {"intake", "live", "web"} <= PROCESSES
    folders = (SOURCE, ROOT / "tests", ROOT / "tools", ROOT / "benchmarks")
    found = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*.py")
        if BY_SHORT_NAME.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
