"""Asking for a file that one has no right to (safety rule 41): the person's name and birth date, a reason, few a shift.

While an alarm of the file is open it opens at once; else somebody who may read it says yes first. Zone and
data-protection officer are notified at once. The person gets one and the same answer whether there is no such file, it
bars them, or nobody has said yes.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.registries.notices import Notice
from egide.access.registries.tasks import Level, Task
from egide.access.rules import Opening, Scope, may_break_glass
from egide.access.service import scope_named, titles
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import reading
from egide.casework.file.files import (
    OPEN_STAGES,
    bars,
    facts_of,
    for_outsiders,
    managing_zone_of,
    numbers_of,
    visible,
)
from egide.casework.file.reading import File, NoSuchFile
from egide.casework.file.store import clear_columns, label, person_mark, unseal
from egide.common.sealing import UnsealError
from egide.common.ticket import account_stream
from egide.events.register import FileAskAnswered, FileAsked, FileAskedInVain, FileOpened
from egide.journal.queries.general import open_alarm_of_case
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry
from egide.outbox.service import clock, journal, keys, offer

SHIFT_S = 12 * 3600
# How long somebody may say yes, and how long a yes lasts.
ANSWER_WITHIN_S, OPEN_WITHIN_S = 4 * 3600, 3600
# For how long the data-protection officer sees who asked for what they were not given.
VAIN_SHOWN_S = 7 * 86_400


class TooOften(Exception):
    """This reader has asked as often as one may in a shift; nothing was looked up."""


@dataclass(frozen=True)
class Own:
    """What somebody asked for in the last shift, as they may know of it: whether it can be opened now, or was."""

    id: str
    at_us: int
    is_ready: bool
    is_opened: bool


@dataclass(frozen=True)
class Waiting:
    """Somebody asks for a file that this reader may read."""

    id: str
    at_us: int
    who: str
    case: str
    number: str
    name: str
    why: str


def asks_left(scope: Scope) -> int:
    """How often this reader may still ask within the shift."""
    return max(0, settings.EGIDE.asks_per_shift - _of_shift(scope).count())


def own(scope: Scope) -> list[Own]:
    """What this reader asked for within the shift, the newest first. What was in vain looks like what waits."""
    return [
        Own(one.id, one.at_us, is_ready=_is_ready(one), is_opened=one.opened_at_us is not None)
        for one in _of_shift(scope)
    ]


@transaction.atomic
def do_ask(scope: Scope, name: str, born: date, why: str) -> File | None:
    """Ask for the file of this person: it where an alarm is open, else None, whatever the cause.

    Raises TooOften, JournalError when the journal takes no record: then nothing is opened.
    """
    if not asks_left(scope):
        raise TooOften
    # Of people without a file nothing is kept for longer than somebody looks at it.
    m.Asking.objects.filter(case="", at_us__lt=clock().now_us() - VAIN_SHOWN_S * 1_000_000).delete()
    case = _find(name, born)
    asked = m.Asking(by=scope.user, at_us=clock().now_us(), case=case.id if case else "")
    if case is None:
        asked.save(force_insert=True)
        offer(FileAskedInVain(user=scope.user), account_stream(scope.user))
        return None
    facts = facts_of(case)
    opening = may_break_glass(scope, facts, why)
    asked.is_barred = opening is None
    asked.sealed = keys().record_key(case.id).seal(why.encode(), label(asked))
    alarm = open_alarm_of_case(journal(), case.id) if opening else ""
    if opening is None or not alarm:
        asked.save(force_insert=True)
        event = FileAsked(
            case=case.id,
            user=scope.user,
            why=why,
            managing_zone=case.managing_zone,
            is_barred=asked.is_barred,
        )
        # Rings once the request can be seen: a page that looks earlier finds nothing.
        offer(event, f"case:{case.id}", case.id)
        return None
    asked.opened_at_us = asked.at_us
    asked.save(force_insert=True)
    return _opened(scope, case, opening, alarm=alarm)


@transaction.atomic
def do_open(scope: Scope, asking: str) -> File:
    """The file to which a second person said yes, once. Raises NoSuchFile for everything else, KeyErased."""
    one = _of_shift(scope).filter(id=asking).first()
    case = m.Case.objects.filter(id=one.case).first() if one and _is_ready(one) else None
    if one is None or case is None:
        raise NoSuchFile(asking)
    # A bar or the end of a post since then counts.
    opening = may_break_glass(scope, facts_of(case), _why(one))
    if opening is None:
        raise NoSuchFile(asking)
    one.opened_at_us = clock().now_us()
    one.save(update_fields=["opened_at_us"])
    return _opened(scope, case, opening, second=one.second)


def waiting_for(scope: Scope) -> list[Waiting]:
    """Who asks for files that this reader may read, the oldest first."""
    rows = _asked_of(scope)
    cases = [one.case for one in rows]
    who, names, numbers = titles(one.by for one in rows), reading.names_of(cases), numbers_of(cases)
    return [
        Waiting(
            one.id, one.at_us, who[one.by], one.case, numbers[one.case], names.get(one.case, ""), _why(one)
        )
        for one in rows
    ]


@transaction.atomic
def do_answer(scope: Scope, asking: str, *, agreed: bool) -> None:
    """Say whether the other may read the file, once. Raises NoSuchFile: nothing waits, or it is not this reader's."""
    one = next((one for one in _asked_of(scope) if one.id == asking), None)
    if one is None:
        raise NoSuchFile(asking)
    one.second, one.agreed, one.decided_at_us = scope.user, agreed, clock().now_us()
    one.save(update_fields=["second", "agreed", "decided_at_us"])
    zone = managing_zone_of(one.case)
    event = FileAskAnswered(
        case=one.case, user=scope.user, asked_by=one.by, agreed=agreed, managing_zone=zone
    )
    offer(event, f"case:{one.case}", one.case)


