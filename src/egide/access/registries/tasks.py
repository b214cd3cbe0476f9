"""What needs somebody now: packages register who knows of tasks, and the start page asks them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from egide.access.rules import Scope


class Level(IntEnum):
    """How urgent something is, in people's own answers and never in a computed score (safety rule 5).

    What concerns an alarm that is open now comes before all of them.
    """

    OPEN_ALARM = -1
    DANGER_TO_LIFE = 0
    URGENT = 1
    ORDINARY = 2

    @classmethod
    def of(cls, danger: bool, urgent: bool) -> "Level":
        """What people answered about a file."""
        return cls.DANGER_TO_LIFE if danger else cls.URGENT if urgent else cls.ORDINARY


@dataclass(frozen=True)
class Task:
    """One thing to do. Texts are in the reader's language; `word` says what kind of task it is.

    `since_us` is when it began to wait, `due_us` when it must be done, where somebody set a day. `places` are the zones
    and offices whose work it is ("zone:5324", "office:mons"), where any of their people may do it for the others.
    """

    title: str
    url: str
    word: str
    since_us: int
    level: Level = Level.ORDINARY
    detail: str = ""
    due_us: int | None = None
    places: tuple[str, ...] = ()


Provider = Callable[[Scope], Iterable[Task]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider` whenever somebody opens their start page; call it from `AppConfig.ready`. Usable as a decorator.

    It gives only what the scope may see, and decides that by the same rule as the page behind the link.
    """
    if provider not in _providers:
        _providers.append(provider)
    return provider


def tasks_of(scope: Scope) -> list[Task]:
    """All tasks of this reader: by level, then those with the earliest day, then who waits longest."""
    tasks = [task for provider in _providers for task in provider(scope)]
    return sorted(tasks, key=_order)


def _order(task: Task) -> tuple[int, bool, int, int]:
    return task.level, task.due_us is None, task.due_us or 0, task.since_us
