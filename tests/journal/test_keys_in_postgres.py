"""Wrapped keys beside a journal in PostgreSQL: who may read, make and destroy them, and what is left of one."""

import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from egide.alarm.events import NoteAdded
from egide.common.config import Config
from egide.common.sealing import SealingKey
from egide.common.settings import NotSetUp
from egide.entrypoints.doctor.finding import LOOK
from egide.entrypoints.doctor.keys import keys as doctor_of_keys
from egide.journal.ending import erasing
from egide.journal.engines.chosen import keys_of
from egide.journal.engines.keys.rights import SCHEMA, TABLES
from egide.journal.errors import JournalUnavailable
from egide.journal.sealing import renewing
from egide.journal.sealing.keys import KeyErased, KeyStore, read_rows
from egide.journal.service import Entry, Journal
from egide.journal.snapshot import at_one_moment, blobs_with_a_key
from tests.journal.conftest import Asked
from tests.support.installation import Installation
from tests.support.postgres import JOURNAL, Server
from tests.support.waiting import until


@pytest.fixture
def journal_at(postgres: Server) -> str:
    return postgres.emptied()


@pytest.fixture
def machine(installation: Installation, postgres: Server, tmp_path: Path) -> Callable[[str], Config]:
    """The settings of another machine, which signs in as this user and has the same master key."""

    def made(user: str) -> Config:
        folder = tmp_path / f"machine of {user}"
        folder.mkdir()
        shutil.copy(installation.config.data_dir / "master.key", folder)
        return replace(installation.config, data_dir=folder, journal=postgres.address(JOURNAL, user))

    return made


def test_every_machine_has_the_same_keys_and_forgets_what_another_one_erased(
    installation: Installation, machine: Callable[[str], Config]
) -> None:
    here, other = installation.keys, KeyStore.open(machine("intake"))
    key, blob = here.ensure("a case").raw, here.ensure_blob("a case", "a digest").raw
    assert other.case_key("a case").raw == key and other.blob_key("a case", "a digest").raw == blob
    assert other.ensure("another").raw == here.case_key("another").raw
    assert not (installation.config.data_dir / "keys.db").exists()
    told: list[str] = []
    other.on_erased(told.append)
    here.destroy("a case")
    # Under the journal's lock nobody goes by what was so a moment ago.
    other.forget_erased(exact=True)
    assert told == ["a case"]
    for store in (here, other):
        for ask in (store.case_key, store.ensure):
            with pytest.raises(KeyErased):
                ask("a case")
    assert not other.has("a case") and other.has("another")


def test_what_another_machine_erased_is_forgotten_without_asking_each_time(
    installation: Installation, machine: Callable[[str], Config]
) -> None:
    other = KeyStore.open(machine("intake"))
    other.ensure("a case")
    installation.keys.destroy("a case")

    def is_forgotten() -> bool:
        try:
            other.case_key("a case")
        except KeyErased:
            return True
        return False

    until(is_forgotten, "it is forgotten")


