"""A journal that goes over from its file into PostgreSQL: event by event, proven whole on both sides, once for good.

The wrapped keys go with it.

After whatever ended it in the middle the same command goes on behind the last event that arrived.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any

from egide.common.config import Config
from egide.common.text import _
from egide.journal.chain import Stored
from egide.journal.engines.base import Engine, Execute, Write
from egide.journal.engines.chosen import ELSEWHERE, KEYS, MOVED_KEYS, key_tables, postgres
from egide.journal.engines.keys.sqlite import KeyFile
from egide.journal.engines.sqlite import SqliteEngine
from egide.journal.engines.sqlite_copy import columns_of
from egide.journal.errors import ChainBroken, JournalError, VersionConflict, or_unavailable
from egide.journal.proof.verify import Proof, verify
from egide.journal.schema import FOLDED_TABLES
from egide.journal.sealing.keys import KeyRows
from egide.journal.sealing.keys import read_rows as read_keys

_COLUMNS = "seq, stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"
_EVERY = f"SELECT {_COLUMNS} FROM event ORDER BY seq"
_AT_ONCE = 1000
MOVED = "journal.db.moved"
_INTO_MASTER = """
INSERT INTO master_key VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE
  SET generation = excluded.generation, handed = excluded.handed, at_us = excluded.at_us
