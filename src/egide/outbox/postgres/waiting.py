"""The outbox in PostgreSQL, as `copy` asks it: over psycopg, without Django."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors

from egide.common.config import Config
from egide.outbox.copy import OutboxUnavailable
from egide.outbox.postgres.address import connect, told

_WAITING = """
SELECT number, id, stream, kind, body, "case" FROM outbox_outboxrow
WHERE copied_seq IS NULL ORDER BY number LIMIT %s
"""


class PostgresOutbox:
    """A connection. What fails is OutboxUnavailable."""

    def __init__(self, config: Config) -> None:
        try:
            self._connection = connect(config)
        except psycopg.Error as error:
            raise OutboxUnavailable(told(error)) from error

    def is_there(self) -> bool:
        return True

    def waiting(self, limit: int) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(_WAITING, (limit,), binary=True).fetchall()
        except errors.UndefinedTable:
            # Before the tables were made nothing waits.
            return []
        except psycopg.Error as error:
            raise OutboxUnavailable(told(error)) from error

    def note(self, seqs: Sequence[tuple[int, int]]) -> None:
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.executemany("UPDATE outbox_outboxrow SET copied_seq = %s WHERE number = %s", seqs)
        except psycopg.Error as error:
            raise OutboxUnavailable(told(error)) from error

    def wait_again(self, after: int) -> int:
        sql = "UPDATE outbox_outboxrow SET copied_seq = NULL WHERE copied_seq > %s"
        try:
            return self._connection.execute(sql, (after,)).rowcount
        except psycopg.Error as error:
            raise OutboxUnavailable(told(error)) from error

    def close(self) -> None:
        self._connection.close()
