"""When somebody is reminded, of what, and how one thing is told from another. Pure."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

import msgspec

from egide.access.registries.tasks import Level, Task

DAY_US = 86_400_000_000
# A list that could not be sent for so many hours is not sent that day any more: it would be of yesterday's morning.
LATE_HOURS = 6


class Line(msgspec.Struct, frozen=True):
    """What a message says of things of one kind: how many, how urgent, and by when the first must be done."""

    word: str
    number: int
    level: Level
    due_us: int | None


def marked(tasks: Iterable[Task]) -> list[tuple[str, Task]]:
    """Each task that is no open alarm, with its mark: the same whenever, and in whatever language, it is looked at.

    Alarms have roads of their own, and no reminder is fast enough for one.
    """
    seen: Counter[str] = Counter()
    found = []
    for task in tasks:
        if task.level == Level.OPEN_ALARM:
            continue
        place = f"{task.url}\n{task.since_us}"
        seen[place] += 1
        mark = hashlib.sha256(f"{place}\n{seen[place]}".encode()).hexdigest()
        found.append((mark, task))
    return found


def is_urgent(task: Task, now_us: int) -> bool:
    """Whether people called it urgent, or it must be done within a day."""
    return task.level <= Level.URGENT or (task.due_us is not None and task.due_us - now_us <= DAY_US)


def is_called(task: Task, on_duty: Collection[str]) -> bool:
    """Whether somebody who is on duty at these places is there for it."""
    return not frozenset(on_duty).isdisjoint(task.places)


def left_to_those_on_duty(
    new: Iterable[tuple[str, Task]], told: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """The marks of what others are there for: `told` has, by mark, the places at which somebody who is on duty now
    was told of it. One place that is the task's is enough."""
    return frozenset(mark for mark, task in new if is_called(task, told.get(mark, ())))


def is_quiet(now: datetime, begin_hour: int, end_hour: int) -> bool:
    """Whether nobody is to be disturbed at `now`: from one hour until another, over midnight too; never where both are
    the same."""
    if begin_hour <= end_hour:
        return begin_hour <= now.hour < end_hour
    return now.hour >= begin_hour or now.hour < end_hour


def day_of_list(now: datetime, hour: int | None) -> date | None:
    """The day whose list is due at `now`; None before its hour, long after it, and where none is wanted."""
    is_due = hour is not None and hour <= now.hour < hour + LATE_HOURS
    return now.date() if is_due else None


def lines_of(tasks: Iterable[Task]) -> list[Line]:
    """What a message says: a line for each kind and urgency. Of a task only these words leave: no title, no detail."""
    ordered = sorted(tasks, key=_kind)
    return [_line(list(some)) for _key, some in groupby(ordered, key=_kind)]


def _kind(task: Task) -> tuple[Level, str]:
    return task.level, task.word


def _line(tasks: list[Task]) -> Line:
    dues = [task.due_us for task in tasks if task.due_us is not None]
    return Line(tasks[0].word, len(tasks), tasks[0].level, min(dues, default=None))
