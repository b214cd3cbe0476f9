"""What is PostgreSQL's alone: who may do what, and what is refused."""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from egide.alarm.events import NoteAdded
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.database import database
from egide.entrypoints.doctor.finding import WRONG
from egide.journal.engines.postgres import PostgresEngine
from egide.journal.engines.postgres_schema import make
from egide.journal.errors import JournalUnavailable
from egide.journal.proof.checkpoints import CheckpointKeeper
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Entry, Journal
from tests.journal.conftest import Asked
from tests.journal.test_unavailable import METHODS, QUESTIONS, ask
from tests.support.installation import Installation
from tests.support.postgres import EMPTY, JOURNAL, Server

NOTE = NoteAdded(user="op", text="-")
ENTRY = Entry(stream="system:s", event=NOTE)
_COLUMNS = "stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"


@pytest.fixture
def journal_at(postgres: Server) -> str:
    return postgres.emptied()


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


def test_who_owns_the_tables_need_not_be_allowed_to_make_roles(postgres: Server) -> None:
    with postgres.asked() as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("CREATE DATABASE plain OWNER plain")
    try:
        with psycopg.connect(postgres.address("plain", "plain"), autocommit=True) as plain:
            make(plain)
            assert plain.execute("SELECT count(*) FROM egide_journal.event").fetchone() == (0,)
    finally:
        with postgres.asked() as connection:
            connection.execute("DROP DATABASE plain WITH (FORCE)")
            connection.execute("DROP ROLE plain")


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