"""
_MASTER = "SELECT generation, handed, at_us FROM master_key"


class MoveRefused(JournalError):
    """Nothing was put aside; the message says why, and what to do."""


@or_unavailable
def do_move(config: Config, tell: Callable[[int, int], None]) -> Proof:
    """Bring journal and keys of the files over to EGIDE_JOURNAL, and put the files aside. Raises MoveRefused, NotSetUp,
    JournalFull, JournalUnavailable.

    `tell` hears how many events of how many have arrived. Nobody appends to the file meanwhile, nor afterwards.
    """
    if not config.journal:
        raise MoveRefused(_("Set EGIDE_JOURNAL to the database that shall keep the journal."))
    if not config.journal_db.exists() and (config.data_dir / ELSEWHERE).exists():
        # Of an earlier release, which left the keys behind; or the last step of a move that was cut off.
        if not (config.data_dir / KEYS).exists():
            raise MoveRefused(_("There is no {file}: nothing is to be moved.").format(file=config.journal_db))
        move_keys(config)
        return _proven(postgres(config))
    if not config.journal_db.exists():
        raise MoveRefused(_("There is no {file}: nothing is to be moved.").format(file=config.journal_db))
    source, target = SqliteEngine(replace(config, journal="")), postgres(config)
    source.prepare()
    target.prepare()
    with source.pausing():
        proof = _proven(source)
        _check_own(source, target)
        for arrived in _copied(source, target):
            tell(arrived, proof.events)
        _copy_others(source, target)
        if _proven(target) != proof:
            raise _not_the_same()
        if (config.data_dir / KEYS).exists():
            move_keys(config)
        # Before the file is put aside: no process may begin another one in its place.
        (config.data_dir / ELSEWHERE).touch(mode=0o640)
        source.close_for_good()
        config.journal_db.rename(config.data_dir / MOVED)
    return proof


def move_keys(config: Config) -> None:
    """Bring the wrapped keys over, in one step, and put their file aside. Raises MoveRefused, JournalUnavailable.

    Nobody makes or destroys a key in the file meanwhile. What the database holds already must be of this installation;
    it becomes what the file holds.
    """
    file = config.data_dir / KEYS
    with closing(KeyFile(file)) as source, closing(key_tables(config)) as target:
        with source.step() as held:
            rows, master = read_keys(source), source.execute(_MASTER).fetchall()
            with target.step() as execute:
                _check_own_keys(rows, read_keys(target))
                _bring_keys(execute, rows, master)
                if _sorted(read_keys(target)) != _sorted(rows) or execute(_MASTER).fetchall() != master:
                    raise _not_the_same()
            # Before the file is closed: no process may begin another one in its place.
            (config.data_dir / ELSEWHERE).touch(mode=0o640)
            _close_keys(held)
        source.scrub()
    file.rename(config.data_dir / MOVED_KEYS)


def _bring_keys(execute: Execute, rows: KeyRows, master: Iterable[Any]) -> None:
    """Have the database hold these and no others; what was erased is erased there too."""
    for table, key, sent in (("case_key", "case_id", rows.cases), ("blob_key", "digest", rows.blobs)):
        there = {name for (name,) in execute(f"SELECT {key} FROM {table}").fetchall()}
        for gone in there - {row[0] for row in sent}:
            execute(f"DELETE FROM {table} WHERE {key} = ?", (gone,))
        marks = ", ".join("?" * (2 if table == "case_key" else 3))
        into = f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET wrapped = excluded.wrapped"
        _copy(sent, execute, into)
    into = "INSERT INTO erased_case (case_id) VALUES (?) ON CONFLICT DO NOTHING"
    _copy([(case,) for case in rows.erased], execute, into)
    _copy(master, execute, _INTO_MASTER)


def _close_keys(execute: Execute) -> None:
    """Whoever still has the file open makes no key in it any more, and destroys none."""
    for table in ("case_key", "blob_key", "erased_case", "master_key"):
        execute(
            f"CREATE TRIGGER {table}_moved BEFORE INSERT ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'the keys stand in PostgreSQL now'); END"
        )


def _check_own_keys(sent: KeyRows, there: KeyRows) -> None:
    known = {case for case, _wrapped in sent.cases} | set(sent.erased)
    if {case for case, _wrapped in there.cases} - known or set(there.erased) - set(sent.erased):
        raise MoveRefused(
            _("That database holds keys of another installation: name an empty one in EGIDE_JOURNAL.")
        )


def _not_the_same() -> MoveRefused:
    return MoveRefused(
        _("What arrived is not what was sent: the file stays as it is. Take an empty database.")
    )


def _sorted(rows: KeyRows) -> object:
    return sorted(rows.cases), sorted(rows.blobs), sorted(rows.erased)


def _proven(engine: Engine) -> Proof:
    try:
        return verify(Stored(*row) for row in engine.every(_EVERY))
    except ChainBroken as error:
        text = _(
            "The journal is broken at event {seq}: {why}. Nothing was moved; see `egide journal verify`."
        )
        raise MoveRefused(text.format(seq=error.seq, why=error.why)) from error


def _check_own(source: Engine, target: Engine) -> None:
    """What is there already must be the beginning of this journal."""
    sql = "SELECT seq, hash FROM event WHERE seq = (SELECT max(seq) FROM event)"
    last = target.connection.execute(sql).fetchone()
    if last is None:
        return
    own = source.connection.execute("SELECT hash FROM event WHERE seq = ?", (last[0],)).fetchone()
    if own is None or own[0] != last[1]:
        raise MoveRefused(_("That database holds another journal: name an empty one in EGIDE_JOURNAL."))


def _copied(source: Engine, target: Engine) -> Iterator[int]:
    """Bring over what is missing; yields the seq of the last one that arrived, again and again."""
    arrived = target.last_given_seq()
    rows = source.every(f"SELECT {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq", (arrived,))
    while some := list(islice(rows, _AT_ONCE)):
        try:
            with target.step() as step:
                for row in some:
                    step.insert(row)
        except VersionConflict as error:
            raise MoveRefused(
                _("That database holds another journal: name an empty one in EGIDE_JOURNAL.")
            ) from error
        yield some[-1][0]


def _copy_others(source: SqliteEngine, target: Engine) -> None:
    """What was folded from the events, and how far each follower is; what is there already goes."""
    with target.rebuilding() as write:
        for table in FOLDED_TABLES:
            names = columns_of(source.connection, table)
            into = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            _copy(source.every(f"SELECT {', '.join(names)} FROM {table}"), write, into)
        into = "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
        _copy(source.every("SELECT name, seq FROM cursor"), write, into)


def _copy(rows: Iterable[Any], write: Write, into: str) -> None:
    for row in rows:
        write(into, row)
