"""Alarms of the register that somebody may read, the newest first: by time, place, outcome, person, team, reference.

Each thing that is asked for is a list of marks, one of which an alarm must have. Alarms are gone through along the one
that the fewest have; each of the others is one step in the same index. So a page takes the same time among a thousand
alarms and among a million.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, islice

import msgspec
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.barring import files_that_bar
from egide.access.registries.finding import Found
from egide.access.rules import FILE_ROLES, OPERATOR, Scope
from egide.access.templatetags.units import moment
from egide.boards.models import RegisteredAlarm, RegisterMark
from egide.boards.register import files, keeping, rules
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.outbox.days import begin_of_us, day_of, end_of_us
from egide.outbox.service import clock

PAGE = 50
SAID_MOST = 10
# More people of one name than this, and their alarms: somebody has to write more of it.
NAMED_MOST = 200
# Of a name that half the country has, so many are looked at.
_LOOKED_AT_MOST = 10 * NAMED_MOST
# As far as is counted to find what the fewest have.
_COUNTED = 5_000
# An alarm that was closed in the last days was opened in these: operators look no further back.
_OPERATORS_DAYS = 30
# Time and number of an alarm in the register: the order of its lists.
Place = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty fields ask for nothing. `text` is a name, a call sign or a reference; `before`
    goes on behind an alarm of the page before."""

    since: date | None = None
    until: date | None = None
    centre: str = ""
    zone: str = ""
    outcome: str = ""
    text: str = ""
    before: Place | None = None


@dataclass(frozen=True)
class Entry:
    """One alarm as it is listed. `name` is empty where it cannot be read any more."""

    alarm: str
    name: str
    line: rules.Line


@dataclass(frozen=True)
class Page:
    """A page of the register. `older`: where the next one begins, None for the last. `too_many`: more people have such
    a name than are looked for."""

    entries: list[Entry]
    older: Place | None
    too_many: bool = False


def find(scope: Scope, wanted: Wanted) -> Page:
    """A page of what this reader may read."""
    if scope.roles == {OPERATOR}:
        recent = day_of(clock().now_us()) - timedelta(days=_OPERATORS_DAYS)
        wanted = replace(wanted, since=max(wanted.since or recent, recent))
    rights = keeping.marks(rules.rights_of(scope))
    cases, too_many = _named(scope, wanted.text, rights) if wanted.text else ([], False)
    asked = [rights, *_asked(wanted)]
    places = _walk(wanted, asked, cases) if wanted.text else _walk_marks(wanted, asked)
    chosen = list(_take(places, PAGE + 1))
    more = chosen[PAGE - 1] if len(chosen) > PAGE else None
    entries = _entries(scope, [number for _at, number in chosen[:PAGE]])
    return Page(entries, more, too_many)


def _named(scope: Scope, text: str, rights: Sequence[int]) -> tuple[list[str], bool]:
    """Files of this name with an alarm that the reader may read, and whether there may be more. Others count for
    nothing: how many people of a name there are is told to nobody."""
    named, found = islice(files.named(scope, text), _LOOKED_AT_MOST), list[str]()
    looked_at = 0
    while len(found) < NAMED_MOST and (some := list(islice(named, NAMED_MOST))):
        looked_at += len(some)
        theirs = RegisteredAlarm.objects.filter(_has(rights, "pk"), case__in=some).order_by()
        found += theirs.values_list("case", flat=True).distinct()
    return found[:NAMED_MOST], len(found) >= NAMED_MOST or looked_at == _LOOKED_AT_MOST


def find_said(scope: Scope, text: str) -> Iterator[Found]:
    """For the search of all pages: alarms by their team or reference, the newest first; names lead to files."""
    if not scope.roles & FILE_ROLES:
        return
    keeping.catch_up(chunks=1)
    rights, said = (keeping.marks(texts) for texts in (rules.rights_of(scope), [rules.said_as(text)]))
    places = _take(_along(Wanted(), said, [rights]), SAID_MOST)
    for one in _entries(scope, [number for _at, number in places]):
        yield Found(
            title=one.name or "—",
            url=reverse("register-alarm", args=[one.alarm]),
            word=_("Alarm"),
            detail=" · ".join((moment(one.line.received_at_us), *one.line.teams, *one.line.references)),
        )