def test_what_is_remembered_stays_readable_while_the_database_is_away(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is open must not vanish with it; nothing is appended by what is remembered alone."""
    keys = installation.keys
    key = keys.ensure("a case").raw
    keys._place.close()
    monkeypatch.setattr(keys._place._engine, "_address", "host=/nowhere")  # type: ignore[attr-defined]
    assert keys.case_key("a case").raw == key
    with pytest.raises(JournalUnavailable):
        keys.case_key("another")
    with pytest.raises(JournalUnavailable):
        keys.forget_erased(exact=True)
    with pytest.raises(JournalUnavailable):
        keys.ensure("another")


def test_who_works_makes_keys_and_destroys_none_and_who_passes_on_sees_none(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    installation.keys.ensure("a case")
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("live").execute(f"SELECT * FROM {SCHEMA}.{table}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_user("live").execute(f"SELECT {SCHEMA}.scrub()".encode())
    for statement in (
        "DELETE FROM {}.case_key",
        "UPDATE {}.case_key SET wrapped = ''",
        "INSERT INTO {}.erased_case (case_id) VALUES ('a case')",
        "INSERT INTO {}.master_key VALUES (1, 1, NULL, 1)",
        "TRUNCATE {}.case_key",
        "CREATE TABLE {}.mine (a int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("intake").execute(statement.format(SCHEMA).encode())
    assert installation.keys.case_key("a case")


def test_what_is_erased_stays_erased_whoever_asks(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    installation.keys.ensure("a case")
    installation.keys.destroy("a case")
    owner = as_user("owner")
    owner.execute("SET session_replication_role = replica")
    for statement in (
        "INSERT INTO {}.case_key VALUES ('a case', '')",
        "DELETE FROM {}.erased_case",
        "UPDATE {}.erased_case SET case_id = 'another'",
        "TRUNCATE {}.erased_case",
    ):
        with pytest.raises(psycopg.errors.IntegrityError):
            owner.execute(statement.format(SCHEMA).encode())


def test_a_key_is_not_made_beside_the_end_of_its_case(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    """Somebody destroys it and has not committed yet: who wants it meanwhile waits, and gets none."""
    installation.keys.ensure("a case")
    slow, owner = as_user("eraser"), as_user("owner")
    other = KeyStore.open(installation.config)
    slow.execute(f"SET search_path = {SCHEMA}".encode())
    slow.execute("BEGIN")
    slow.execute("SELECT pg_advisory_xact_lock(hashtext('egide_keys'))")
    slow.execute("DELETE FROM case_key")
    slow.execute("INSERT INTO erased_case (case_id) VALUES ('a case')")
    found: list[object] = []

    def ensure() -> None:
        try:
            found.append(other.ensure("a case"))
        except KeyErased as error:
            found.append(error)

    asking = threading.Thread(target=ensure)
    asking.start()
    sql = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    until(lambda: owner.execute(sql).fetchone(), "the other one waits")
    slow.execute("COMMIT")
    asking.join(60)
    assert isinstance(found[0], KeyErased)
    assert owner.execute(f"SELECT 1 FROM {SCHEMA}.case_key".encode()).fetchone() is None


def test_a_role_that_may_not_destroy_keys_erases_nothing_and_says_what_to_do(
    installation: Installation, machine: Callable[[str], Config]
) -> None:
    case = "a case"
    installation.keys.ensure(case)
    config = machine("intake")
    journal = Journal.open(config, installation.clock, KeyStore.open(config))
    assert erasing.do_erase(journal, case, "first").kind == "EraseRequested"
    head = journal.head()
    with pytest.raises(JournalUnavailable, match="egide_erase"):
        erasing.do_erase(journal, case, "second")
    assert journal.head() == head and journal.keys.case_key(case)
    allowed = machine("eraser")
    eraser = Journal.open(allowed, installation.clock, KeyStore.open(allowed))
    assert erasing.do_erase(eraser, case, "second").kind == "CaseErased"
    for one in (journal, eraser):
        with pytest.raises(KeyErased):
            one.append([Entry(stream="x", event=NoteAdded(user="op", text="-"), case=case)])
        one.connection.close()


def test_no_file_of_the_database_keeps_a_destroyed_key(
    installation: Installation, postgres: Server, as_user: Callable[[str], Asked]
) -> None:
    owner, keys = as_user("owner"), installation.keys
    for case in ("a case", "another"):
        keys.ensure(case)
    keys.ensure_blob("another", "a digest")
    rows = read_rows(keys._place)
    wrapped = dict(rows.cases)["a case"]

    def is_in_files() -> bool:
        owner.execute("CHECKPOINT")
        return any(
            wrapped in path.read_bytes() for path in (postgres.data / "base").rglob("*") if path.is_file()
        )

    assert is_in_files()
    keys.destroy("a case")
    assert is_in_files(), "a deleted row is still there"
    keys.scrub()
    assert not is_in_files()
    assert keys.case_key("another") and keys.blob_key("another", "a digest")


def test_a_back_up_that_reads_the_keys_loses_none_to_whoever_cleans(
    installation: Installation, as_user: Callable[[str], Asked]
) -> None:
    installation.keys.ensure("a case")
    installation.keys.ensure_blob("a case", "a digest")
    owner = as_user("owner")
    with closing(keys_of(installation.config).copier()) as reader:
        reader.begin()
        cleaning = threading.Thread(target=installation.keys.scrub)
        cleaning.start()
        until(lambda: owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone(), "it waits")
        rows = read_rows(reader)
    cleaning.join(60)
    assert [case for case, _wrapped in rows.cases] == ["a case"] and len(rows.blobs) == 1
    with at_one_moment(installation.config, installation.clock) as snapshot:
        assert snapshot.keys == rows
    assert blobs_with_a_key(installation.config) == {"a digest"}


def test_a_new_master_key_wraps_all_of_them_and_reaches_who_runs(installation: Installation) -> None:
    key, running = installation.keys.ensure("a case").raw, KeyStore.open(installation.config)
    assert running.case_key("a case").raw == key
    old = SealingKey((installation.config.data_dir / "master.key").read_bytes())
    renewed = renewing.do_renew_file(installation.config, installation.clock)
    assert renewed is not None and renewed.keys >= 1
    assert running.ensure("made since").raw == KeyStore.open(installation.config).case_key("made since").raw
    assert any(found.grade == LOOK for found in doctor_of_keys(installation.config))
    assert renewing.do_forget(installation.config)
    with pytest.raises(Exception, match="opens none"):
        KeyStore(keys_of(installation.config), old).check_master()
    assert KeyStore.open(installation.config).case_key("a case").raw == key


def test_a_file_of_keys_beside_the_setting_is_refused(installation: Installation) -> None:
    (installation.config.data_dir / "keys.db").touch()
    with pytest.raises(NotSetUp, match="egide journal move"):
        KeyStore.open(installation.config)
