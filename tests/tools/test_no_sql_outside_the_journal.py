"""SQL on the journal stands in `journal/` alone: another engine behind it changes one package.

Read from the sources: what opens a database, asks one or catches what one raises must be named here with its reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "egide"
# Other databases, and who works on them.
OTHERS = {
    "common/database.py": "how a file is opened",
    "common/postgres/server.py": "what a server says of itself",
    "geography/addresses/": "the file of addresses, which is its own",
    "geography/replacing.py": "the same file, while it is written",
    "geography/tiles/": "a map in the form of MBTiles",
    "button/": "the virtual button's own store",
    "companion/": "the phone's own store",
    "entrypoints/processes/phone_commands.py": "the companion's store",
    "connectors/sms/": "the spool of the SMS road",
    "entrypoints/processes/sms.py": "the same spool",
    "outbox/": "app.db: what waits for the journal",
    "entrypoints/worker/__main__.py": "app.db, from which it copies",
    "demo/history/past.py": "app.db of invented people",
    "entrypoints/stack/demo_web.py": "app.db of invented people",
    "entrypoints/doctor/signing_in.py": "app.db: emergency accounts",
    "entrypoints/upgrading/records.py": "app.db: which migrations it has had",
    "entrypoints/upgrading/migrations.py": "app.db: which of them must be understood",
    "access/signing_in/session_store.py": "app.db: the session of a request",
    "casework/life/erasing.py": "app.db: its log is emptied after an erasure",
}
_ASKS = frozenset({"execute", "executemany", "executescript"})
_SQL = re.compile(
    r"\bSELECT\s.+\sFROM\s|\bINSERT\s+(OR\s+\w+\s+)?INTO\s|\bDELETE\s+FROM\s|\bUPDATE\s.+\sSET\s", re.S
)


def found_in(source: str) -> Iterator[str]:
    """What in this source asks a database by itself, or names what one raises."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and any(one.name.startswith("sqlite3") for one in node.names):
            yield f"{node.lineno}: imports sqlite3"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlite3"):
            yield f"{node.lineno}: imports from sqlite3"
        elif isinstance(node, ast.Attribute) and node.attr in _ASKS:
            yield f"{node.lineno}: {node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            yield f"{node.lineno}: SQL"


def test_no_sql_on_the_journal_stands_outside_it() -> None:
    found = [
        f"{path.relative_to(SRC)}:{what}"
        for path in sorted(SRC.rglob("*.py"))
        if not path.relative_to(SRC).as_posix().startswith(("journal/", *OTHERS))
        for what in found_in(path.read_text())
    ]
    assert not found, "ask by a function of journal/queries/general.py"


def test_what_is_excused_still_works_on_another_database() -> None:
    for name in OTHERS:
        paths = (SRC / name).rglob("*.py") if name.endswith("/") else [SRC / name]
        assert any(any(found_in(path.read_text())) for path in paths), name


@pytest.mark.parametrize(
    "source",
    [
        "import sqlite3",
        "from sqlite3 import Error",
        "journal().connection.execute(sql)",
        "read = journal.connection.execute",
        '_OPEN = """\nSELECT kit\nFROM trouble"""',
        'f"UPDATE alarm SET state = {state}"',
    ],
)
def test_each_way_to_ask_is_seen(source: str) -> None:
    assert list(found_in(source))
