"""Records that go over from app.db into PostgreSQL: all in one step, proven the same on both sides, once for good.

Until the file is put aside, a row in the table `arriving` keeps every process from what has arrived. So there are
never two registers, and whatever ended this in the middle, the same command goes on.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql

from egide.common.config import Config
from egide.common.database import open_database, open_to_read
from egide.common.text import _
from egide.outbox.place import note_place
from egide.outbox.postgres import rows as r
from egide.outbox.postgres.address import SCHEMA, Connection, asked, connect, told

MOVED = "app.db.moved"
_DONE = "SELECT app || '.' || name FROM django_migrations"
# Of the tables as they are made.
_MADE_WITH_ROWS = frozenset({"django_content_type", "auth_permission"})
_CLOSED = """
CREATE TRIGGER IF NOT EXISTS "moved_{table}_{on}" BEFORE {on} ON "{table}"
BEGIN SELECT RAISE(ABORT, 'the records were moved'); END
"""


class MoveRefused(Exception):
    """Nothing was put aside; the message says why, and what to do."""


def do_move(config: Config, tell: Callable[[str, int], None]) -> int:
    """Bring the records of app.db over to EGIDE_RECORDS, and put the file aside; returns how many rows. Raises
    MoveRefused, NotSetUp, OSError.

    `tell` hears each table and how many rows of it arrived. Nobody writes to the file meanwhile, nor afterwards.
    """
    if not config.records:
        raise MoveRefused(_("Set EGIDE_RECORDS to the database that shall keep the records."))
    done = {name for (name,) in asked(config, f"SELECT app || '.' || name FROM {SCHEMA}.django_migrations")}
    try:
        with closing(connect(config)) as target:
            moved = config.data_dir / MOVED
            if not config.app_db.exists() and moved.exists() and _is_arriving(target):
                # Ended between the two last steps: there is only one thing left.
                with closing(open_to_read(moved)) as source, _alone(target):
                    found = _proven(source, target, r.tables_there(target), tell)
                    _arrived(config, target)
                return found
            if not config.app_db.exists():
                text = _("There is no {file}: nothing is to be moved.")
                raise MoveRefused(text.format(file=config.app_db))
            with closing(open_database(config.app_db, synchronous="FULL", timeout_s=10)) as source:
                source.execute("BEGIN IMMEDIATE")
                found = _moved(config, source, target, done, tell)
                _close(source)
            config.app_db.rename(moved)
            with _alone(target):
                _arrived(config, target)
            return found
    except psycopg.Error as error:
        raise MoveRefused(told(error)) from error
    except sqlite3.Error as error:
        raise MoveRefused(f"{config.app_db}: {error}") from error


def _moved(
    config: Config,
    source: sqlite3.Connection,
    target: Connection,
    done: set[str],
    tell: Callable[[str, int], None],
) -> int:
    """Everything is there when this returns, and nothing if it does not."""
    if done != {name for (name,) in source.execute(_DONE)}:
        text = _(
            "The tables of {file} are not those of this release: start this release once without EGIDE_RECORDS, and"
            " give `egide records prepare`."
        )
        raise MoveRefused(text.format(file=config.app_db))
    with _alone(target):
        tables = r.tables_there(target)
        if {table.name: set(table.columns) for table in tables} != r.columns_here(source):
            raise MoveRefused(
                _("The tables of that database are not those of app.db: take an empty database.")
            )
        _check_own(target, tables)
        for table in tables:
            target.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(SCHEMA, table.name)))
        for table in tables:
            try:
                r.write_there(target, table, r.rows_here(source, table))
            except (psycopg.Error, ValueError) as error:
                text = _("A row of {table} cannot be kept there, nothing was moved: {why}")
                raise MoveRefused(text.format(table=table.name, why=told(error))) from error
        _count_on(source, target)
        target.execute("SET CONSTRAINTS ALL IMMEDIATE")
        found = _proven(source, target, tables, tell)
        target.execute(f"INSERT INTO {SCHEMA}.{r.ARRIVING} VALUES (now())")
    return found


@contextmanager
def _alone(target: Connection) -> Iterator[None]:
    """One step, in which nobody else writes."""
    with target.transaction():
        target.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        target.execute(f"LOCK TABLE {SCHEMA}.{r.TURN} IN EXCLUSIVE MODE")
        yield


def _is_arriving(target: Connection) -> bool:
    return target.execute(f"SELECT 1 FROM {SCHEMA}.{r.ARRIVING}").fetchone() is not None


def _check_own(target: Connection, tables: list[r.Table]) -> None:
    """What is there already must be what this command left there when it was ended."""
    if _is_arriving(target):
        target.execute(f"DELETE FROM {SCHEMA}.{r.ARRIVING}")
        return
    for table in tables:
        question = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(SCHEMA, table.name))
        if table.name not in _MADE_WITH_ROWS and target.execute(question).fetchone() is not None:
            raise MoveRefused(_("That database holds other records: name an empty one in EGIDE_RECORDS."))


def _count_on(source: sqlite3.Connection, target: Connection) -> None:
    """Numbers that were given once are given to nobody else."""
    given = dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for table, column in target.execute(r.IDENTITIES, (SCHEMA,)).fetchall():
        if last := given.get(table):
            target.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", (f'{SCHEMA}."{table}"', column, last)
            )


def _proven(
    source: sqlite3.Connection,
    target: Connection,
    tables: list[r.Table],
    tell: Callable[[str, int], None],
) -> int:
    rows = 0
    for table in tables:
        arrived = r.sum_of(r.rows_there(target, table))
        if arrived != r.sum_of(r.rows_here(source, table)):
            text = _("What arrived in {table} is not what was sent: the file stays as it is.")
            raise MoveRefused(text.format(table=table.name))
        rows += arrived.rows
        tell(table.name, arrived.rows)
    return rows


def _close(source: sqlite3.Connection) -> None:
    """Nobody writes any more, not even who has the file open; all of it stands in the file itself."""
    for table in r.columns_here(source):
        for on in ("INSERT", "UPDATE", "DELETE"):
            source.execute(_CLOSED.format(table=table, on=on))
    source.execute("COMMIT")
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _arrived(config: Config, target: Connection) -> None:
    """From now on processes take what is there. The mark comes first: none may begin another file meanwhile."""
    note_place(config)
    target.execute(f"DELETE FROM {SCHEMA}.{r.ARRIVING}")
