"""The journal goes over into PostgreSQL: whole, once, and back into a file with every back-up."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from egide.alarm.events import NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import LANGUAGES
from egide.entrypoints.cli import main
from egide.journal.engines.chosen import keys_of
from egide.journal.engines.postgres_schema import SCHEMA
from egide.journal.errors import JournalError
from egide.journal.now.signs import Signs
from egide.journal.proof import moving
from egide.journal.proof.verify import verify
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import KeyErased, KeyRows, KeyStore, read_rows
from egide.journal.service import Entry, Journal
from egide.journal.snapshot import at_one_moment
from tests.support.histories import tables
from tests.support.installation import Installation
from tests.support.postgres import EMPTY, Server
from tests.support.rewriting import tampering

NOTE = NoteAdded(user="op", text="-")
ENTRY = Entry(stream="system:s", event=NOTE)
AWAY = [("status", "Error: The databases cannot be read: "), ("doctor", "This cannot be looked at: ")]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Installation]:
    """A journal in a file, with a night behind it."""
    with Installation(tmp_path / "data") as made:
        for _ in range(3):
            made.route(made.open_alarm(made.enrol()))
        made.journal.save_cursor("worker", 7)
        yield made


@pytest.fixture
def there(embedded: Installation, postgres: Server) -> Config:
    """The same installation, with the journal in a database that holds nothing yet."""
    return replace(embedded.config, journal=postgres.emptied())


def rows_of(config: Config) -> KeyRows:
    """All keys, in an order of their own."""
    with closing(keys_of(config)) as keys:
        rows = read_rows(keys)
    return KeyRows(tuple(sorted(rows.cases)), tuple(sorted(rows.blobs)), tuple(sorted(rows.erased)))


def run(config: Config, *arguments: str) -> Result:
    environment = config.environment() | {"EGIDE_LANG": "en"}
    return CliRunner().invoke(main, ["journal", *arguments], env=environment)


def test_what_arrives_is_the_same_and_no_process_begins_another(
    embedded: Installation, there: Config
) -> None:
    before, rows, folded = verify(embedded.journal.every()), embedded.journal.read(), tables(embedded.journal)
    running = Journal.open(embedded.config, embedded.clock, embedded.keys)
    embedded.keys.ensure_blob(rows_of(embedded.config).cases[0][0], "a digest")
    embedded.keys.ensure("gone")
    embedded.keys.destroy("gone")
    keys = rows_of(embedded.config)
    done = run(there, "move")
    assert done.exit_code == 0 and "whole: " in done.output, done.output
    assert rows_of(there) == keys and not (there.data_dir / "keys.db").exists()
    journal = Journal.open(there, embedded.clock, KeyStore.open(there))
    assert (verify(journal.every()), journal.read(), tables(journal)) == (before, rows, folded)
    assert journal.cursor("worker") == 7 and journal.last_given_seq() == before.last_seq
    # Who still has the old file open can add nothing to it, and the file alone begins nothing.
    with pytest.raises(JournalError):
        running.append([ENTRY])
    with pytest.raises(JournalError):
        embedded.keys.ensure("made too late")
    with pytest.raises(JournalError):
        embedded.keys.destroy(keys.cases[0][0])
    assert verify(running.every()) == before
    running.connection.close()
    with pytest.raises(NotSetUp, match="stands in PostgreSQL"):
        Journal.open(embedded.config, embedded.clock, embedded.keys)
    assert not embedded.config.journal_db.exists()
    assert (embedded.config.data_dir / moving.MOVED).exists()
    assert run(there, "verify").exit_code == 0
    assert journal.append([ENTRY])[0].seq == before.last_seq + 1
    journal.connection.close()


def test_what_ended_in_the_middle_goes_on_where_it_stopped(
    embedded: Installation, there: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_AT_ONCE", 4)

    class Killed(Exception):
        """The command ends here."""

    def die(arrived: int, of: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        moving.do_move(there, die)
    with pytest.raises(NotSetUp, match="egide journal move"):
        Journal.open(there, embedded.clock, embedded.keys)
    # Meanwhile life goes on with the file.
    embedded.open_alarm(embedded.enrol())
    told: list[int] = []
    proof = moving.do_move(there, lambda arrived, _of: told.append(arrived))
    assert told[0] == 8 and told[-1] == proof.last_seq
    journal = Journal.open(there, embedded.clock, embedded.keys)
    assert verify(journal.every()) == proof and len(journal.open_alarms()) == 4
    journal.connection.close()


def test_keys_that_changed_since_a_move_was_cut_off_arrive_as_they_are(
    embedded: Installation, there: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys had arrived, and life went on with the files: one case was made, one erased, all wrapped anew."""
    case = rows_of(embedded.config).cases[0][0]

    class Killed(Exception):
        """The command ends here."""

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_close_keys", die)
        with pytest.raises(Killed):
            moving.do_move(there, lambda _arrived, _of: None)
    embedded.keys.ensure("made since")
    embedded.keys.destroy(case)
    assert renewing.do_renew_file(embedded.config, embedded.clock) is not None
    keys = rows_of(embedded.config)
    moving.do_move(there, lambda _arrived, _of: None)
    assert rows_of(there) == keys
    store = KeyStore.open(there)
    assert store.has("made since")
    with pytest.raises(KeyErased):
        store.ensure(case)


