"""What an administrator with every right can do to the journal: to its file, or to its tables in PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg

from egide.journal.chain import GENESIS, Stored, link_hash
from egide.journal.engines.base import Execute
from egide.journal.engines.postgres import PostgresConnection
from egide.journal.engines.postgres_schema import SCHEMA
from egide.journal.proof.verify import verify
from tests.support.installation import Installation


@contextmanager
def tampering(installation: Installation) -> Iterator[Execute]:
    """The tables, without what refuses a change of an event."""
    if not installation.config.journal:
        with closing(sqlite3.connect(installation.config.journal_db, isolation_level=None)) as thief:
            for trigger in ("event_no_update", "event_no_delete"):
                thief.execute(f"DROP TRIGGER {trigger}")
            yield thief.execute
        return
    raw = psycopg.connect(installation.config.journal, autocommit=True, cursor_factory=psycopg.RawCursor)
    with closing(PostgresConnection(raw)) as owner:
        owner.execute(f"SET search_path = {SCHEMA}")
        owner.execute("ALTER TABLE event DISABLE TRIGGER event_no_change")
        yield owner.execute


def rewrite(installation: Installation, change: Callable[[list[Stored]], list[Stored]]) -> None:
    """Write the whole journal anew, each chain flawless."""
    rows = change(list(installation.journal.every()))
    heads: dict[str, tuple[int, bytes]] = {}
    given_out = "last_seq SET seq" if installation.config.journal else "sqlite_sequence SET seq"
    with tampering(installation) as execute:
        execute("BEGIN")
        execute("DELETE FROM event")
        execute(f"UPDATE {given_out} = 0")
        for seq, row in enumerate(rows, start=1):
            version, prev = heads.get(row.stream, (0, GENESIS))
            fields = (
                seq,
                row.stream,
                version + 1,
                row.kind,
                row.at_us,
                row.centre,
                row.zone,
                row.key,
                row.cause,
            )
            digest = link_hash(prev, *fields, row.body)
            heads[row.stream] = (version + 1, digest)
            execute("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (*fields, row.body, prev, digest))
        execute("COMMIT")
    verify(installation.journal.every())
