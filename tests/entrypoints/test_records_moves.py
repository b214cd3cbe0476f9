"""The records go over into PostgreSQL: all or nothing, proven the same on both sides, once."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction

from egide.access.models import User
from egide.casework.models import Case
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.backup import making
from egide.entrypoints.backup.archive import new_identity
from egide.entrypoints.upgrading.records import check_understood_here
from egide.events.register import KitReturned
from egide.journal.now.signs import Signs
from egide.journal.sealing.master import MASTER_FILE
from egide.journal.snapshot import at_one_moment
from egide.outbox import copy
from egide.outbox.models import OutboxRow
from egide.outbox.postgres import moving
from egide.outbox.postgres.address import SCHEMA
from egide.outbox.service import offer
from tests.support.commands import run
from tests.support.pages import MONS, Pages, make_tables, reach_records
from tests.support.postgres import CLERK, Server

Rows = dict[str, list[tuple[object, ...]]]
pytestmark = pytest.mark.files("records in a file go over into the database")


@pytest.fixture
def there(pages: Pages, postgres: Server) -> Config:
    """An office with files and people, and its records to be in a database that holds none yet."""
    assert pages.files
    pages.client(pages.user("op-1"))
    cache.set("code", "used")
    with transaction.atomic():
        offer(KitReturned(kit="1"), "kit:1", pages.files[MONS].case.id)
        offer(KitReturned(kit="2"), "kit:2", pages.files[MONS].case.id)
    OutboxRow.objects.filter(stream="kit:2").delete()
    address = postgres.records(make_tables)
    reach_records(pages.config)
    return replace(pages.config, records=address)


def contents(pages: Pages, config: Config) -> Rows:
    """What Django finds of some tables, among them every kind of column."""
    reach_records(config)
    found: Rows = {
        model.__name__: sorted(model.objects.values_list(), key=repr)  # type: ignore[attr-defined]
        for model in (User, Case, Session, OutboxRow)
    }
    found["cache"] = [(cache.get("code"),)]
    reach_records(pages.config)
    return found


def test_what_arrives_is_the_same_and_nobody_goes_on_with_the_file(pages: Pages, there: Config) -> None:
    before = contents(pages, pages.config)
    assert len(before["Case"]) == 4 and len(before["User"]) and before["cache"] == [("used",)]
    with closing(sqlite3.connect(pages.config.app_db)) as running:
        running.execute("SELECT count(*) FROM outbox_outboxrow").fetchone()
        done = run(there, "records", "move")
        assert done.returncode == 0 and "The same on both sides (rows: " in done.stdout, done.stderr
        assert "casework_case: 4\n" in done.stderr
        # Who still has the file open can change nothing in it.
        with pytest.raises(sqlite3.IntegrityError, match="records were moved"):
            running.execute("UPDATE outbox_outboxrow SET copied_seq = 7")
    assert not pages.config.app_db.exists() and (pages.config.data_dir / moving.MOVED).exists()
    assert contents(pages, there) == before
    with pytest.raises(NotSetUp, match="stand in PostgreSQL"):
        check_understood_here(pages.config)
    check_understood_here(there)
    # Numbers go on where they were, also behind a row that is gone.
    reach_records(there)
    rows = OutboxRow.objects.count()
    last = OutboxRow.objects.latest("number").number
    with transaction.atomic():
        assert offer(KitReturned(kit="3"), "kit:3", pages.files[MONS].case.id).number == last + 2
    assert copy.copy_waiting(there, pages.journal) == rows + 1
    again = run(there, "records", "move")
    assert again.returncode == 1 and "nothing is to be moved" in again.stderr


@pytest.mark.parametrize("where", ["_close", "_arrived"])
def test_what_ended_in_the_middle_serves_nobody_and_goes_on(
    pages: Pages, there: Config, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class Killed(Exception):
        """The command ends here."""

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(moving, where, die)
        moving.do_move(there, lambda _table, _rows: None)
    with pytest.raises(NotSetUp, match="egide records move"):
        check_understood_here(there)
    if where == "_close":
        # Meanwhile life goes on with the file.
        User.objects.filter(name="op-1").update(title="Meanwhile")
    assert run(there, "records", "move").returncode == 0
    check_understood_here(there)
    reach_records(there)
    assert User.objects.get(name="op-1").title == ("Meanwhile" if where == "_close" else "Op-1")
    assert Case.objects.count() == 4


def test_other_records_are_left_alone(pages: Pages, there: Config) -> None:
    with closing(psycopg.connect(there.records, autocommit=True)) as asked:
        asked.execute(f"INSERT INTO {SCHEMA}.access_cache VALUES ('code', 'used', now())")
        refused = run(there, "records", "move")
        assert refused.returncode == 1 and "holds other records" in refused.stderr
        assert asked.execute(f"SELECT count(*) FROM {SCHEMA}.access_cache").fetchone() == (1,)
    assert pages.config.app_db.exists() and Case.objects.count() == 4


def test_a_row_that_does_not_fit_is_named_and_nothing_is_moved(pages: Pages, there: Config) -> None:
    # SQLite counts no letters.
    Case.objects.filter(id=pages.files[MONS].case.id).update(office="x" * 300)
    refused = run(there, "records", "move")
    assert refused.returncode == 1 and "A row of casework_case cannot be kept there" in refused.stderr
    assert contents(pages, there)["User"] == []
    Case.objects.filter(id=pages.files[MONS].case.id).update(office="mons")
    assert run(there, "records", "move").returncode == 0


def test_what_arrives_changed_is_not_taken(pages: Pages, there: Config, postgres: Server) -> None:
    owner = postgres.address(there.records.split("?")[0].rpartition("/")[2])
    with closing(psycopg.connect(owner, autocommit=True)) as asked:
        asked.execute(
            f"""
            SET search_path = {SCHEMA};
            CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := ''; RETURN NEW; END $$;
            CREATE TRIGGER spoil BEFORE INSERT ON access_user FOR EACH ROW EXECUTE FUNCTION spoil()
            """
        )
        refused = run(there, "records", "move")
        assert (
            refused.returncode == 1 and "What arrived in access_user is not what was sent" in refused.stderr
        )
        assert asked.execute(f"SELECT count(*) FROM {SCHEMA}.access_user").fetchone() == (0,)
    assert pages.config.app_db.exists()


def test_nothing_is_moved_while_a_process_runs_or_without_the_setting(pages: Pages, there: Config) -> None:
    assert "Set EGIDE_RECORDS" in run(pages.config, "records", "move").stderr
    signs = Signs(there, SystemClock())
    signs.beat("web 1")
    refused = run(there, "records", "move")
    assert refused.returncode == 2 and "web 1 gave a sign of life" in refused.stderr
    signs.leave("web 1")
    assert pages.config.app_db.exists()


def test_the_tables_are_made_by_a_role_that_owns_them_and_may_nothing_else(
    pages: Pages, there: Config, postgres: Server
) -> None:
    with postgres.asked() as asked:
        # Roles are there before, as the guide has it: the owner may make none.
        asked.execute("CREATE ROLE builder LOGIN")
        asked.execute("CREATE DATABASE built OWNER builder")
    config = replace(
        there, records=postgres.address("built", CLERK), journal=postgres.address("built", "intake")
    )
    assert "Set EGIDE_RECORDS" in run(pages.config, "records", "prepare").stderr
    assert "permission denied" in run(config, "records", "prepare").stderr
    for tables in ("records", "journal"):
        done = run(config, tables, "prepare", "--as", "builder")
        assert done.returncode == 0, done.stderr
    check_understood_here(replace(config, data_dir=pages.config.data_dir / "other"))
    # Beside the journal, in one database.
    config.app_db.unlink()
    reach_records(config)
    assert User.objects.count() == 0


def test_a_back_up_holds_the_records_of_its_moment_as_a_file(
    pages: Pages, there: Config, tmp_path: Path
) -> None:
    before = contents(pages, pages.config)
    assert run(there, "records", "move").returncode == 0
    to, copy_of = tmp_path / "to", tmp_path / "copy"
    to.mkdir()
    copy_of.mkdir()
    secret, recipient = new_identity()
    (tmp_path / "key").write_text(secret)
    config = replace(there, backup_to=str(to), backup_recipient=recipient)
    with (
        making._elsewhere(config, tmp_path) as records,
        at_one_moment(config, pages.clock, records) as snapshot,
    ):
        reach_records(there)
        User.objects.filter(name="op-1").update(title="Too late")
        assert snapshot.copy_records(copy_of / "app.db")
    assert contents(pages, Config(data_dir=copy_of)) == before
    # Numbers go on where they were, also behind a row that is gone.
    with closing(sqlite3.connect(copy_of / "app.db")) as copied:
        given = dict(copied.execute("SELECT name, seq FROM sqlite_sequence"))
    assert given["outbox_outboxrow"] == max(row[0] for row in before["OutboxRow"]) + 1
    done = run(config, "backup")
    assert done.returncode == 0, done.stderr
    restored = run(
        replace(pages.config, data_dir=tmp_path),
        *(
            "restore",
            str(next(to.glob("*.age"))),
            "--to",
            str(tmp_path / "restored"),
            "--key",
            str(tmp_path / "key"),
        ),
        *("--master", str(pages.config.data_dir / MASTER_FILE), "--without-second-place"),
    )
    assert restored.returncode == 0, restored.stderr
    found = contents(pages, Config(data_dir=tmp_path / "restored"))
    assert found["Case"] == before["Case"] and found["Session"] == before["Session"]
    assert "Too late" in repr(found["User"])
