"""Laws of the journal: it refuses every change, shows every change made behind its back, and its readers never skip."""

import multiprocessing
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egide.alarm.events import NoteAdded
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.cli import main
from egide.journal.follow import Follower
from egide.journal.proof.verify import verify
from egide.journal.schema import FOLDED_TABLES
from egide.journal.service import Entry, Journal, KeyStore, Stored
from tests.support.histories import STEPS, tables, take
from tests.support.installation import Installation

SPAWN = multiprocessing.get_context("spawn")
TRIGGERS = ("event_no_update", "event_no_delete", "event_no_replace")
COLUMNS = ("stream", "version", "kind", "at_us", "centre", "zone", "key", "cause", "body", "prev", "hash")


def live_through(installation: Installation, steps: int, chance: random.Random) -> None:
    """A night of three phones."""
    phones = [installation.enrol() for _ in range(3)]
    for _ in range(steps):
        take(installation, chance.choice(phones), chance.choice(STEPS), chance.randrange(7))


def tamper(path: Path, sql: str, *values: object) -> int:
    """What an administrator with the file can do; returns how many rows it struck."""
    with closing(sqlite3.connect(path, isolation_level=None)) as aggressor:
        for trigger in TRIGGERS:
            aggressor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        return aggressor.execute(sql, values).rowcount


def verified(data_dir: Path, *arguments: str) -> Result:
    """`egide journal verify`, of this data directory."""
    environment = {"EGIDE_DATA": str(data_dir), "EGIDE_LANG": "en"}
    return CliRunner().invoke(main, ["journal", "verify", *arguments], env=environment)


@pytest.mark.files("by SQLite's own ways to replace; tests/journal/test_postgres.py has those of PostgreSQL")
@pytest.mark.law
def test_the_journal_refuses_update_delete_and_replace(
    installation: Installation, rounds: int, chance: random.Random
) -> None:
    live_through(installation, 30, chance)
    for _ in range(rounds):
        before = installation.journal.read()
        row, other = chance.choice(before), chance.choice(before)
        column = chance.choice(COLUMNS)
        sql, values = chance.choice(
            (
                (f"UPDATE OR REPLACE event SET {column} = ? WHERE seq = ?", (b"x", row.seq)),
                ("UPDATE OR REPLACE event SET seq = ? WHERE seq = ?", (other.seq, row.seq)),
                ("DELETE FROM event WHERE seq >= ?", (row.seq,)),
                (f"REPLACE INTO event SELECT seq, {', '.join(COLUMNS)} FROM event WHERE seq = ?", (row.seq,)),
                (
                    "INSERT OR REPLACE INTO event SELECT 1000000, stream, version, 'AlarmClosed', at_us, centre,"
                    " zone, key, cause, body, prev, hash FROM event WHERE seq = ?",
                    (row.seq,),
                ),
            )
        )
        with closing(sqlite3.connect(installation.config.journal_db, isolation_level=None)) as careless:
            careless.execute(f"PRAGMA recursive_triggers = {chance.choice(('ON', 'OFF'))}")
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                careless.execute(sql, values)
        assert installation.journal.read() == before
        take_one_more(installation)


def take_one_more(installation: Installation) -> None:
    installation.append("system:law", NoteAdded(user="op", text="-"))


@pytest.mark.law
def test_a_projection_dropped_and_rebuilt_is_the_same(
    installation: Installation, rounds: int, chance: random.Random
) -> None:
    for _ in range(rounds):
        live_through(installation, 12, chance)
        before = tables(installation.journal)
        # In PostgreSQL tables are made by `egide journal prepare`, and never on the way.
        lost = "DELETE FROM" if installation.config.journal else "DROP TABLE"
        for table in chance.sample(FOLDED_TABLES, chance.randint(1, len(FOLDED_TABLES))):
            installation.journal.connection.execute(f"{lost} {table}")
        installation.journal.rebuild_tables()
        assert tables(installation.journal) == before


@pytest.mark.law
def test_a_removed_or_changed_event_is_found(tmp_path: Path, rounds: int, chance: random.Random) -> None:
    with Installation(tmp_path / "whole") as installation:
        live_through(installation, 40, chance)
        proof = verify(installation.journal.every())
    whole = tmp_path / "whole"
    assert verified(whole).exit_code == 0
    noted = f"{proof.last_seq}:{proof.running.hex()}"
    assert verified(whole, "--expect", noted).exit_code == 0
    for number in range(rounds):
        damaged = tmp_path / f"damaged-{number}"
        shutil.copytree(whole, damaged, ignore=shutil.ignore_patterns("bells"))
        seq, column = chance.randint(1, proof.last_seq), chance.choice(COLUMNS)
        if chance.random() < 0.4:
            struck = tamper(damaged / "journal.db", "DELETE FROM event WHERE seq = ?", seq)
        else:
            sql = f"UPDATE OR IGNORE event SET {column} = CASE WHEN {column} = 7 THEN 8 ELSE 7 END WHERE seq = ?"
            struck = tamper(damaged / "journal.db", sql, seq)
        if struck:
            result = verified(damaged, "--expect", noted)
            assert result.exit_code != 0, (seq, column, result.output)
            assert isinstance(result.exception, SystemExit)
        shutil.rmtree(damaged)


def append_often(data_dir: Path, address: str, name: str, count: int) -> None:
    """An appender with its own pace, in groups of several sizes."""
    config, chance = Config(data_dir=data_dir, journal=address), random.Random(name)
    journal = Journal.open(config, SystemClock(), KeyStore.open(config))
    while count > 0:
        size = min(count, chance.randint(1, 4))
        count -= size
        journal.append([Entry(stream=f"system:{name}", event=NoteAdded(user=name, text="-"))] * size)


class Killed(Exception):
    """The reader's process ends here."""


@pytest.mark.law
def test_readers_never_skip_while_others_append(
    tmp_path: Path, journal_at: str, rounds: int, chance: random.Random
) -> None:
    total = rounds * 12
    appenders = [
        SPAWN.Process(target=append_often, args=(tmp_path, journal_at, name, total // 3)) for name in "abc"
    ]
    handled: list[int] = []
    with Installation(tmp_path, address=journal_at) as installation:
        for process in appenders:
            process.start()

        def handle(row: Stored) -> None:
            if chance.random() < 0.02:
                raise Killed
            handled.append(row.seq)

        while any(process.is_alive() for process in appenders) or handled[-1:] != [
            installation.journal.head()
        ]:
            follower = Follower(installation.journal, "law")
            before = len(handled)
            try:
                while follower.seq < installation.journal.head() or any(p.is_alive() for p in appenders):
                    follower.step(handle, 0.05)
                follower.close()
            except Killed:
                follower._bell.close()
            # One life sees every event behind its beginning, in order and without a gap.
            life = handled[before:]
            assert life == list(range(life[0], life[0] + len(life))) if life else True
        assert [process.exitcode for process in appenders] == [0, 0, 0]
        assert sorted(set(handled)) == list(range(1, total // 3 * 3 + 1))
        verify(installation.journal.every())
