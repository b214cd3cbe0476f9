"""Folded tables are only a shadow of the events: dropped and rebuilt, they are the same."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.common.sealing import UnsealError
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Journal
from tests.support.examples import examples
from tests.support.histories import STEPS, tables, take
from tests.support.installation import Installation

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


def test_a_rebuild_that_fails_leaves_the_tables_as_they_were(installation: Installation) -> None:
    alarm = installation.open_alarm(installation.enrol())
    before = tables(installation.journal)
    connection = installation.journal.connection
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute("UPDATE event SET body = zeroblob(40) WHERE stream = ?", (f"alarm:{alarm}",))
    with pytest.raises(UnsealError):
        installation.journal.rebuild_tables()
    assert tables(installation.journal) == before
