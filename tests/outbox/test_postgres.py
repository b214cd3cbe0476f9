"""The records in PostgreSQL: one writes at a time, nobody is left with a lost connection, roles have least rights."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import msgspec
import psycopg
import pytest
from django.core.signals import request_started
from django.db import OperationalError, connection, connections, transaction

from egide.access.models import User
from egide.casework.life.erasing import do_drop_rows
from egide.casework.models import Case
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor import database as doctor
from egide.entrypoints.doctor import system
from egide.entrypoints.upgrading.check import examine
from egide.entrypoints.upgrading.records import migrations_done
from egide.entrypoints.upgrading.release import Package, Release
from egide.journal.schema import FORMAT
from egide.outbox import copy
from egide.outbox.models import OutboxRow
from egide.outbox.place import check_place, note_place
from egide.outbox.postgres.address import SCHEMA, check_reached, connect, parameters
from egide.outbox.postgres.facts import facts
from egide.outbox.postgres.rows import rows_there, tables_there
from tests.intake.test_process_keeping import away
from tests.outbox.test_outbox import copied, offered
from tests.support.pages import GENT, MONS, Pages, reach_records
from tests.support.postgres import Server
from tests.support.waiting import until

pytestmark = pytest.mark.parametrize("records_at", ["postgres"], indirect=True)
_WAITS = """
SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE NOT granted AND datname = current_database()
"""
Beside = Callable[[Callable[[], object]], threading.Thread]


@pytest.fixture
def beside(pages: Pages) -> Iterator[Beside]:
    """Runs something as another page would, over a connection of its own."""
    begun: list[threading.Thread] = []

    def begin(act: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                act()
            finally:
                connections["default"].close()

        begun.append(threading.Thread(target=run))
        begun[-1].start()
        return begun[-1]

    yield begin
    for thread in begun:
        thread.join()


def database_of(config: Config) -> str:
    return parameters(config)["dbname"]


def somebody_waits(pages: Pages) -> bool:
    with closing(psycopg.connect(pages.config.records, autocommit=True)) as asked:
        return asked.execute(_WAITS).fetchone() is not None


def test_two_pages_that_decide_by_what_they_read_decide_one_after_the_other(
    pages: Pages, beside: Beside
) -> None:
    def do_take_if_free() -> None:
        with transaction.atomic():
            if not OutboxRow.objects.filter(stream="kit:1").exists():
                offered(pages, "1")

    pages.installation.keys.ensure("ca5e")
    with transaction.atomic():
        assert not OutboxRow.objects.exists()
        other = beside(do_take_if_free)
        until(lambda: somebody_waits(pages), "the other page waits for its turn")
        offered(pages, "1")
    other.join()
    assert OutboxRow.objects.count() == 1


def test_a_single_statement_takes_its_turn_too_and_is_not_written_over(pages: Pages, beside: Beside) -> None:
    pages.user("op-1")
    with transaction.atomic():
        user = User.objects.get(name="op-1")
        other = beside(lambda: User.objects.filter(name="op-1").update(is_active=False))
        until(lambda: somebody_waits(pages), "the other page waits for its turn")
        user.title = "Another"
        user.save()
    other.join()
    user.refresh_from_db()
    assert (user.title, user.is_active) == ("Another", False)


def test_who_waits_for_a_while_only_leaves_a_database_that_hangs_and_finds_it_again(
    pages: Pages, postgres: Server
) -> None:
    pages.user("op-1")
    with transaction.atomic():
        User.objects.filter(name="op-1").update(is_active=True)
        with postgres.hanging(), answered_within(0.3), pytest.raises(OperationalError):
            User.objects.filter(name="op-1").update(is_active=False)
        transaction.set_rollback(True)
    with postgres.hanging(), answered_within(0.3), pytest.raises(OperationalError):
        User.objects.filter(name="op-1").exists()
    assert User.objects.filter(name="op-1", is_active=True).exists()


def test_reading_waits_for_nobody(pages: Pages, beside: Beside) -> None:
    found: list[int] = []
    with transaction.atomic():
        offered(pages, "1")
        beside(lambda: found.append(OutboxRow.objects.count())).join()
    assert found == [0]


def test_who_does_not_get_its_turn_has_begun_nothing_and_goes_on_later(pages: Pages, beside: Beside) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            held.set()
            done.wait()

    pages.config = replace(pages.config, records=pages.config.records + "&options=-clock_timeout%3D20ms")
    reach_records(pages.config)
    other = beside(hold)
    held.wait()
    with pytest.raises(OperationalError, match="lock timeout"):
        offered(pages, "1")
    assert OutboxRow.objects.count() == 0 and connection.get_autocommit()
    done.set()
    other.join()
    offered(pages, "1")
    assert OutboxRow.objects.count() == 1


def test_a_connection_that_is_lost_costs_a_transaction_and_nothing_else(
    pages: Pages, postgres: Server
) -> None:
    offered(pages, "1")
    postgres.send_away(pages.config.records)
    # Without a request in between, as in a thread of the worker.
    assert OutboxRow.objects.count() == 1
    with pytest.raises(OperationalError), transaction.atomic():
        OutboxRow.objects.update(kind="never kept")
        postgres.send_away(pages.config.records)
        OutboxRow.objects.count()
    assert not OutboxRow.objects.filter(kind="never kept").exists()
    with closing(copy.Copying(pages.config, pages.journal)) as copying:
        assert copying.turn(500) == 1
        postgres.send_away(pages.config.records)
        offered(pages, "2")
        with pytest.raises(copy.OutboxUnavailable):
            copying.turn(500)
        assert copying.turn(500) == 1
    assert copied(pages) == ["kit:1", "kit:2"]


def test_a_request_that_begins_while_the_database_is_away_gets_as_far_as_its_page(
    pages: Pages, postgres: Server
) -> None:
    offered(pages, "1")
    with away(postgres):
        request_started.send(sender=None)
        with pytest.raises(OperationalError, match="connection to server"):
            OutboxRow.objects.count()


def test_who_serves_changes_no_table_and_others_see_nothing(pages: Pages, postgres: Server) -> None:
    with closing(psycopg.connect(pages.config.records, autocommit=True)) as clerk:
        for refused in (
            "CREATE TABLE mine ()",
            "DROP TABLE outbox_outboxrow",
            "ALTER TABLE outbox_outboxrow DISABLE TRIGGER ALL",
            "TRUNCATE outbox_outboxrow",
            "DELETE FROM django_migrations",
            "INSERT INTO egide_needs VALUES ('fleet.9999_later')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                clerk.execute(f"SET search_path = {SCHEMA}; {refused}")
    stranger = postgres.address(database_of(pages.config), "live")
    with (
        closing(psycopg.connect(stranger, autocommit=True)) as live,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        live.execute(f"SELECT 1 FROM {SCHEMA}.access_user")
    with pytest.raises(NotSetUp, match="grant egide_records"):
        check_reached(replace(pages.config, records=stranger))
    with pytest.raises(NotSetUp, match="holds no tables"):
        check_reached(replace(pages.config, records=postgres.address("postgres")))
    with pytest.raises(OSError, match="does not exist"):
        check_reached(replace(pages.config, records=postgres.address("none")))


def test_rule_29_no_row_of_an_erased_case_is_left_and_none_of_another_goes(pages: Pages) -> None:
    case, other = pages.files[MONS].case.id, pages.files[GENT].case.id

    def rows_of(name: str) -> list[tuple[str, str]]:
        with closing(connect(pages.config)) as asked, asked.transaction():
            return [
                (table.name, column)
                for table in tables_there(asked)
                for row in rows_there(asked, table)
                for column, value in zip(table.columns, row, strict=True)
                if value == name
            ]

    offered(pages, "1", case=case)
    of_other = rows_of(other)
    assert {table for table, _column in rows_of(case)} >= {
        "casework_case",
        "casework_beneficiary",
        "outbox_outboxrow",
    }
    assert do_drop_rows(case) > 3
    assert rows_of(case) == []
    assert rows_of(other) == of_other != []


def test_what_is_sealed_is_found_by_its_whole_value_and_stands_nowhere_in_the_clear(pages: Pages) -> None:
    case = pages.files[MONS].case
    assert Case.objects.get(number=case.number).id == case.id
    with closing(connect(pages.config)) as asked, asked.transaction():
        stored = [repr(row) for table in tables_there(asked) for row in rows_there(asked, table)]
    assert any(case.id in row for row in stored)
    assert not [row for row in stored if case.number in row or pages.files[MONS].name in row]


def test_doctor_says_who_may_change_tables_and_what_the_server_keeps(pages: Pages, postgres: Server) -> None:
    def graded(config: Config, **told: bool) -> tuple[str, str]:
        found = facts(config)
        found = msgspec.structs.replace(found, server=msgspec.structs.replace(found.server, **told))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("egide.outbox.postgres.facts.facts", lambda _config: found)
            [one] = doctor.records(config)
        return one.grade, one.text

    owner = replace(pages.config, records=postgres.address(database_of(pages.config)))
    assert graded(owner)[1].startswith("This role of the records' database may change")
    assert graded(pages.config)[0] == "wrong" and "fsync" in graded(pages.config)[1]
    assert graded(pages.config, is_forced=True)[0] == "look"
    assert graded(pages.config, is_forced=True, has_standby=True)[0] == "ok"
    remote = graded(pages.config, is_forced=True, is_local=False, is_encrypted=False)
    assert remote[0] == "wrong" and "in the clear" in remote[1]
    assert list(doctor.records(replace(pages.config, records=""))) == []
    assert [one.grade for one in system.versions(pages.config)] == ["ok"]


def test_what_a_release_would_change_is_said_without_changing_it(pages: Pages) -> None:
    def said(**migrations: bool) -> tuple[str, str]:
        there = dict.fromkeys(migrations_done(pages.config), False)
        release = Release(FORMAT, there | migrations, (), ())
        return next(
            (one.grade, one.text)
            for one in examine(pages.config, SystemClock(), Package(release))
            if one.check == "records"
        )

    assert said() == ("ok", "The records stay as they are.")
    grade, text = said(**{"fleet.9999_later": False})
    assert grade == "look" and "egide records prepare" in text and "fleet.9999_later" in text
    assert "fleet.9999_later" not in migrations_done(pages.config)


def test_the_address_is_read_before_anything_is_asked(pages: Pages) -> None:
    for wrong, why in (
        ("postgresql://host/database?nonsense=1", "cannot be read"),
        ("postgresql://host", "names no database"),
    ):
        with pytest.raises(NotSetUp, match=why):
            parameters(replace(pages.config, records=wrong))
    given = parameters(
        replace(pages.config, records="postgresql://egide@a,b/egide", records_password="secret")
    )
    assert given["password"] == "secret" and given["host"] == "a,b"
    assert given["target_session_attrs"] == "read-write"


def test_there_are_never_two_registers(pages: Pages) -> None:
    check_place(pages.config)
    note_place(pages.config)
    with pytest.raises(NotSetUp, match="stand in PostgreSQL"):
        check_place(replace(pages.config, records=""))
    pages.config.app_db.touch()
    with pytest.raises(NotSetUp, match="egide records move"):
        check_place(pages.config)
