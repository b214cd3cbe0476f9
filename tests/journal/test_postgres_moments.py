"""Moments of PostgreSQL: whose commit comes late, which is none, and what a lost server leaves."""

import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import FromPhone, NoteAdded
from egide.common.clock import SystemClock
from egide.common.postgres.patience import answered_within
from egide.entrypoints.stack.children import Child
from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_connection import PostgresConnection
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.proof.verify import verify
from egide.journal.service import Entry, Journal, Stored
from tests.intake.test_process import Running, pressing, wait_for_more
from tests.journal.conftest import Asked
from tests.support.installation import Installation
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import until

NOTE = NoteAdded(user="op", text="-")
ENTRY = Entry(stream="system:s", event=NOTE)
_COLUMNS = "stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"


@pytest.fixture
def journal_at(postgres: Server) -> str:
    return postgres.emptied()


def waits(asked: Asked) -> bool:
    """Whether anybody waits for a lock."""
    sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    return asked.execute(sql, (JOURNAL,)).fetchone() is not None


@pytest.mark.law
@pytest.mark.parametrize("is_careless", [False, True])
def test_no_event_becomes_seen_behind_the_back_of_a_reader(
    installation: Installation, as_user: Callable[[str], Asked], is_careless: bool
) -> None:
    """One appends and takes its time with the commit; whoever comes after it must not be seen before."""
    journal, owner, slow = installation.journal, as_user("owner"), as_user("intake")
    journal.append([ENTRY])
    slow.execute("BEGIN")
    if not is_careless:
        slow.execute("SELECT seq FROM last_seq FOR UPDATE")
    slow.execute(f"INSERT INTO event SELECT 2, 'slow', {_COLUMNS.removeprefix('stream, ')} FROM event")
    stored: list[Stored] = []

    def append() -> None:
        stored.extend(journal.append([ENTRY]))
        journal.connection.close()

    quick = threading.Thread(target=append)
    quick.start()
    until(lambda: waits(owner), "the other one waits")
    handled: list[int] = []
    follower = Follower(journal, "law")
    follower.step(lambda row: handled.append(row.seq), 0)
    follower.step(lambda row: handled.append(row.seq), 0)
    assert handled == [1] and not stored
    slow.execute("COMMIT")
    quick.join(60)
    while follower.seq < journal.head():
        follower.step(lambda row: handled.append(row.seq), 0)
    follower.close()
    assert handled == [1, 2, 3] and [row.seq for row in stored] == [3]


def test_a_step_in_which_a_statement_failed_keeps_nothing_and_says_so(installation: Installation) -> None:
    journal = installation.journal
    with pytest.raises(JournalUnavailable, match="nothing of it was kept"), journal.transaction() as step:
        step.append(ENTRY)
        with pytest.raises(JournalUnavailable):
            step.execute("SELECT nothing FROM nowhere")
    assert journal.head() == 0 == journal.last_given_seq()
    assert journal.append([ENTRY])[0].seq == 1


def test_a_commit_that_is_not_certain_is_none(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    """As when somebody ends a commit that waits for the standby: PostgreSQL then warns, and calls it done."""
    owner = as_user("owner")
    owner.execute(
        "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$"
    )
    owner.execute(
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION warn()"
    )
    try:
        with pytest.raises(JournalUnavailable, match="not certain: canceling wait"):
            installation.journal.append([ENTRY])
    finally:
        owner.execute("DROP FUNCTION warn CASCADE")


def test_a_connection_that_is_lost_keeps_nothing_of_its_step_and_the_next_one_goes_on(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    journal, owner = installation.journal, as_user("owner")
    with pytest.raises(JournalUnavailable), journal.transaction() as step:
        step.append(ENTRY)
        (own,) = step.execute("SELECT pg_backend_pid()").fetchone()
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))
        step.append(ENTRY)
    assert journal.head() == 0
    assert [row.seq for row in journal.append([ENTRY, ENTRY])] == [1, 2]
    assert verify(journal.every()).events == 2


def test_a_connection_that_was_left_in_the_middle_of_a_group_is_used_no_more(
    installation: Installation,
) -> None:
    journal = installation.journal
    assert isinstance(journal.connection, PostgresConnection)
    journal.connection.raw.pgconn.enter_pipeline_mode()
    assert journal.append([ENTRY, ENTRY])[1].seq == 2
    assert verify(journal.every()).events == 2