def test_keys_that_an_earlier_release_left_behind_are_brought_over_later(
    embedded: Installation, there: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = rows_of(embedded.config)
    with monkeypatch.context() as patched:
        patched.setattr(moving, "_close_keys", lambda _execute: None)
        moving.do_move(there, lambda _arrived, _of: None)
    (there.data_dir / "keys.db.moved").rename(there.data_dir / "keys.db")
    with pytest.raises(NotSetUp, match="egide journal move"):
        KeyStore.open(there)
    done = run(there, "move")
    assert done.exit_code == 0, done.output
    assert rows_of(there) == keys
    assert "nothing is to be moved" in run(there, "move").output
    Signs(there, SystemClock()).beat("worker")
    assert "worker gave a sign of life" in run(there, "move").output


def test_keys_of_another_installation_are_left_alone(
    embedded: Installation, there: Config, tmp_path: Path
) -> None:
    with Installation(tmp_path / "other", address=there.journal) as other:
        other.keys.ensure("a stranger's")
        refused = run(there, "move")
        assert refused.exit_code == 1 and "keys of another installation" in refused.output
        assert other.keys.has("a stranger's") and (there.data_dir / "keys.db").exists()


def test_another_journal_is_left_alone(embedded: Installation, there: Config, tmp_path: Path) -> None:
    with Installation(tmp_path / "other", address=there.journal) as other:
        other.append("system:s", NOTE)
        refused = run(there, "move")
        assert refused.exit_code == 1 and "holds another journal" in refused.output
        assert other.journal.head() == 1 and embedded.config.journal_db.exists()


def test_nothing_is_moved_that_is_broken_runs_or_is_not_there(
    embedded: Installation, there: Config, postgres: Server
) -> None:
    assert "Set EGIDE_JOURNAL" in run(embedded.config, "move").output
    assert "holds no tables" in run(replace(there, journal=postgres.address(EMPTY)), "move").output
    signs = Signs(embedded.config, SystemClock())
    signs.beat("intake 1")
    refused = run(there, "move")
    assert refused.exit_code == 2 and "intake 1 gave a sign of life" in refused.output
    signs.leave("intake 1")
    with tampering(embedded) as execute:
        execute("UPDATE event SET zone = '1' WHERE seq = 3")
    assert "broken at event 3" in run(there, "move").output
    assert Journal.open(embedded.config, embedded.clock).head() == embedded.journal.head()


def test_the_tables_are_made_by_the_role_that_owns_them(embedded: Installation, postgres: Server) -> None:
    with postgres.asked() as asked:
        asked.execute("CREATE DATABASE prepared")
    config = replace(embedded.config, journal=postgres.address("prepared", "intake"))
    assert "permission denied" in run(config, "prepare").output
    for _again in range(2):
        done = run(config, "prepare", "--as", "owner")
        assert done.exit_code == 0, done.output
    assert "Set EGIDE_JOURNAL" in run(embedded.config, "prepare").output
    # Who brings keys over may destroy them, too.
    refused = run(config, "move")
    assert refused.exit_code == 1 and "egide_erase" in refused.output
    assert run(config, "move", "--as", "owner").exit_code == 0
    assert KeyStore.open(config).has(rows_of(config).cases[0][0])


def test_a_back_up_of_postgresql_is_a_file_of_one_moment(
    embedded: Installation, there: Config, tmp_path: Path
) -> None:
    moving.do_move(there, lambda _arrived, _of: None)
    journal = Journal.open(there, embedded.clock, embedded.keys)
    before, folded = verify(journal.every()), tables(journal)
    copy = tmp_path / "copy"
    copy.mkdir()
    with at_one_moment(there, embedded.clock) as snapshot:
        journal.append([ENTRY])
        assert snapshot.head == before.last_seq
        snapshot.copy_journal(copy / "journal.db")
    journal.connection.close()
    restored = Journal.open(Config(data_dir=copy), embedded.clock, embedded.keys)
    assert verify(restored.every()) == before and tables(restored) == folded
    assert restored.last_given_seq() == before.last_seq
    restored.connection.close()


def test_nobody_appends_while_a_back_up_begins(embedded: Installation, there: Config) -> None:
    moving.do_move(there, lambda _arrived, _of: None)
    journal = Journal.open(there, embedded.clock, embedded.keys)
    with (
        journal._engine.pausing(),
        psycopg.connect(there.journal, autocommit=True) as impatient,
        pytest.raises(psycopg.errors.LockNotAvailable),
    ):
        impatient.execute(f"SELECT seq FROM {SCHEMA}.last_seq FOR UPDATE NOWAIT")
    journal.connection.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["status", "doctor"])
def test_who_looks_before_the_tables_are_made_is_told_to_make_them(
    tmp_path: Path, postgres: Server, command: str, language: str
) -> None:
    config = Config(data_dir=tmp_path, journal=postgres.address(EMPTY))
    told = CliRunner().invoke(main, [command], env=config.environment() | {"EGIDE_LANG": language})
    assert told.exit_code == 1 and "`egide journal prepare`" in told.output
    assert isinstance(told.exception, SystemExit) and "does not exist" not in told.output


@pytest.mark.parametrize(("command", "sentence"), AWAY)
def test_who_looks_while_the_database_is_away_gets_a_sentence(
    tmp_path: Path, command: str, sentence: str
) -> None:
    config = Config(data_dir=tmp_path, journal=f"postgresql://intake@/journal?host={tmp_path}")
    told = CliRunner().invoke(main, [command], env=config.environment() | {"EGIDE_LANG": "en"})
    assert told.exit_code == 1 and isinstance(told.exception, SystemExit)
    assert sentence in told.output, told.output
