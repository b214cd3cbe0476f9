"""When somebody is reminded, and what a message says of many things."""

from datetime import UTC, date, datetime

import pytest

from egide.access.registries.tasks import Level, Task
from egide.reminders import rules


@pytest.mark.parametrize(
    ("hour", "begin", "end", "quiet"),
    [
        (23, 20, 7, True),
        (3, 20, 7, True),
        (20, 20, 7, True),
        (7, 20, 7, False),
        (12, 20, 7, False),
        (13, 12, 14, True),
        (14, 12, 14, False),
        (0, 5, 5, False),
        (5, 5, 5, False),
    ],
)
def test_quiet_hours_go_over_midnight(hour: int, begin: int, end: int, quiet: bool) -> None:
    assert rules.is_quiet(datetime(2026, 11, 30, hour, 30, tzinfo=UTC), begin, end) is quiet


@pytest.mark.parametrize(("hour", "due"), [(6, False), (7, True), (12, True), (13, False)])
def test_a_list_that_was_missed_by_hours_is_not_sent(hour: int, due: bool) -> None:
    now = datetime(2026, 11, 30, hour, 0, tzinfo=UTC)
    assert rules.day_of_list(now, 7) == (date(2026, 11, 30) if due else None)
    assert rules.day_of_list(now, None) is None


def test_things_of_one_kind_are_one_line_with_the_earliest_day() -> None:
    tasks = [
        Task("a", "/a", "Review", 1, due_us=300),
        Task("b", "/b", "Review", 1, level=Level.URGENT),
        Task("c", "/c", "Review", 1, due_us=200),
        Task("d", "/d", "Decide", 1),
    ]
    assert rules.lines_of(tasks) == [
        rules.Line("Review", 1, Level.URGENT, None),
        rules.Line("Decide", 1, Level.ORDINARY, None),
        rules.Line("Review", 2, Level.ORDINARY, 200),
    ]


def test_two_things_of_one_page_and_moment_are_two() -> None:
    twice = [Task("a", "/kit", "Missing", 5), Task("a", "/kit", "Missing, too", 5)]
    marks = [mark for mark, _task in rules.marked(twice)]
    assert len(set(marks)) == 2 and marks[0] == rules.marked(twice[:1])[0][0]


@pytest.mark.parametrize(
    ("task", "urgent"),
    [
        (Task("a", "/a", "x", 1), False),
        (Task("a", "/a", "x", 1, level=Level.URGENT), True),
        (Task("a", "/a", "x", 1, level=Level.DANGER_TO_LIFE), True),
        (Task("a", "/a", "x", 1, due_us=rules.DAY_US), True),
        (Task("a", "/a", "x", 1, due_us=rules.DAY_US + 1), False),
    ],
)
def test_urgent_is_what_people_called_so_or_what_is_due_within_a_day(task: Task, urgent: bool) -> None:
    assert rules.is_urgent(task, 0) is urgent
