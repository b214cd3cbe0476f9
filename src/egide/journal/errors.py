"""What can go wrong with the journal, in the words that entry points translate into answers."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from egide.common.settings import NotSetUp

P = ParamSpec("P")
R = TypeVar("R")


class JournalError(Exception):
    """Base of the journal's own errors."""


class JournalUnavailable(JournalError):
    """The journal's database, or one of the small ones beside it, cannot be read or written now."""


class LaterJournal(NotSetUp):
    """A later release has written what this one would misread: it looks at nothing."""


class JournalFull(JournalError):
    """The disk (or the quota) is full; nothing of the transaction was kept."""


class VersionConflict(JournalError):
    """The stream moved on since the state on which a decision was made."""


class AlreadyDone(JournalError):
    """This action for this cause is in the journal already."""


class ChainBroken(JournalError):
    """An event was removed or changed; `seq` is the first one that does not fit."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"event {seq}: {why}")
        self.seq = seq
        self.why = why


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have what fails of this file be a JournalUnavailable that names it: beside the journal there are others."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalUnavailable(f"{path}: {error}") from error


def or_unavailable(function: Callable[P, R]) -> Callable[P, R]:
    """Have a public function raise JournalUnavailable where its database fails, whichever engine that is.

    What a press waits for has a try block in place of it.
    """

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except sqlite3.Error as error:
            raise JournalUnavailable(str(error)) from error

    return guarded