def _asked(wanted: Wanted) -> Iterator[list[int]]:
    if wanted.centre:
        yield keeping.marks([rules.at_centre(wanted.centre)])
    if wanted.zone:
        yield keeping.marks([rules.led_by(wanted.zone)])
    if wanted.outcome:
        yield keeping.marks([rules.ended_as(wanted.outcome)])


def _walk(wanted: Wanted, asked: Sequence[list[int]], cases: Sequence[str]) -> Iterator[Place]:
    """With a text: alarms of these files, and those whose team or reference is called so."""
    of_files = _within(wanted, RegisteredAlarm.objects.filter(case__in=cases), "id")
    for marks in asked:
        of_files = of_files.filter(_has(marks, "pk"))
    said = keeping.marks([rules.said_as(wanted.text)])
    return heapq.merge(_places(of_files, "id"), _along(wanted, said, asked), reverse=True)


def _walk_marks(wanted: Wanted, asked: Sequence[list[int]]) -> Iterator[Place]:
    rarest = min(asked, key=lambda marks: _count(wanted, marks))
    return _along(wanted, rarest, [marks for marks in asked if marks is not rarest])


def _along(wanted: Wanted, marks: Sequence[int], others: Iterable[list[int]]) -> Iterator[Place]:
    """Alarms with one of `marks`, each of which leads to its own in their order, and with one of each of `others`."""
    others = list(others)

    def along(mark: int) -> Iterator[Place]:
        rows = _within(wanted, RegisterMark.objects.filter(mark=mark), "entry_id")
        for other in others:
            rows = rows.filter(_has(other, "entry_id"))
        return _places(rows, "entry_id")

    return heapq.merge(*map(along, marks), reverse=True)


def _has(marks: Sequence[int], entry: str) -> Exists:
    there = RegisterMark.objects.filter(
        mark__in=marks, opened_at_us=OuterRef("opened_at_us"), entry_id=OuterRef(entry)
    )
    return Exists(there)


def _within(wanted: Wanted, rows: QuerySet, number: str) -> QuerySet:  # type: ignore[type-arg]
    if wanted.since:
        rows = rows.filter(opened_at_us__gte=begin_of_us(wanted.since))
    if wanted.until:
        rows = rows.filter(opened_at_us__lte=end_of_us(wanted.until))
    if wanted.before:
        at_us, before = wanted.before
        rows = rows.filter(opened_at_us__lte=at_us).exclude(
            **{"opened_at_us": at_us, f"{number}__gte": before}
        )
    return rows.order_by("-opened_at_us", f"-{number}")


def _places(rows: QuerySet, number: str) -> Iterator[Place]:  # type: ignore[type-arg]
    """A page of them at most: more are never shown of one list."""
    return iter(rows.values_list("opened_at_us", number)[: PAGE + 1])


def _count(wanted: Wanted, marks: Sequence[int]) -> int:
    rows = _within(wanted, RegisterMark.objects.filter(mark__in=marks), "entry_id").order_by()
    return rows[:_COUNTED].count()


def _take(places: Iterator[Place], most: int) -> Iterator[Place]:
    """Each once: an alarm may be there for several reasons."""
    for number, (place, _same) in enumerate(groupby(places)):
        if number == most:
            return
        yield place


def _entries(scope: Scope, numbers: Sequence[int]) -> list[Entry]:
    if not numbers:
        return []
    rows, barred, now_us = RegisteredAlarm.objects.in_bulk(numbers), files_that_bar(scope), clock().now_us()
    found = []
    for number in numbers:
        row = rows.get(number)
        if row is None or row.case in barred:
            continue
        try:
            line = keeping.line_in(row)
        except (KeyErased, UnsealError, msgspec.MsgspecError):
            # Erased meanwhile, or a line of another release, until it is made anew.
            continue
        if rules.may_read(scope, line, now_us):
            found.append((row, line))
    names = files.names_of([row.case for row, _line in found])
    return [Entry(row.alarm, names.get(row.case, ""), line) for row, line in found]
