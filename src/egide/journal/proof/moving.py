"""A journal that goes over from its file into PostgreSQL: event by event, proven whole on both sides, once for good.

After whatever ended it in the middle the same command goes on behind the last event that arrived.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from egide.common.config import Config
from egide.common.text import _
from egide.journal.chain import Stored
from egide.journal.engines.base import Engine
from egide.journal.engines.chosen import ELSEWHERE, postgres
from egide.journal.engines.sqlite import SqliteEngine
from egide.journal.engines.sqlite_copy import columns_of
from egide.journal.errors import ChainBroken, JournalError, or_unavailable
from egide.journal.proof.verify import Proof, verify
from egide.journal.schema import FOLDED_TABLES

_COLUMNS = "seq, stream, version, kind, at_us, centre, zone, key, cause, body, prev, hash"
_EVERY = f"SELECT {_COLUMNS} FROM event ORDER BY seq"
_AT_ONCE = 1000
MOVED = "journal.db.moved"


class MoveRefused(JournalError):
    """Nothing was put aside; the message says why, and what to do."""


@or_unavailable
def do_move(config: Config, tell: Callable[[int, int], None]) -> Proof:
    """Bring the journal of the file over to EGIDE_JOURNAL, and put the file aside. Raises MoveRefused, NotSetUp,
    JournalFull, JournalUnavailable.

    `tell` hears how many events of how many have arrived. Nobody appends to the file meanwhile, nor afterwards.
    """
    if not config.journal:
        raise MoveRefused(_("Set EGIDE_JOURNAL to the database that shall keep the journal."))
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
            text = _("What arrived is not what was sent: the file stays as it is. Take an empty database.")
            raise MoveRefused(text)
        # Before the file is put aside: no process may begin another one in its place.
        (config.data_dir / ELSEWHERE).touch(mode=0o640)
        source.close_for_good()
        config.journal_db.rename(config.data_dir / MOVED)
    return proof


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
        with target.step() as step:
            if not all(step.insert(row) for row in some):
                raise MoveRefused(
                    _("That database holds another journal: name an empty one in EGIDE_JOURNAL.")
                )
        yield some[-1][0]


def _copy_others(source: SqliteEngine, target: Engine) -> None:
    """What was folded from the events, and how far each follower is; what is there already goes."""
    with target.rebuilding() as execute:
        for table in FOLDED_TABLES:
            names = columns_of(source.connection, table)
            into = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            _copy(source.every(f"SELECT {', '.join(names)} FROM {table}"), execute, into)
        into = "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
        _copy(source.every("SELECT name, seq FROM cursor"), execute, into)


def _copy(rows: Iterable[Any], execute: Callable[..., object], into: str) -> None:
    for row in rows:
        execute(into, row)
