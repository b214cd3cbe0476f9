"""The journal's own tests run on both engines: each that asks for `installation` is one test for each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from egide.journal.engines.postgres_schema import SCHEMA
from tests.support.installation import Installation
from tests.support.postgres import JOURNAL, Server

Asked = psycopg.Connection[tuple[Any, ...]]

# For a test of a file alone.
ON_SQLITE = pytest.mark.parametrize("journal_at", ["sqlite"], indirect=True)


@pytest.fixture
def installation(tmp_path: Path, journal_at: str) -> Iterator[Installation]:
    """A fresh data directory with its journal and keys, under a clock that is set."""
    with Installation(tmp_path, address=journal_at) as made:
        yield made


@pytest.fixture
def as_user(postgres: Server) -> Iterator[Callable[[str], Asked]]:
    """Connections of users to the tables of the journal."""
    opened: list[Asked] = []

    def connect(user: str) -> Asked:
        options = f"-c search_path={SCHEMA}"
        opened.append(psycopg.connect(postgres.address(JOURNAL, user), autocommit=True, options=options))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
