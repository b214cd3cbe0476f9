"""What an administrator with every right can do to the journal's file."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from egide.journal.chain import GENESIS, Stored, link_hash
from egide.journal.proof.verify import verify
from tests.support.installation import Installation


def rewrite(installation: Installation, change: Callable[[list[Stored]], list[Stored]]) -> None:
    """Write the whole journal anew, each chain flawless."""
    rows = change(list(installation.journal.every()))
    heads: dict[str, tuple[int, bytes]] = {}
    with closing(sqlite3.connect(installation.config.journal_db, isolation_level=None)) as thief:
        for trigger in ("event_no_update", "event_no_delete"):
            thief.execute(f"DROP TRIGGER {trigger}")
        thief.execute("BEGIN IMMEDIATE")
        thief.execute("DELETE FROM event")
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
            thief.execute(
                "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (*fields, row.body, prev, digest)
            )
        thief.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'event'", (len(rows),))
        thief.execute("COMMIT")
    verify(installation.journal.every())