def notices(scope: Scope) -> Iterator[Notice]:
    """On every page of those who can answer: somebody waits."""
    if scope.has_files and (number := len(_asked_of(scope))):
        text = ngettext(
            "Somebody asks to read a file of yours.", "%(number)s people ask to read a file of yours.", number
        )
        yield Notice(text % {"number": number}, reverse("files-asked"))


def tasks_of(scope: Scope) -> Iterator[Task]:
    """A line for each who waits for an answer; for the data-protection officer, who asked for what was not given."""
    if scope.has_files:
        for one in waiting_for(scope):
            yield Task(
                title=f"{one.who} · {one.number}",
                url=reverse("files-asked"),
                word=_("Somebody asks to read a file of yours."),
                since_us=one.at_us,
                level=Level.URGENT,
                detail=one.why,
            )
    if scope.is_data_protection_officer:
        yield from _in_vain(scope)


def _in_vain(scope: Scope) -> Iterator[Task]:
    since_us = clock().now_us() - VAIN_SHOWN_S * 1_000_000
    counted: dict[str, list[int]] = {}
    found = m.Asking.objects.filter(at_us__gt=since_us, opened_at_us=None).exclude(agreed=True)
    for one in found.exclude(case__in=bars(scope)):
        counted.setdefault(one.by, []).append(one.at_us)
    who = titles(counted)
    for user, times in counted.items():
        text = ngettext(
            "%(who)s asked for a file that they were not given",
            "%(who)s asked %(number)s times for a file that they were not given",
            len(times),
        )
        yield Task(
            title=text % {"who": who[user], "number": len(times)},
            url=reverse("readings"),
            word=_("Within seven days"),
            since_us=min(times),
        )


def _of_shift(scope: Scope) -> QuerySet[m.Asking]:
    return m.Asking.objects.filter(by=scope.user, at_us__gt=clock().now_us() - SHIFT_S * 1_000_000)


def _asked_of(scope: Scope) -> list[m.Asking]:
    """What waits for this reader, the oldest first: of files that they may read, and of nobody who is barred now."""
    since_us = clock().now_us() - ANSWER_WITHIN_S * 1_000_000
    rows = m.Asking.objects.filter(at_us__gt=since_us, is_barred=False, agreed=None, opened_at_us=None)
    # Every page asks, and mostly nobody waits anywhere: whose files these are is asked only when somebody does.
    if not rows.exists():
        return []
    of_mine = rows.filter(case__in=visible(scope).values("id"))
    return [one for one in of_mine.exclude(by=scope.user).order_by("at_us", "id") if not _bars(one)]


def _bars(one: m.Asking) -> bool:
    asker = scope_named(one.by)
    return asker is None or one.case in bars(asker)


def _is_ready(one: m.Asking) -> bool:
    until_us = one.decided_at_us + OPEN_WITHIN_S * 1_000_000
    return one.agreed is True and one.opened_at_us is None and clock().now_us() < until_us


def _find(name: str, born: date) -> m.Case | None:
    """The person's file: an open one before a closed one, then the newest; none whose key is gone."""
    _do_mark_those_of_before()
    mark = person_mark(name, born)
    rows = m.Case.objects.filter(id__in=m.Beneficiary.objects.filter(mark=mark).values("case_id"))
    alive = (case for case in rows if keys().has(case.id))
    return max(alive, key=lambda case: (case.stage in OPEN_STAGES, case.opened_at_us), default=None)


def _do_mark_those_of_before() -> None:
    """Files that were written before people had a mark."""
    for row in m.Beneficiary.objects.filter(mark=""):
        with suppress(KeyErased, UnsealError):
            person = unseal(keys().record_key(row.case_id), row, f.BeneficiaryFacts)
            m.Beneficiary.objects.filter(pk=row.pk).update(**clear_columns(person))


def _why(one: m.Asking) -> str:
    """The stated reason; empty when it cannot be read any more."""
    with suppress(KeyErased, UnsealError):
        return keys().record_key(one.case).unseal(bytes(one.sealed), label(one)).decode()
    return ""


def _opened(scope: Scope, case: m.Case, opening: Opening, *, alarm: str = "", second: str = "") -> File:
    file = reading.read_file(case.id)
    event = FileOpened(
        case=case.id,
        user=scope.user,
        alarm=alarm or None,
        why=opening.why,
        managing_zone=case.managing_zone,
        second=second,
    )
    # Written before anything is shown.
    entry = Entry(stream=f"case:{case.id}", event=event, case=case.id, zones=(case.managing_zone,))
    journal().append([entry])
    return for_outsiders(file)
