"""A record and the event that reports it are kept or lost together, and reach the journal exactly once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections, transaction

from egide.common.config import Config
from egide.common.sealing import UnsealError
from egide.events.register import GrantChanged, KitReturned
from egide.outbox import copy
from egide.outbox.models import OutboxRow
from egide.outbox.service import offer
from tests.support.pages import ON_BOTH, Pages


def offered(pages: Pages, *kits: str, case: str = "ca5e") -> None:
    pages.installation.keys.ensure(case)
    with transaction.atomic():
        for kit in kits:
            offer(KitReturned(kit=kit), f"kit:{kit}", case)


def copied(pages: Pages) -> list[str]:
    return [row.stream for row in pages.journal.read()]


def test_an_event_outside_of_a_transaction_is_refused(pages: Pages) -> None:
    with pytest.raises(RuntimeError, match="outside of a transaction"):
        offer(KitReturned(kit="1"), "kit:1")


@ON_BOTH
def test_an_event_is_lost_with_the_transaction_that_offered_it(pages: Pages) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        offer(KitReturned(kit="1"), "kit:1")
        raise ZeroDivisionError
    assert copy.copy_waiting(pages.config, pages.journal) == 0


@ON_BOTH
def test_rows_are_copied_in_order_and_only_once(pages: Pages) -> None:
    offered(pages, "1", "2", "3")
    assert copy.copy_waiting(pages.config, pages.journal) == 3
    assert copy.copy_waiting(pages.config, pages.journal) == 0
    assert copied(pages) == ["kit:1", "kit:2", "kit:3"]
    assert list(OutboxRow.objects.values_list("copied_seq", flat=True)) == [1, 2, 3]


@ON_BOTH
def test_a_row_that_was_appended_before_a_crash_is_found_by_its_id_and_not_repeated(pages: Pages) -> None:
    offered(pages, "1")
    copy.copy_waiting(pages.config, pages.journal)
    # As if the process had died between appending and noting.
    OutboxRow.objects.update(copied_seq=None)
    copy.copy_waiting(pages.config, pages.journal)
    assert copied(pages) == ["kit:1"]
    assert OutboxRow.objects.get().copied_seq == 1


@pytest.fixture
def copying(pages: Pages) -> Iterator[copy.Copying]:
    with closing(copy.Copying(pages.config, pages.journal)) as kept:
        yield kept


@ON_BOTH
def test_over_a_kept_connection_what_came_since_is_copied_too(pages: Pages, copying: copy.Copying) -> None:
    for number, kits in enumerate([("1",), (), ("2", "3")]):
        offered(pages, *kits)
        assert copying.turn(500) == len(kits), number
    assert copied(pages) == ["kit:1", "kit:2", "kit:3"]


@ON_BOTH
def test_what_failed_is_copied_at_the_next_turn(pages: Pages, copying: copy.Copying) -> None:
    offered(pages, "1")
    whole = OutboxRow.objects.get().body
    OutboxRow.objects.update(body=b"spoilt")
    with pytest.raises(UnsealError):
        copying.turn(500)
    OutboxRow.objects.update(body=whole)
    assert copying.turn(500) == 1 and copied(pages) == ["kit:1"]


@pytest.mark.files("of the file app.db")
def test_where_another_file_has_taken_its_place_that_one_is_read(
    pages: Pages, copying: copy.Copying, tmp_path: Path
) -> None:
    offered(pages, "1")
    assert copying.turn(500) == 1
    offered(pages, "2")
    app_db, other = pages.config.app_db, tmp_path / "other.db"
    with closing(sqlite3.connect(app_db)) as database:
        database.execute("VACUUM INTO ?", (str(other),))
    connections["default"].close()
    for log in ("-wal", "-shm"):
        app_db.with_name(app_db.name + log).unlink()
    other.replace(app_db)
    assert copying.turn(500) == 1
    assert copied(pages) == ["kit:1", "kit:2"]
    # In the file that is there now it is noted.
    assert set(OutboxRow.objects.values_list("copied_seq", flat=True)) == {1, 2}


@pytest.mark.files("of the file app.db")
def test_as_long_as_there_is_no_outbox_nothing_is_copied(pages: Pages, tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "new")
    config.data_dir.mkdir()
    with closing(copy.Copying(config, pages.journal)) as copying:
        assert copying.turn(500) == 0
        sqlite3.connect(config.app_db).close()
        config.app_db.touch()
        assert copying.turn(500) == 0


def test_the_same_event_offered_twice_is_copied_twice(pages: Pages) -> None:
    offered(pages, "1", "1")
    copy.copy_waiting(pages.config, pages.journal)
    assert copied(pages) == ["kit:1", "kit:1"]


def test_what_waits_is_sealed(pages: Pages) -> None:
    pages.installation.keys.ensure("ca5e")
    with transaction.atomic():
        offer(GrantChanged(kit="telling-name", grant_ends_at_s=1), "kit:1", "ca5e")
    assert b"telling-name" not in bytes(OutboxRow.objects.get().body)
    copy.copy_waiting(pages.config, pages.journal)
    assert pages.journal.open_event(pages.journal.read()[0]) == GrantChanged(
        kit="telling-name", grant_ends_at_s=1
    )


def test_ids_are_unguessable_and_no_seq_can_equal_a_row_as_cause(pages: Pages) -> None:
    offered(pages, *map(str, range(20)))
    ids = set(OutboxRow.objects.values_list("id", flat=True))
    assert len(ids) == 20 and all(len(row_id) == 32 for row_id in ids)
    assert all(copy.cause_of(row_id) < 0 for row_id in ids)


def test_before_the_first_start_of_the_pages_there_is_nothing_to_copy(pages: Pages, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    empty = Config(data_dir=tmp_path_factory.mktemp("empty"))
    assert copy.copy_waiting(empty, pages.journal) == 0
    sqlite3.connect(empty.app_db).close()
    assert copy.copy_waiting(empty, pages.journal) == 0


@ON_BOTH
def test_a_row_of_an_erased_case_holds_up_no_other(pages: Pages) -> None:
    offered(pages, "1", case="gone")
    offered(pages, "2")
    pages.installation.keys.destroy("gone")
    assert copy.copy_waiting(pages.config, pages.journal) == 2
    assert copied(pages) == ["kit:2"]
    assert list(OutboxRow.objects.values_list("copied_seq", flat=True)) == [0, 1]


@pytest.mark.files("SQLite says what it is asked")
def test_many_rows_are_copied_in_few_commits(pages: Pages) -> None:
    offered(pages, *map(str, range(100)))
    commits: list[str] = []
    pages.journal.connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    assert copy.copy_waiting(pages.config, pages.journal) == 100
    pages.journal.connection.set_trace_callback(None)
    assert copied(pages) == [f"kit:{number}" for number in range(100)]
    assert list(OutboxRow.objects.values_list("copied_seq", flat=True)) == list(range(1, 101))
    assert len(commits) == 4


@ON_BOTH
def test_a_row_that_cannot_be_read_stops_no_row_before_it(pages: Pages) -> None:
    offered(pages, "1", "2", "3")
    OutboxRow.objects.filter(stream="kit:2").update(body=b"?" * 64)
    with pytest.raises(UnsealError):
        copy.copy_waiting(pages.config, pages.journal)
    assert copied(pages) == ["kit:1"]
    noted = OutboxRow.objects.order_by("number").values_list("copied_seq", flat=True)
    assert list(noted) == [1, None, None]


def test_rows_of_a_commit_that_were_appended_before_a_crash_are_found_among_new_ones(pages: Pages) -> None:
    offered(pages, "1", "2")
    copy.copy_waiting(pages.config, pages.journal)
    OutboxRow.objects.update(copied_seq=None)
    offered(pages, "3")
    assert copy.copy_waiting(pages.config, pages.journal) == 3
    assert copied(pages) == ["kit:1", "kit:2", "kit:3"]
    assert list(OutboxRow.objects.values_list("copied_seq", flat=True)) == [1, 2, 3]
