"""Folded tables are only a shadow of the events: dropped and rebuilt, they are the same."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egide.common.sealing import UnsealError
from egide.events import alarm as a
from egide.events.base import Event
from egide.events.register import GrantChanged, KitReturned
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Entry, Journal
from tests.support.installation import NOW_S, Installation, Phone

OTHERS = ("press", "routed", "again", "conflict", "position", "grant", "returned")
ACTS: dict[str, Event] = {
    "shown": a.ShownOnBoard(user="op", centre="mons"),
    "acknowledged": a.AlarmAcknowledged(user="op"),
    "noted": a.NoteAdded(user="op", text="-"),
    "closed": a.AlarmClosed(user="op", outcome="arrest", reason="-"),
}
steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([*ACTS, *OTHERS]),
    ),
    max_size=25,
)


def tables(journal: Journal) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every folded table."""
    return {
        table: sorted(journal.connection.execute(f"SELECT * FROM {table}"), key=repr)
        for table in FOLDED_TABLES
    }


def take(installation: Installation, phone: Phone, step: str, zone: int) -> None:
    """One step of a history; what needs an alarm and finds none does nothing."""
    if step == "grant":
        installation.append(f"kit:{phone.kit}", GrantChanged(kit=phone.kit, grant_ends_at_s=NOW_S + zone))
    elif step == "returned":
        installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit))
    elif step == "press":
        installation.open_alarm(phone)
    elif phone.counter:
        act_on(installation, phone, step, zone)


def act_on(installation: Installation, phone: Phone, step: str, zone: int) -> None:
    row = installation.journal.connection.execute(
        "SELECT alarm FROM alarm WHERE device = ? ORDER BY opened_seq DESC LIMIT 1", (phone.device,)
    ).fetchone()
    if row is None:
        return
    types = {"again": a.PressedAgain, "conflict": a.PressConflicted, "position": a.PositionReceived}
    if step in types:
        event: Any = installation.phone_event(types[step], phone)
        installation.journal.append([Entry(stream=f"alarm:{row[0]}", event=event, case=phone.case)])
    elif step == "routed":
        installation.route(row[0], zone=f"53{zone}", centre=("mons", "gent", "liege")[zone % 3])
    else:
        installation.act(row[0], ACTS[step])


@settings(max_examples=30)
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


@settings(max_examples=30)
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
