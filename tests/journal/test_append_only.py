"""The journal cannot be changed, also not by a connection that knows nothing of its rules."""

import sqlite3
from contextlib import closing

import pytest

from egide.alarm.events import AlarmAcknowledged, NoteAdded
from egide.journal.errors import AlreadyDone, VersionConflict
from egide.journal.service import Entry, Journal
from tests.journal.conftest import ON_SQLITE
from tests.support.installation import Installation
from tests.support.rewriting import tampering

NOTE = NoteAdded(user="op", text="-")
_COLUMNS = "seq, stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"


@pytest.fixture
def alarm(installation: Installation) -> str:
    return installation.open_alarm(installation.enrol())


@ON_SQLITE
@pytest.mark.parametrize("pragmas", [(), ("recursive_triggers=ON",), ("foreign_keys=OFF", "synchronous=OFF")])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET body = zeroblob(10) WHERE seq = 1",
        "UPDATE event SET at_us = 0",
        "UPDATE OR REPLACE event SET seq = 1 WHERE seq = 2",
        "UPDATE OR IGNORE event SET kind = 'AlarmClosed'",
        "DELETE FROM event",
        "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
        f"REPLACE INTO event SELECT {_COLUMNS} FROM event WHERE seq = 1",
        f"INSERT OR REPLACE INTO event SELECT {_COLUMNS} FROM event",
        "INSERT OR REPLACE INTO event SELECT 99, stream, version, kind, 0, '', '', '', NULL, '', '', '' FROM event",
        "INSERT OR IGNORE INTO event SELECT seq, 'other', 1, kind, 0, '', '', '', NULL, '', '', '' FROM event",
        "INSERT INTO event SELECT 1, 'other', 9, 'x', 0, '', '', '', NULL, '', '', ''"
        " ON CONFLICT (seq) DO UPDATE SET kind = excluded.kind",
        "INSERT INTO event SELECT 99, stream, version, 'x', 0, '', '', '', NULL, '', '', '' FROM event WHERE true"
        " ON CONFLICT (stream, version) DO UPDATE SET kind = excluded.kind",
    ],
)
def test_no_statement_changes_what_is_written(
    installation: Installation, alarm: str, sql: str, pragmas: tuple[str, ...]
) -> None:
    before = installation.journal.read()
    with closing(sqlite3.connect(installation.config.journal_db, isolation_level=None)) as careless:
        for pragma in pragmas:
            careless.execute(f"PRAGMA {pragma}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            careless.execute(sql)
    assert installation.journal.read() == before


@ON_SQLITE
def test_a_cause_is_acted_upon_once_also_by_a_careless_connection(
    installation: Installation, alarm: str
) -> None:
    stream = f"alarm:{alarm}"
    installation.append(stream, NOTE, cause=1)
    rest = _COLUMNS.removeprefix("seq, stream, version, ")
    sql = f"INSERT OR REPLACE INTO event SELECT 99, stream, 99, {rest} FROM event WHERE cause = 1"
    with (
        closing(sqlite3.connect(installation.config.journal_db)) as careless,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        careless.execute(sql)
    assert installation.kinds(stream) == ["PressReceived", "NoteAdded"]


def test_numbers_of_removed_events_are_never_given_again(installation: Installation, alarm: str) -> None:
    head = installation.journal.head()
    with tampering(installation) as execute:
        execute("DELETE FROM event WHERE seq = ?", (head,))
    assert installation.journal.last_given_seq() == head > installation.journal.head()
    assert installation.append("system:test", NOTE).seq == head + 1


@ON_SQLITE
def test_opening_the_journal_again_restores_missing_triggers(installation: Installation, alarm: str) -> None:
    with closing(sqlite3.connect(installation.config.journal_db, isolation_level=None)) as aggressor:
        aggressor.execute("DROP TRIGGER event_no_update")
    Journal.open(installation.config, installation.clock, installation.keys)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        installation.journal.connection.execute("UPDATE event SET at_us = 0")


def test_a_decision_on_an_older_version_is_refused(installation: Installation, alarm: str) -> None:
    stream = f"alarm:{alarm}"
    installation.append(stream, NOTE, expected=1)
    with pytest.raises(VersionConflict, match="is at version 2, the decision saw 1"):
        installation.append(stream, NOTE, expected=1)
    with pytest.raises(VersionConflict):
        installation.append(stream, NOTE, expected=0)
    with pytest.raises(VersionConflict):
        installation.append("system:new", NOTE, expected=1)
    assert len(installation.kinds(stream)) == 2


def test_the_same_kind_for_the_same_cause_is_refused_and_another_is_not(
    installation: Installation, alarm: str
) -> None:
    stream = f"alarm:{alarm}"
    installation.append(stream, NOTE, cause=1)
    with pytest.raises(AlreadyDone):
        installation.append(stream, NOTE, cause=1)
    installation.append(stream, NOTE, cause=2)
    installation.append(stream, AlarmAcknowledged(user="op"), cause=1)
    installation.append("system:other", NOTE, cause=1)
    installation.append(stream, NOTE)


def test_all_entries_of_an_append_are_kept_or_none(installation: Installation, alarm: str) -> None:
    head = installation.journal.head()
    with pytest.raises(VersionConflict):
        installation.journal.append(
            [
                Entry(stream="system:a", event=NOTE),
                Entry(stream=f"alarm:{alarm}", event=NOTE, expected=7),
                Entry(stream="system:b", event=NOTE),
            ]
        )
    assert installation.journal.head() == head
    assert installation.journal.stream("system:a") == []
    # No number is lost by it either: a gap would look like a removed event.
    assert installation.append("system:a", NOTE).seq == head + 1


@ON_SQLITE
def test_every_commit_is_forced_to_the_disk(installation: Installation) -> None:
    connection = installation.journal.connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