def test_who_hangs_in_the_middle_of_a_step_lets_the_others_go_on(
    installation: Installation, postgres: Server
) -> None:
    config = replace(installation.config, journal=postgres.address(JOURNAL, "intake"))
    hanging = Journal.open(config, installation.clock, installation.keys)
    with pytest.raises(JournalUnavailable), hanging.transaction() as step:
        step.append(ENTRY)
        # From here on alone: a slow machine may take longer than this for the step itself.
        hanging.connection.execute("SET idle_in_transaction_session_timeout = 200")
        # This waits until the server has ended the other one.
        assert installation.journal.append([ENTRY])[0].seq == 1
    assert installation.journal.head() == 1


def test_a_follower_of_another_machine_is_woken_and_listens_again(
    installation: Installation, as_user: Callable[[str], Asked], postgres: Server, tmp_path: Path
) -> None:
    owner = as_user("owner")
    # Its bells are not those of the one who appends, and its connections bear its name.
    address = postgres.address(JOURNAL, further="&application_name=other")
    with Installation(tmp_path / "other", address=address) as other:
        bell = other.journal.bell("other")
        listeners = (
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND application_name = 'other'"
        )
        for _life in range(2):
            until(lambda: owner.execute(listeners).fetchone(), "somebody listens")
            bell.wait(60)
            installation.append("system:s", NOTE)
            # Without a ring it would take its whole minute.
            bell.wait(60)
            owner.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({listeners}) AS found")
        bell.close()
        until(lambda: owner.execute(listeners).fetchone() is None, "nobody listens any more")


def test_commits_are_durable_whatever_the_database_says(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    owner = as_user("owner")
    owner.execute(f"ALTER DATABASE {JOURNAL} SET synchronous_commit = off")
    try:
        fresh = Journal.open(installation.config, installation.clock)
        assert fresh.connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        fresh.connection.close()
    finally:
        owner.execute(f"ALTER DATABASE {JOURNAL} RESET synchronous_commit")


def test_a_worker_routes_what_another_machine_received(
    installation: Installation, postgres: Server, tmp_path: Path
) -> None:
    """Beside it nobody rings: only the database tells of news."""
    phone = installation.enrol()
    config = replace(
        installation.config, data_dir=tmp_path / "other", journal=postgres.address(JOURNAL, "intake")
    )
    shutil.copytree(installation.config.data_dir, config.data_dir, ignore=shutil.ignore_patterns("bells"))
    worker = Child("egide.entrypoints.worker", [], config.environment())
    worker.ready()
    try:
        alarm = installation.open_alarm(phone)
        until(lambda: "AlarmRouted" in installation.kinds(f"alarm:{alarm}"), "the alarm is routed")
    finally:
        worker.kill()


def test_when_the_server_falls_what_was_acknowledged_is_kept_once_and_intake_goes_on(
    tmp_path: Path, postgres: Server, journal_at: str
) -> None:
    with Installation(tmp_path, SystemClock(), address=journal_at) as installation:
        running = Running(installation)
        try:
            phone = installation.enrol()
            with pressing(running, phone) as kept:
                wait_for_more(kept, 10)
                postgres.stop(signal.SIGQUIT)
                try:
                    assert running.send(b"not a press") == 400
                    assert running.child.process.poll() is None
                finally:
                    postgres.start()
                wait_for_more(kept, 10)
            rows = installation.journal.stream(f"alarm:{phone.alarm(1)}")
            events = [installation.journal.open_event(row) for row in rows]
            assert [event.envelope for event in events if isinstance(event, FromPhone)] == kept
        finally:
            running.child.kill()
            running.listener.close()


def test_who_listens_stays_connected_while_nothing_happens(journal_at: str) -> None:
    """However soon this thread gives up a server that hangs: no news is no silence of the server."""
    with closing(PostgresEngine(journal_at).connect()) as connection:
        connection.raw.execute("LISTEN nothing")
        with answered_within(0.2):
            assert list(connection.raw.notifies(timeout=0.4, stop_after=1)) == []
        assert not connection.is_lost
        assert connection.raw.execute("SELECT 1").fetchone() == (1,)
