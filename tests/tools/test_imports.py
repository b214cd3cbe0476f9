"""The lint of imports sees every import: none is hidden in a string."""

import re
from pathlib import Path

from egide.connectors.registry import modules_of_kinds

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "egide"
# Loads the commands of its own folder by their names, when they are given.
COMMANDS = "entrypoints/cli/groups.py"
# Loads the way of telling a dispatch system that a receiver of the settings has: connectors do not know each other.
KINDS_OF_SYSTEM = "connectors/dispatch/kinds.py"
# Asks every folder of connectors for its declaration: nothing else names them.
CONNECTORS = "connectors/registry.py"
BY_STRING = re.compile(r"\bimport_module\(|\b__import__\(|\bimport_string\(")
PROCESSES = {path.stem for path in (SOURCE / "entrypoints" / "processes").glob("[a-z]*.py")}
BY_SHORT_NAME = re.compile(
    rf"^\s*(?:from|import) egide\.entrypoints\.({'|'.join(PROCESSES)})\b", re.MULTILINE
)


def test_three_modules_alone_import_by_string() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if BY_STRING.search(path.read_text(encoding="utf-8"))
    }
    assert found == {COMMANDS, KINDS_OF_SYSTEM, CONNECTORS}
    text = (SOURCE / COMMANDS).read_text(encoding="utf-8")
    assert BY_STRING.findall(text) == ["import_module("] and 'f"egide.entrypoints.cli.{module}"' in text
    text = (SOURCE / KINDS_OF_SYSTEM).read_text(encoding="utf-8")
    assert (
        BY_STRING.findall(text) == ["import_module("]
        and "import_module(modules_of_kinds()[receiver.kind])" in text
    )
    assert all(module.startswith("egide.connectors.") for module in modules_of_kinds().values())
    text = (SOURCE / CONNECTORS).read_text(encoding="utf-8")
    assert BY_STRING.findall(text) == ["import_module("] and 'f"egide.connectors.{name}.declared"' in text


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
