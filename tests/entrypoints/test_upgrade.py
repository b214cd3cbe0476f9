"""`egide upgrade --check` says before an upgrade what happens; a release refuses what a later one has changed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from django.db import migrations as m
from django.db import models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

import egide
from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.backup.generations import name_at
from egide.entrypoints.doctor import system
from egide.entrypoints.stack.migrated import copy_migrated
from egide.entrypoints.upgrading import check, records
from egide.entrypoints.upgrading.migrations import breaking
from egide.entrypoints.upgrading.release import MODULE, Package, Release
from egide.journal.engines.postgres_schema import SCHEMA
from egide.journal.schema import FORMAT
from egide.journal.service import Journal
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.nursery import COMMAND, run_loaded
from tests.support.postgres import JOURNAL, Server

LATER = "fleet.9999_later"
# Each process of an installation, and commands that open journal or records.
OF_JOURNAL = ("intake", "live", "web", "worker", "watch", "metrics", "ready")
OF_RECORDS = ("web", "worker")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        made.config = replace(made.config, demo=True)
        made.enrol()
        copy_migrated(made.config.app_db)
        yield made


@pytest.fixture(scope="module")
def today() -> Release:
    """What this code says of itself."""
    said = subprocess.run([sys.executable, "-m", MODULE], capture_output=True, check=True).stdout
    return msgspec.json.decode(said, type=Release)


def changed(config: Config, *, journal: bool = False, noted: bool = False, added: bool = False) -> None:
    """As a later release leaves it."""
    if journal:
        with closing(sqlite3.connect(config.journal_db)) as connection:
            connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    if noted or added:
        app, name = LATER.split(".")
        with closing(sqlite3.connect(config.app_db, isolation_level=None)) as connection:
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2030-01-01')", (app, name)
            )
            if noted:
                connection.execute(f"INSERT INTO {records.NEEDS} VALUES (?)", (LATER,))


def examined(config: Config, release: Release, **fields: object) -> dict[str, tuple[str, str]]:
    found = check.examine(config, SystemClock(), Package(release, **fields))  # type: ignore[arg-type]
    return {one.check: (one.grade, one.text) for one in found}


def contents(folder: Path) -> dict[str, bytes]:
    """All that is in files, but for SQLite's shared memory, in which readers leave their marks."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return {str(path.relative_to(folder)): text for path in files if (text := path.read_bytes())}


def test_nothing_changes_between_a_release_and_itself(running: Installation, today: Release) -> None:
    found = examined(running.config, today)
    assert {name: grade for name, (grade, _text) in found.items()} == {
        "package": "ok",
        "journal": "ok",
        "records": "ok",
        "settings": "ok",
        "disk": "ok",
        "backup": "look",
        "beside": "ok",
        "rollback": "ok",
    }
    assert found["records"][1] == "The records stay as they are."


def test_what_is_only_added_lets_the_release_of_before_go_on(running: Installation, today: Release) -> None:
    found = examined(
        running.config, msgspec.structs.replace(today, migrations=today.migrations | {LATER: False})
    )
    assert found["records"] == ("ok", f"Something is added to app.db at the first start (1): {LATER}.")
    assert found["beside"][0] == found["rollback"][0] == "ok"
    assert "--allow-downgrades" in found["rollback"][1]


@pytest.mark.parametrize("what", ["records", "journal"])
def test_what_cannot_be_read_by_the_release_of_before_has_one_way_back(
    running: Installation, today: Release, what: str
) -> None:
    later = (
        msgspec.structs.replace(today, migrations=today.migrations | {LATER: True})
        if what == "records"
        else msgspec.structs.replace(today, journal_format=FORMAT + 1)
    )
    found = examined(running.config, later)
    assert found[what][0] == found["beside"][0] == found["rollback"][0] == "look"
    assert "restoring a back-up" in found["rollback"][1]
    # Without one there is no way back at all.
    assert found["backup"][0] == "wrong"


@pytest.mark.parametrize("what", ["records", "journal"])
def test_going_back_to_a_release_that_would_refuse_is_called_wrong(
    running: Installation, today: Release, what: str
) -> None:
    changed(running.config, journal=what == "journal", noted=what == "records")
    found = examined(running.config, today)
    assert found[what][0] == "wrong" and "would not start" in found[what][1]
    assert "rollback" not in found


