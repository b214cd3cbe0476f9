"""Django's own backend for PostgreSQL, and four things that the registers rely on.

- **One writes at a time, as in a file.** What a register decides it decides by what it reads, in one transaction: a
  number that is free, a kit that is in stock, one more account than the last. So whoever begins a transaction waits for
  its turn first and keeps it to the end; it then sees all that was kept before. Reading waits for nobody. Events of the
  outbox get their numbers in the order in which they are kept.
- A single statement that writes takes its turn, too.
- A connection that the server has sent away is begun anew before it is used: not only at a request, since threads of
  the worker have none.
- A server that hangs is left by whoever waits for a while only (`common.postgres.patience`), as the pages do.
"""

import select
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import ModuleType
from typing import Any

import psycopg
from django.db import transaction
from django.db.backends.postgresql import base
from psycopg import pq

from egide.common.postgres.awaited import Awaited
from egide.outbox.postgres.address import SCHEMA
from egide.outbox.postgres.rows import TURN

# Of the roles that may write here alone: any could hold an advisory lock. Nobody else waits for a lock like this.
_TAKE_TURN = f"LOCK TABLE {SCHEMA}.{TURN} IN EXCLUSIVE MODE"
_WRITES = ("INSERT", "UPDATE", "DELETE")
# Django asks its driver for connections, and for nothing else that is ours.
_DRIVER = ModuleType("psycopg")
_DRIVER.__dict__.update(vars(psycopg), connect=Awaited.connect)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of one thread."""

    Database = _DRIVER

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute_wrappers.append(self._in_turn)

    def ensure_connection(self) -> None:
        """Another one in place of one that is lost, except within a transaction, of which nothing is kept then."""
        if self.connection is not None and not self.in_atomic_block and _is_lost(self.connection):
            self.close()
        super().ensure_connection()

    def close_if_unusable_or_obsolete(self) -> None:
        """What Django does before and behind each request: begin no other one in place of one that is lost. With the
        database away that fails where nothing tells people so yet."""
        if self.connection is not None and not self.in_atomic_block and _is_lost(self.connection):
            self.close()
        super().close_if_unusable_or_obsolete()

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs do not know it
        if autocommit:
            return
        with ExitStack() as undoing:
            undoing.callback(self._begin_nothing)
            with self.wrap_database_errors:
                self.connection.execute(_TAKE_TURN)
            undoing.pop_all()

    def _begin_nothing(self) -> None:
        """Who did not get its turn has begun nothing."""
        with suppress(psycopg.Error):
            self.connection.rollback()
            self.connection.autocommit = True

    def _in_turn(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self.in_atomic_block or not (isinstance(sql, str) and sql.startswith(_WRITES)):
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            return execute(sql, params, many, context)


def _is_lost(connection: Any) -> bool:
    """A server that says something unasked, as when it stops, has sent us away."""
    if connection.closed:
        return True
    if connection.info.transaction_status != pq.TransactionStatus.IDLE:
        return False
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))
