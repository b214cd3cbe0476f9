"""What the journal asks of the database that keeps it. Its questions are SQL that other databases take as well."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from egide.journal.bell import Bell
from egide.journal.wal import Database


class Rows(Protocol):
    """What a statement found."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchmany(self, size: int, /) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


# A statement and its values: `?` and a tuple, or `:name` and a dict.
Execute = Callable[..., Rows]
# The same, of which nobody needs to know what came of it.
Write = Callable[..., object]


class Asking(Protocol):
    """What takes statements."""

    @property
    def execute(self) -> Execute: ...


class Connection(Asking, Protocol):
    """One thread's own way to the database."""

    def close(self) -> None: ...


class Step(Protocol):
    """One durable step, in which nobody else appends. `last_seq` is the highest seq that was ever given out."""

    @property
    def execute(self) -> Execute: ...
    @property
    def write(self) -> Write:
        """In its turn among all statements of the step; one that fails does so now, or before the step has ended."""
        ...

    @property
    def last_seq(self) -> int: ...
    def insert(self, row: tuple[Any, ...]) -> None:
        """Write a row of `event`. Raises VersionConflict, now or then, when its stream has that version already."""
        ...


class Small(Protocol):
    """A small database beside the journal. Each thread gets a connection of its own.

    One of SQLite raises its own errors (`journal.errors.or_unavailable`), any other one JournalUnavailable.
    """

    @property
    def connection(self) -> Connection: ...

    def prepare(self) -> None:
        """Find out now whether it can be used. Raises NotSetUp."""
        ...

    def step(self, *, alone: bool = False) -> AbstractContextManager[Connection]:
        """All of it is kept when this ends, or nothing. `alone`: after every other such step, and before the next."""
        ...

    def change(self, rows: Iterable[Any], *statements: str) -> None:
        """In one step, for each row in its turn: the first of these statements that changes anything with its values.
        One behind it would change nothing any more, and may be tried all the same.
        """
        ...

    @property
    def logged(self) -> tuple[Database, ...]:
        """As of an engine."""
        ...


class KeyReader(Asking, Protocol):
    """A reader of all keys, as they stand when this begins."""

    def begin(self) -> None: ...
    def close(self) -> None: ...


class KeyPlace(Asking, Protocol):
    """Where wrapped keys stand: one connection, used by one thread at a time. As `Small` raises, so does this."""

    def is_there(self) -> bool:
        """Whether any key may stand there; nothing is made by asking. Raises NotSetUp."""
        ...

    def version(self, *, exact: bool) -> object:
        """Another value once somebody else has destroyed or replaced keys; not `exact`: a fifth of a second later."""
        ...

    def step(self, *, alone: bool = True) -> AbstractContextManager[Execute]:
        """All of it is durable when this ends, or nothing. Not `alone`: beside others that only make keys."""
        ...

    def scrub(self) -> bool:
        """Have no page hold a key that was deleted; False when somebody was reading for seconds."""
        ...

    def copier(self) -> KeyReader:
        """For all of them as they will stand when it begins."""
        ...

    def close(self) -> None:
        """It is of no use any more."""
        ...


class Turn(Protocol):
    """Work that one alone may do."""

    @property
    def is_held(self) -> bool:
        """Whether the work may go on."""
        ...

    @property
    def grace_s(self) -> float:
        """How long whoever has taken it waits before it begins."""
        ...

    def take(self) -> bool:
        """Try to hold it; False while another one does. Raises JournalUnavailable."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Copier(Protocol):
    """A reader of the whole journal, as it stands when this begins. All of it raises JournalUnavailable."""

    def begin(self) -> None: ...
    def last(self) -> tuple[int, int]:
        """Seq and time (microseconds) of the last event; zeros when there is none."""
        ...

    def write(self, path: Path) -> None:
        """Write it as a new file of the embedded journal."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """One database of the journal. Each thread gets a connection of its own.

    All of it raises JournalUnavailable where its database fails, but for what a `connection` of SQLite is asked
    directly (`journal.errors.or_unavailable`).
    """

    @property
    def connection(self) -> Connection: ...

    def close(self) -> None:
        """This thread asks nothing more for now: what it holds open goes. Its next question opens it again."""
        ...

    def prepare(self) -> None:
        """Make the tables at the first start, or bring them up to date; raises NotSetUp where that is not for us."""
        ...

    def format(self) -> int:
        """The number that the journal bears (`journal.schema.FORMAT`)."""
        ...

    def step(self) -> AbstractContextManager[Step]:
        """All of it is durable when this ends, and followers are woken; or nothing happened.

        Raises JournalFull, JournalUnavailable.
        """
        ...

    def every(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Rows of a question that finds more than fits into memory, as of one moment."""
        ...

    def pausing(self) -> AbstractContextManager[None]:
        """Meanwhile nobody appends. Well under a second: presses wait."""
        ...

    def copier(self) -> Copier:
        """For a copy of the whole journal as it will stand when the copier begins."""
        ...

    def rebuilding(self) -> AbstractContextManager[Write]:
        """A step with folded tables that are empty; others see the old ones until it ends."""
        ...

    def keep(self, sql: str, values: tuple[Any, ...]) -> None:
        """One small statement that writes beside the events, durable."""
        ...

    def last_given_seq(self) -> int:
        """The highest seq that was ever given out, 0 at the beginning."""
        ...

    def write_unforced(self) -> None:
        """From now on this thread's commits may be lost with the power."""
        ...

    def ring_from_afar(self, bell: Bell) -> None:
        """Have this bell ring too when somebody appends on another machine, until it is closed."""
        ...

    @property
    def logged(self) -> tuple[Database, ...]:
        """Databases whose write-ahead log somebody must empty (`journal.wal`)."""
        ...