def test_settings_that_the_release_does_not_know_are_named(
    running: Installation, today: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "egide.toml"
    file.write_text('data = "/var/lib/egide"\nmetrics_token_file = "/etc/egide/token"\ndrones = 4\n')
    file.chmod(0o600)
    monkeypatch.setenv("EGIDE_CONFIG", str(file))
    grade, text = examined(running.config, today)["settings"]
    assert (grade, "drones" in text, "metrics_token_file" in text) == ("wrong", True, False)


def test_the_age_of_the_back_up_and_too_little_room_are_said(
    running: Installation, today: Release, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    config, now = replace(running.config, backup_to=str(place)), utc(SystemClock().now_us())
    (place / name_at(now - timedelta(minutes=125))).touch()
    found = examined(config, today, size_bytes=2**60)
    assert found["backup"] == (
        "look",
        "The last back-up is old (minutes: 125): run `egide backup` right before.",
    )
    assert found["disk"][0] == "wrong" and "Make room" in found["disk"][1]
    (place / name_at(now - timedelta(minutes=1))).touch()
    assert examined(config, today)["backup"] == ("ok", "The last back-up is fresh (minutes: 1).")


def test_the_command_changes_nothing_and_ends_with_what_it_found(running: Installation) -> None:
    running.journal.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = contents(running.config.data_dir)
    answer = run(running.config, "upgrade", "--check", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["ok"] is True
    assert contents(running.config.data_dir) == before
    changed(running.config, journal=True)
    answer = run(running.config, "upgrade", "--check")
    assert answer.returncode == 3 and "WRONG    journal" in answer.stdout


def test_what_is_no_package_of_egide_is_refused_in_a_sentence(running: Installation, tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        answer = run(running.config, "upgrade", *arguments)
        assert answer.returncode == 2 and answer.stdout == "", answer
        return answer.stderr

    assert "is not there" in told("--check", str(tmp_path / "none.deb"))
    assert "apt-get install" in told()
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not here")
    other = tmp_path / "other.deb"
    other.write_text("no package")
    assert "is no Debian package" in told("--check", str(other))
    assert "of curl" in told("--check", str(packed(tmp_path, "curl", None)))
    assert "older than this check" in told("--check", str(packed(tmp_path, "egide", None)))
    assert "cannot be read" in told("--check", str(packed(tmp_path, "egide", "{}")))


def packed(folder: Path, name: str, release: str | None) -> Path:
    """A package with nothing in it but what it says of itself."""
    control = folder / f"{name}-root" / "DEBIAN"
    control.mkdir(parents=True, exist_ok=True)
    # A command that was asked in this process leaves its umask behind, and dpkg refuses a closed folder.
    control.chmod(0o755)
    (control / "control").write_text(
        f"Package: {name}\nVersion: 9.9\nArchitecture: all\nInstalled-Size: 1024\n"
        "Maintainer: nobody <nobody@egide.invalid>\nDescription: nothing\n"
    )
    if release is not None:
        (control / "release.json").write_text(release)
    file = folder / f"{name}.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--build", control.parent, file], check=True, capture_output=True)
    return file


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not here")
def test_a_package_says_itself_what_is_in_it(running: Installation, today: Release, tmp_path: Path) -> None:
    later = msgspec.structs.replace(today, migrations=today.migrations | {LATER: True})
    file = packed(tmp_path, "egide", msgspec.json.encode(later).decode())
    answer = run(running.config, "upgrade", str(file), "--check")
    # No way back, because there is no back-up.
    assert answer.returncode == 1 and LATER in answer.stdout
    assert "egide 9.9" in answer.stdout


@pytest.mark.parametrize("process", OF_JOURNAL)
def test_no_process_starts_on_a_later_journal(running: Installation, process: str) -> None:
    changed(running.config, journal=True)
    told = refused(running.config, f"egide.entrypoints.{process}")
    sentence = (
        f"A later Egide has written the journal (format {FORMAT + 1}, this release reads up to {FORMAT}): install that"
        " release again, or restore the back-up that was made before it."
    )
    # Of intake it is the writer that opens it, and says so with the time before it.
    assert told[0].endswith(sentence) and len(told) == (2 if process == "intake" else 1)


@pytest.mark.parametrize("process", ["intake", "worker", "live"])
def test_nor_on_one_in_postgresql(tmp_path: Path, postgres: Server, process: str) -> None:
    with Installation(tmp_path / "data", SystemClock(), address=postgres.emptied()) as made:
        with postgres.asked(JOURNAL) as owner:
            owner.execute(f"UPDATE {SCHEMA}.made SET format = {FORMAT + 1}")
        try:
            told = refused(replace(made.config, demo=True), f"egide.entrypoints.{process}")
        finally:
            with postgres.asked(JOURNAL) as owner:
                owner.execute(f"UPDATE {SCHEMA}.made SET format = {FORMAT}")
    assert f"A later Egide has written the journal (format {FORMAT + 1}" in told[0]
    assert len(told) == (2 if process == "intake" else 1)


@pytest.mark.parametrize("process", OF_RECORDS)
def test_no_process_of_pages_starts_on_records_that_it_would_misread(
    running: Installation, process: str
) -> None:
    changed(running.config, noted=True)
    (told,) = refused(running.config, f"egide.entrypoints.{process}")
    assert told.startswith(
        f"A later Egide has changed the records in a way that this release cannot read ({LATER})"
    )


def refused(config: Config, module: str) -> list[str]:
    """What a process says that does not start."""
    ended = run_loaded(module, [], os.environ | config.environment() | {"EGIDE_LANG": "en"})
    assert ended.returncode == 1 and ended.stdout == "", ended
    return ended.stderr.splitlines()


@pytest.mark.parametrize("words", [("status",), ("doctor",), ("journal", "verify")])
def test_no_command_reads_a_later_journal(running: Installation, words: tuple[str, ...]) -> None:
    changed(running.config, journal=True)
    answer = run(running.config, *words)
    assert answer.returncode == 1 and answer.stdout == "", answer
    assert answer.stderr.count("\n") == 1 and "A later Egide has written the journal" in answer.stderr


def test_a_command_of_records_refuses_later_ones(running: Installation) -> None:
    changed(running.config, noted=True)
    environment = os.environ | running.config.environment() | {"EGIDE_LANG": "en"}
    ended = run_loaded(COMMAND, ["accounts", "first", "anna"], environment)
    assert ended.returncode == 1 and "A later Egide has changed the records" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_doctor_tells_what_was_added_from_what_cannot_be_read(running: Installation) -> None:
    def graded() -> tuple[str, str]:
        (found,) = system.versions(running.config)
        return found.grade, found.text

    assert graded()[0] == "ok"
    changed(running.config, added=True)
    grade, text = graded()
    assert grade == "look" and LATER in text
    with closing(sqlite3.connect(running.config.app_db, isolation_level=None)) as connection:
        connection.execute(f"INSERT INTO {records.NEEDS} VALUES (?)", (LATER,))
    assert graded()[0] == "wrong"


def test_a_journal_of_before_there_were_formats_gets_one(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "data", web_origins=("http://desk.localhost:8400",))
    Journal.open(config, SystemClock()).connection.execute("PRAGMA user_version=0")
    assert Journal.open(config, SystemClock()).connection.execute("PRAGMA user_version").fetchone() == (
        FORMAT,
    )
    with closing(sqlite3.connect(config.journal_db)) as connection:
        connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    with pytest.raises(NotSetUp, match="install that release again"):
        Journal.open(config, SystemClock())


def test_every_change_that_is_not_an_addition_is_noted_in_new_records(
    running: Installation, today: Release
) -> None:
    expected = {name for name, breaks in today.migrations.items() if breaks}
    assert records.migrations_needed(running.config) == expected
    # Columns that went away, and tables that got another name.
    assert {"access.0002_posts", "rollout.0004_telephone_numbers"} <= expected
    assert today.migrations["access.0001_initial"] is False


ADDITIONS: dict[str, Callable[[], m.operations.base.Operation]] = {
    "a table": lambda: m.CreateModel("Drone", [("id", models.AutoField(primary_key=True))]),
    "a column that may be empty": lambda: m.AddField("kit", "drone", models.TextField(null=True)),
    "a column that the database fills": lambda: m.AddField("kit", "drone", models.TextField(db_default="")),
    "another choice": lambda: m.AlterField(
        "kit", "state", models.CharField("its state", max_length=12, choices=[("a", "b")], default="prepared")
    ),
    "an index": lambda: m.AddIndex("kit", models.Index(fields=["state"], name="fleet_drone")),
}
BREAKS: dict[str, Callable[[], m.operations.base.Operation]] = {
    "a column that must be filled": lambda: m.AddField("kit", "drone", models.TextField(default="")),
    "a column less": lambda: m.RemoveField("kit", "state"),
    "another name": lambda: m.RenameField("kit", "state", "condition"),
    "a table less": lambda: m.DeleteModel("Kit"),
    "a rule": lambda: m.AddConstraint(
        "kit", models.CheckConstraint(condition=models.Q(state="x"), name="drone")
    ),
    "another content": lambda: m.RunPython(lambda _apps, _editor: None),
    "another kind of column": lambda: m.AlterField("kit", "state", models.IntegerField()),
}


@pytest.mark.parametrize("what", [*ADDITIONS, *BREAKS])
def test_additions_are_told_from_what_breaks(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        """No database: only what the files say."""

        alias = "default"

    load = MigrationLoader.load_disk

    def load_disk(loader: MigrationLoader) -> None:
        load(loader)
        last = max(name for app, name in loader.disk_migrations if app == "fleet")
        later = m.Migration("9999_later", "fleet")
        later.dependencies = [("fleet", last)]
        later.operations = [(ADDITIONS | BREAKS)[what]()]
        loader.disk_migrations["fleet", "9999_later"] = later

    monkeypatch.setattr(MigrationLoader, "load_disk", load_disk)
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationLoader", lambda _connection: MigrationLoader(None)
    )
    assert breaking(MigrationExecutor(Empty()))[LATER] is (what in BREAKS)  # type: ignore[arg-type]


def test_a_change_is_known_by_whatever_number_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "fleet" / "migrations"
    folder.mkdir(parents=True)
    for name in ("__init__", "0001_initial", "1000_thousandth"):
        (folder / f"{name}.py").touch()
    monkeypatch.setattr(egide, "__file__", str(tmp_path / "__init__.py"))
    assert records.migrations_known() == {"fleet.0001_initial", "fleet.1000_thousandth"}
