"""What a question is put to when it may stand in a transaction too: the transaction itself, or the journal as it is."""

import sqlite3
from typing import Protocol

from egide.journal.engines.base import Connection, Execute
from egide.journal.errors import JournalUnavailable


class Reader(Protocol):
    """Only the queries of this package use what is in it. `Transaction` is one; `Journal.reading` gives another."""

    @property
    def execute(self) -> Execute: ...


class Reading:
    """A connection of the journal, lent for several questions; what fails meanwhile is JournalUnavailable."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Reader:
        return self._connection

    def __exit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        if isinstance(raised, sqlite3.Error):
            raise JournalUnavailable(str(raised)) from raised
