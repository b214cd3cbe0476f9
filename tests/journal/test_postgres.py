"""What is PostgreSQL's alone: who may do what, whose events come late, and what a lost server leaves."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from egide.alarm.events import NoteAdded
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.database import database
from egide.entrypoints.doctor.finding import WRONG
from egide.entrypoints.stack.children import Child
from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_schema import SCHEMA, make
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.proof.checkpoints import CheckpointKeeper
from egide.journal.proof.verify import verify
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Entry, Journal, Stored
from tests.journal.test_unavailable import METHODS, QUESTIONS, ask
from tests.support.installation import Installation
from tests.support.postgres import EMPTY, JOURNAL, Server
from tests.support.waiting import until

NOTE = NoteAdded(user="op", text="-")
ENTRY = Entry(stream="system:s", event=NOTE)
_COLUMNS = "stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"
Asked = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def journal_at(postgres: Server) -> str:
    return postgres.emptied()


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


def test_every_question_is_understood_and_says_when_nobody_answers(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = installation.journal
    installation.route(installation.open_alarm(installation.enrol()))
    for question in QUESTIONS:
        ask(question, journal)
    journal.connection.close()
    monkeypatch.setattr(journal._engine, "_address", "host=/nowhere")
    for question in QUESTIONS:
        with pytest.raises(JournalUnavailable):
            ask(question, journal)
    for method in METHODS:
        with pytest.raises(JournalUnavailable):
            method(journal)


@pytest.mark.parametrize("user", ["owner", "intake"])
def test_no_statement_changes_what_is_written(
    installation: Installation, as_user: Callable[[str], Asked], user: str
) -> None:
    installation.open_alarm(installation.enrol())
    before, careless = installation.journal.read(), as_user(user)
    if user == "owner":
        careless.execute("SET session_replication_role = replica")
    for sql in (
        "UPDATE event SET at_us = 0",
        "UPDATE event SET body = '' WHERE seq = 99",
        "DELETE FROM event",
        "TRUNCATE event",
        f"INSERT INTO event SELECT 1, {_COLUMNS} FROM event WHERE seq = 1"
        " ON CONFLICT (seq) DO UPDATE SET kind = excluded.kind",
        f"INSERT INTO event SELECT 99, 'other', {_COLUMNS.removeprefix('stream, ')} FROM event WHERE seq = 1",
    ):
        with pytest.raises((psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)):
            careless.execute(sql)
    assert installation.journal.read() == before
    assert installation.append("system:s", NOTE).seq == before[-1].seq + 1


def test_who_receives_appends_and_cannot_move_the_end_nor_the_tables(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    config = replace(installation.config, journal=postgres.address(JOURNAL, "intake"))
    journal = Journal.open(config, installation.clock, installation.keys)
    assert journal.append([ENTRY])[0].seq == 1
    journal.save_cursor("intake", 1)
    journal.rebuild_tables()
    journal.connection.close()
    for sql in (
        "UPDATE last_seq SET seq = 0",
        "DELETE FROM last_seq",
        "UPDATE made SET format = 0",
        "DROP TABLE event",
        "ALTER TABLE event DISABLE TRIGGER event_no_change",
        "DELETE FROM cursor",
        "CREATE TABLE mine (a int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("intake").execute(sql)


def test_who_only_passes_on_reads_clear_columns_and_writes_nothing(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    alarm = installation.open_alarm(installation.enrol())
    config = replace(installation.config, journal=postgres.address(JOURNAL, "live"))
    journal = Journal.open(config, installation.clock)
    # What live and watch ask.
    assert [row.kind for row in journal.read_clear(0)] == installation_kinds(installation)
    assert journal.open_alarms() == [alarm] and journal.unrouted() and journal.unshown()
    assert journal.home_centre(alarm) and journal.head() == journal.last_given_seq()
    CheckpointKeeper(config, journal, installation.clock).step()
    with pytest.raises(JournalUnavailable, match="permission denied"):
        journal.read()
    with pytest.raises(JournalUnavailable, match="permission denied"):
        journal.save_cursor("live", 1)
    journal.connection.close()
    for table in ("event", *FOLDED_TABLES):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("live").execute(f"DELETE FROM {table}")


def installation_kinds(installation: Installation) -> list[str]:
    return [row.kind for row in installation.journal.read()]


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


def test_who_hangs_in_the_middle_of_a_step_lets_the_others_go_on(
    installation: Installation, postgres: Server
) -> None:
    soon = "&options=-c%20idle_in_transaction_session_timeout%3D200"
    config = replace(installation.config, journal=postgres.address(JOURNAL, "intake", soon))
    hanging = Journal.open(config, installation.clock, installation.keys)
    with pytest.raises(JournalUnavailable), hanging.transaction() as step:
        step.append(ENTRY)
        # This waits until the server has ended the other one.
        assert installation.journal.append([ENTRY])[0].seq == 1
    assert installation.journal.head() == 1


def test_a_follower_of_another_machine_is_woken_and_listens_again(
    installation: Installation, as_user: Callable[[str], Asked], tmp_path: Path
) -> None:
    owner = as_user("owner")
    # Its bells are not those of the one who appends.
    with Installation(tmp_path / "other", address=installation.config.journal) as other:
        bell = other.journal.bell("other")
        listeners = (
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
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


def test_what_is_not_ready_is_refused_in_one_sentence(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    owner = as_user("owner")

    def refusal(address: str) -> str:
        with pytest.raises(NotSetUp) as refused:
            Journal.open(replace(installation.config, journal=address), installation.clock)
        return str(refused.value)

    assert "holds no tables" in refusal(postgres.address(EMPTY))
    assert "lets this role do nothing" in refusal(postgres.address(JOURNAL, "nobody"))
    assert "cannot be read" in refusal("postgresql://host/journal?nonsense=1")
    for change, words in (("format = 99", "A later Egide"), ("tables = 0", "older Egide")):
        owner.execute(f"UPDATE made SET {change}")
        assert words in refusal(installation.config.journal)
        owner.execute("DELETE FROM made")
        make(owner)
    Journal.open(installation.config, installation.clock).connection.close()


def test_one_installation_has_one_journal(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(NotSetUp, match="stands in PostgreSQL"):
        Journal.open(replace(installation.config, journal=""), installation.clock)
    with Installation(tmp_path / "file", address="") as embedded:
        with pytest.raises(NotSetUp, match="egide journal move"):
            embedded.open(embedded.config.data_dir, address=installation.config.journal)
        assert not (embedded.config.data_dir / "journal.elsewhere").exists()


def test_a_server_that_is_not_there_is_said_and_names_no_password() -> None:
    engine = PostgresEngine("postgresql://intake@127.0.0.1:1/journal?connect_timeout=2", "a secret word")
    with pytest.raises(JournalUnavailable) as raised:
        engine.prepare()
    assert "refused" in str(raised.value) and "secret" not in str(raised.value)


def test_a_journal_in_a_file_loads_no_driver(tmp_path: Path) -> None:
    look = (
        "import sys, egide.entrypoints.processes.intake, egide.entrypoints.processes.live\n"
        "from pathlib import Path; from egide.common.clock import SystemClock; from egide.common.config import Config\n"
        "from egide.journal.service import Journal\n"
        "Journal.open(Config(data_dir=Path(sys.argv[1])), SystemClock())\n"
        "assert 'psycopg' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", look, str(tmp_path)], check=True)


def test_the_tables_are_made_by_several_at_once(postgres: Server) -> None:
    with closing(postgres.asked()) as asked:
        asked.execute("CREATE DATABASE made_at_once")
    failures: list[Exception] = []

    def prepare() -> None:
        try:
            with closing(postgres.asked("made_at_once")) as connection:
                make(connection)
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_the_doctor_says_who_could_change_events_and_what_a_lost_machine_costs(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    owner = as_user("owner")

    def found(user: str) -> tuple[str, str]:
        (one,) = database(replace(installation.config, journal=postgres.address(JOURNAL, user)))
        return one.grade, one.text

    assert found("owner")[0] == WRONG and "may change" in found("owner")[1]
    assert found("intake") == (WRONG, found("intake")[1]) and "forces nothing" in found("intake")[1]
    owner.execute("ALTER TABLE event DISABLE TRIGGER event_no_change")
    assert "nothing keeps events" in found("intake")[1]
    assert list(database(replace(installation.config, journal=""))) == []


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
