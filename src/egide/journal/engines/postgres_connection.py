"""One connection to the journal's PostgreSQL, which never calls a commit done that is not."""

import select
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, pq

from egide.journal.engines.dialect import spoken
from egide.journal.engines.postgres_schema import CHANNEL
from egide.journal.errors import JournalFull, JournalUnavailable

_Raw: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_NEWS = f"NOTIFY {CHANNEL}; "


class PostgresConnection:
    """One thread's own; what fails is JournalUnavailable or JournalFull."""

    __slots__ = ("_looking", "_told", "raw")

    def __init__(self, raw: _Raw) -> None:
        self.raw = raw
        self._told: list[str] = []
        raw.add_notice_handler(self._hear)
        self._looking = select.poll()
        self._looking.register(raw.fileno(), select.POLLIN)

    @property
    def is_lost(self) -> bool:
        """Whether another one is needed. A server that says something unasked, as when it stops, has sent us away:
        who asks next shall not have to hear it."""
        is_idle = self.raw.info.transaction_status == pq.TransactionStatus.IDLE
        return self.raw.closed or (is_idle and bool(self._looking.poll(0)))

    def execute(self, sql: str, values: Any = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        text, names = spoken(sql)
        given = values if names is None else [values[name] for name in names]
        try:
            return self.raw.execute(text, given, binary=True)
        except psycopg.Error as error:
            raise failure(error) from error

    def cursor(self) -> "PostgresConnection":
        """As of SQLite, where it saves something."""
        return self

    def begin(self) -> None:
        """Begin a transaction."""
        try:
            self.raw.execute("BEGIN", prepare=False)
        except psycopg.Error as error:
            raise failure(error) from error

    def commit(self, before: str = _NEWS) -> None:
        """End the transaction, with the news for followers. Raises unless all of it is durable, here and where the
        server waits for a standby.
        """
        # After a statement that failed, COMMIT would be answered with ROLLBACK and no error.
        if self.raw.info.transaction_status != pq.TransactionStatus.INTRANS:
            raise JournalUnavailable("a statement of this step failed: nothing of it was kept")
        self._told.clear()
        try:
            found = self.raw.execute(f"{before}COMMIT", prepare=False)
            while found.nextset():
                continue
        except psycopg.Error as error:
            raise failure(error) from error
        if found.statusmessage != "COMMIT" or self._told:
            # As when somebody ends the wait for the standby: committed here alone.
            raise JournalUnavailable(
                f"the commit is not certain: {' '.join(self._told) or found.statusmessage}"
            )

    def roll_back(self) -> None:
        """Whatever is open is not kept. Raises nothing: a connection that is lost keeps nothing either."""
        if self.raw.info.transaction_status != pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self.raw.execute("ROLLBACK", prepare=False)

    def close(self) -> None:
        self.raw.close()

    def __del__(self) -> None:
        """As with a file: a thread that ends leaves nothing open on the server."""
        self.raw.close()

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized in ("WARNING", "ERROR"):
            self._told.append(notice.message_primary or "")


def failure(error: psycopg.Error) -> JournalUnavailable | JournalFull:
    """The same in the journal's own words."""
    if isinstance(error, errors.DiskFull):
        return JournalFull("the disk of the journal's database is full; nothing was kept")
    return JournalUnavailable(" ".join(str(error).split()) or type(error).__name__)
