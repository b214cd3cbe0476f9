"""One connection to the journal's PostgreSQL, which never calls a commit done that is not."""

import select
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, pq

from egide.common.postgres.awaited import Awaited
from egide.journal.engines.dialect import spoken
from egide.journal.errors import JournalError, JournalFull, JournalUnavailable, VersionConflict

# As our SQL says it, and its values.
Statement: TypeAlias = tuple[str, Any]


class PostgresConnection:
    """One thread's own; what fails is JournalUnavailable or JournalFull."""

    __slots__ = ("_looking", "_told", "raw")

    def __init__(self, raw: Awaited) -> None:
        self.raw = raw
        self._told: list[str] = []
        raw.add_notice_handler(self._hear)
        self._looking = select.poll()
        self._looking.register(raw.fileno(), select.POLLIN)

    @property
    def is_lost(self) -> bool:
        """Whether another one is needed. A server that says something unasked, as when it stops, has sent us away:
        who asks next shall not have to hear it."""
        info = self.raw.info
        # Who was torn away from a group left it in the middle.
        if self.raw.closed or info.pipeline_status != pq.PipelineStatus.OFF:
            return True
        return info.transaction_status == pq.TransactionStatus.IDLE and bool(self._looking.poll(0))

    def execute(
        self, sql: str, values: Any = (), behind: Sequence[Statement] = ()
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """`behind` others, at one go with them: none is waited for before the next is sent, and nothing is done that
        stands behind one that fails."""
        try:
            if not behind:
                return self.raw.execute(*_spoken(sql, values), binary=True)
            with self.raw.pipeline():
                self._send(behind)
                found = self.raw.execute(*_spoken(sql, values), binary=True)
        except psycopg.Error as error:
            raise failure(error) from error
        return found

    def begin(self, asking: str = "") -> Any:
        """Begin a transaction, at one go with a statement in it, whose first row this returns."""
        try:
            found = self.raw.execute(f"BEGIN; {asking}", prepare=False)
            return found.fetchone() if found.nextset() else None
        except psycopg.Error as error:
            raise failure(error) from error

    def commit(self, last: Sequence[Statement] = ()) -> None:
        """Do the last statements of the transaction, and end it at one go with them. Raises unless all
        of it is durable, here and where the server waits for a standby.
        """
        # After a statement that failed, COMMIT would be answered with ROLLBACK and no error.
        if self.raw.info.transaction_status != pq.TransactionStatus.INTRANS:
            raise JournalUnavailable("a statement of this step failed: nothing of it was kept")
        self._told.clear()
        try:
            with self.raw.pipeline():
                self._send(last)
                found = self.raw.execute("COMMIT", prepare=False)
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

    def _send(self, statements: Sequence[Statement]) -> None:
        # One for each statement that comes again: a new one costs as much as sending it.
        cursors: dict[str, psycopg.Cursor[tuple[Any, ...]]] = {}
        for sql, values in statements:
            text, given = _spoken(sql, values)
            cursor = cursors.get(text)
            if cursor is None:
                cursor = cursors[text] = self.raw.cursor()
            cursor.execute(text, given)

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized in ("WARNING", "ERROR"):
            self._told.append(notice.message_primary or "")


def _spoken(sql: str, values: Any) -> tuple[str, Any]:
    text, names = spoken(sql)
    return text, values if names is None else [values[name] for name in names]


def failure(error: psycopg.Error) -> JournalError:
    """The same in the journal's own words."""
    if isinstance(error, errors.PipelineAborted) and isinstance(error.__context__, psycopg.Error):
        # What was sent behind the statement that failed.
        return failure(error.__context__)
    if isinstance(error, errors.UniqueViolation) and error.diag.table_name == "event":
        return VersionConflict(error.diag.message_detail or str(error))
    if isinstance(error, errors.DiskFull):
        return JournalFull("the disk of the journal's database is full; nothing was kept")
    return JournalUnavailable(" ".join(str(error).split()) or type(error).__name__)
