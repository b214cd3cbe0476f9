"""Logs are moved into their databases beside the writer: its own commits never pay for it."""

import sqlite3

from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.noting import Word
from egide.journal.wal import LIMIT_PAGES, WalCheckpointer
from egide.protocol.envelope import Kind, Message
from tests.journal.conftest import ON_SQLITE
from tests.support.installation import Installation
from tests.support.waiting import until


def rows_without_log(heartbeats: Heartbeats, installation: Installation) -> int:
    """How many phones stand in the database file itself, whatever its log holds."""
    copy = installation.config.data_dir / "copy.db"
    copy.write_bytes((installation.config.data_dir / "heartbeats.db").read_bytes())
    with sqlite3.connect(f"file:{copy}?immutable=1", uri=True) as connection:
        try:
            count: int = connection.execute("SELECT count(*) FROM heard").fetchone()[0]
        except sqlite3.DatabaseError:
            # Copied while pages were being moved.
            return -1
    return count


@ON_SQLITE
def test_both_logs_are_moved_without_a_commit_of_the_writer(installation: Installation) -> None:
    heartbeats = Heartbeats(installation.config)
    checkpointer = WalCheckpointer(*installation.journal.logged, heartbeats)
    checkpointer.start()
    for database in (installation.journal, heartbeats):
        limit = database.connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        assert limit == LIMIT_PAGES, "the writer's own connection leaves it to the thread"
    words = [
        Word(f"{number:016x}", 1000, Message(kind=Kind.HEARTBEAT, counter=1, sent_at_s=1000))
        for number in range(3000)
    ]
    heartbeats.note(words)
    until(lambda: rows_without_log(heartbeats, installation) == len(words), "the log is copied back")
    checkpointer.stop()
    heartbeats.note([Word("00000000000000ff", 1001, Message(kind=Kind.HEARTBEAT, counter=2, sent_at_s=1001))])
    assert heartbeats.counters(["00000000000000ff"]) == {"00000000000000ff": 2}
