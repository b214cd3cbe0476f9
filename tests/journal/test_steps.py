"""A step of the journal on both engines: in order, all of it or nothing, whenever the database gets to see it."""

import hashlib
from pathlib import Path

import pytest

from egide.alarm.events import NoteAdded, TestReceived
from egide.journal.errors import JournalUnavailable, VersionConflict
from egide.journal.proof.verify import verify
from egide.journal.service import Entry
from tests.support.installation import NOW_S, Installation
from tests.support.leavings import open_files

NOTE = NoteAdded(user="op", text="-")
ENTRY = Entry(stream="system:s", event=NOTE)
MANY = 1200


def test_a_stream_that_was_to_be_new_and_is_not_fails_the_whole_step(installation: Installation) -> None:
    journal = installation.journal
    journal.append([ENTRY])
    new = Entry(stream="system:s", event=NOTE, expected=0)
    with pytest.raises(VersionConflict, match="system:s"), journal.transaction() as transaction:
        transaction.append(Entry(stream="system:other", event=NOTE))
        transaction.append(new)
        transaction.append(Entry(stream="system:third", event=NOTE))
    assert journal.head() == 1 == journal.last_given_seq()
    assert [row.seq for row in journal.append([ENTRY])] == [2]
    assert verify(journal.every()).events == 2


def test_a_journal_that_was_closed_holds_nothing_open_and_its_next_question_opens_it(
    installation: Installation,
) -> None:
    journal, place = installation.journal, str(installation.config.journal_db.with_suffix(""))

    def held() -> set[str]:
        return {Path(name).suffix for name in open_files() if name.startswith(place)}

    is_file = not installation.config.journal
    journal.append([ENTRY])
    assert held() >= ({".db", ".lock"} if is_file else set())
    journal.close()
    assert held() == set()
    assert journal.head() == 1
    assert [row.seq for row in journal.append([ENTRY])] == [2]


def test_what_is_asked_in_a_step_is_answered_behind_what_was_written_in_it(
    installation: Installation,
) -> None:
    with installation.journal.transaction() as transaction:
        transaction.append(ENTRY)
        sql = "SELECT count(*) FROM event WHERE stream = ?"
        assert transaction.execute(sql, ("system:s",)).fetchone() == (1,)
        transaction.append(ENTRY)
        assert transaction.execute(sql, ("system:s",)).fetchone() == (2,)
    assert installation.journal.head() == 2


def test_a_step_of_many_events_is_one_step(installation: Installation) -> None:
    journal = installation.journal
    with pytest.raises(RuntimeError), journal.transaction() as transaction:
        for _ in range(MANY):
            transaction.append(ENTRY)
        raise RuntimeError
    assert journal.head() == 0
    journal.append([ENTRY] * MANY)
    assert verify(journal.every()).events == MANY


def test_a_folded_table_that_refuses_its_row_fails_the_whole_step(installation: Installation) -> None:
    """As only a fault can make it: a device of which the table holds this message already."""
    journal, phone = installation.journal, installation.enrol()
    said = phone.event(TestReceived, NOW_S)
    row = (phone.device, said.counter, hashlib.sha256(said.envelope).digest(), 1, "system:s")
    journal.connection.execute("INSERT INTO message VALUES (?,?,?,?,?)", row)
    head = journal.head()
    with pytest.raises(JournalUnavailable), journal.transaction() as transaction:
        transaction.append(ENTRY)
        transaction.append(Entry(stream="test:s", event=said, case=phone.case))
        transaction.append(ENTRY)
    assert journal.head() == head == journal.last_given_seq()
