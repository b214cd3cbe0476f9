"""Folded tables are only a shadow of the events: dropped and rebuilt, they are the same."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.alarm.events import TeamNamed, TeamUnderWay, ZoneConfirmed
from egide.alarm.events.steps import BY_TEAM
from egide.common.sealing import UnsealError
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Journal
from tests.journal.conftest import ON_SQLITE
from tests.support.examples import examples
from tests.support.histories import STEPS, tables, take
from tests.support.installation import Installation
from tests.support.rewriting import tampering

steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(STEPS),
    ),
    max_size=25,
)


@settings(max_examples=examples(15))
@given(steps)
def test_tables_dropped_and_rebuilt_are_the_same(history: list[tuple[int, str]]) -> None:
    with TemporaryDirectory() as directory, Installation(Path(directory)) as installation:
        phones = [installation.enrol() for _ in range(3)]
        for number, (which, step) in enumerate(history):
            take(installation, phones[which], step, number % 7)
        before = tables(installation.journal)
        for table in FOLDED_TABLES:
            installation.journal.connection.execute(f"DELETE FROM {table}")
        installation.journal.rebuild_tables()
        assert tables(installation.journal) == before


@settings(max_examples=examples(15))
@given(steps)
def test_the_state_in_the_table_is_the_state_that_the_events_fold_to(history: list[tuple[int, str]]) -> None:
    with TemporaryDirectory() as directory, Installation(Path(directory)) as installation:
        phones = [installation.enrol() for _ in range(3)]
        for number, (which, step) in enumerate(history):
            take(installation, phones[which], step, number % 7)
        journal = Journal.open(installation.config, installation.clock, installation.keys)
        rows = journal.connection.execute("SELECT alarm, state, centres, zones FROM alarm").fetchall()
        for alarm, state, centres, zones in rows:
            folded = journal.alarm(alarm)
            assert folded is not None
            assert (folded.state, " ".join(folded.centres), " ".join(folded.zones)) == (state, centres, zones)
            assert folded.is_open == (alarm in journal.open_alarms())


@ON_SQLITE
def test_a_table_of_before_gets_the_column_that_it_lacks_and_keeps_its_rows(
    installation: Installation,
) -> None:
    running, fresh = (installation.open_alarm(installation.enrol()) for _ in range(2))
    execute = installation.journal.connection.execute
    execute("DROP TABLE on_the_way")
    execute("CREATE TABLE on_the_way (alarm TEXT PRIMARY KEY, step TEXT NOT NULL) WITHOUT ROWID")
    execute("INSERT INTO on_the_way VALUES (?, 'on-site')", (running,))
    for _start in range(2):
        Journal.open(installation.config, installation.clock, installation.keys)
    installation.act(running, ZoneConfirmed(user="op", zone="5330", reference="Insp. 30"))
    installation.act(fresh, TeamNamed(user="op", zone="5324", call_sign="M 12"))
    installation.act(fresh, TeamUnderWay(by="team", told=BY_TEAM))
    rows = execute("SELECT alarm, zone, step FROM on_the_way").fetchall()
    assert set(rows) == {(running, "", "on-site"), (fresh, "5324", "under-way")}


@ON_SQLITE
def test_alarms_that_stood_by_their_names_are_put_in_their_order_and_found_by_name(
    installation: Installation,
) -> None:
    alarms = [installation.open_alarm(installation.enrol()) for _ in range(3)]
    before, connection = tables(installation.journal), installation.journal.connection
    ((now,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'alarm'").fetchall()
    by_name = now.replace("alarm TEXT NOT NULL", "alarm TEXT PRIMARY KEY").replace(
        "opened_seq INTEGER PRIMARY KEY", "opened_seq INTEGER NOT NULL"
    )
    connection.executescript(
        f"ALTER TABLE alarm RENAME TO later; {by_name} WITHOUT ROWID;"
        " INSERT INTO alarm SELECT * FROM later; DROP TABLE later;"
        " CREATE INDEX alarm_open ON alarm (opened_seq) WHERE state <> 'closed'"
    )
    for _start in range(2):
        Journal.open(installation.config, installation.clock, installation.keys)
    assert tables(installation.journal) == before
    columns = connection.execute("PRAGMA table_info(alarm)")
    assert [column[1] for column in columns if column[5]] == ["opened_seq"]
    installation.act(alarms[1], TeamNamed(user="op", zone="5324", call_sign="M 12"))
    due = connection.execute("SELECT alarm FROM alarm WHERE report = 'due'").fetchall()
    assert due == [(alarms[1],)] and installation.journal.open_alarms() == alarms


def test_a_rebuild_that_fails_leaves_the_tables_as_they_were(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    before = tables(installation.journal)
    with tampering(installation) as execute:
        execute("UPDATE event SET body = ? WHERE stream = ?", (bytes(40), f"alarm:{alarm}"))
    with pytest.raises(UnsealError):
        installation.journal.rebuild_tables()
    assert tables(installation.journal) == before
