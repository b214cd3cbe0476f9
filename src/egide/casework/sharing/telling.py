"""What a support worker can do: propose a review, report a trouble, ask for a call-back. The managing zone answers.

Only while she lets them see something, and nothing of it decides anything: it is a task of the zone until it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from egide.access.answering import AnswerRefused
from egide.access.registries.tasks import Level, Task
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import titles
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.files import visible
from egide.casework.file.reading import check_case
from egide.casework.file.store import seal, unseal
from egide.casework.file.words import SUPPORT_WORDS
from egide.casework.sharing.workers import check_allowed
from egide.events.casework import SupportAnswered, SupportTold
from egide.outbox.service import clock, keys, offer

REVIEW, TROUBLE, CALL_BACK = "review", "trouble", "call-back"
KINDS = (REVIEW, TROUBLE, CALL_BACK)
SHORTEST, LONGEST = 3, 1000
# Of one support worker for one file: the zone sees to these first.
MOST_OPEN = 5


class TellRefused(AnswerRefused):
    """Not told: `field` of the form, and a word of `words.SUPPORT_FAULTS`."""


class Words(f.Facts, frozen=True, kw_only=True):
    """What was said."""

    text: str


@dataclass(frozen=True)
class Told:
    """One of them; names are titles, and empty while nobody has answered."""

    id: str
    kind: str
    text: str
    by: str
    at_us: int
    answered_by: str
    answered_at_us: int


@transaction.atomic
def do_tell(scope: Scope, case_id: str, kind: str, text: str) -> None:
    """Tell the zone. Raises NoSuchFile where this worker is let see nothing, TellRefused, KeyErased."""
    case = check_allowed(scope, case_id)
    words = text.strip()
    if kind not in KINDS:
        raise TellRefused("kind", "no-kind")
    if not SHORTEST <= len(words) <= LONGEST:
        raise TellRefused("text", "no-words")
    if m.SupportWord.objects.filter(case=case, by=scope.user, answered_at_us=None).count() >= MOST_OPEN:
        raise TellRefused("kind", "many-words")
    row = m.SupportWord(case=case, kind=kind, by=scope.user, at_us=clock().now_us())
    row.sealed = seal(keys().record_key(case.id), row, Words(text=words))
    row.save(force_insert=True)
    offer(SupportTold(case=case.id, user=scope.user, what=kind), f"case:{case.id}", case.id)


def told_of(case_id: str, by: str = "") -> list[Told]:
    """What the zone was told of a file, the latest first; of one worker alone where one is named. Raises KeyErased."""
    rows = m.SupportWord.objects.filter(case_id=case_id).order_by("-at_us")
    found = list(rows.filter(by=by) if by else rows)
    if not found:
        return []
    people, key = (
        titles({name for row in found for name in (row.by, row.answered_by)}),
        keys().record_key(case_id),
    )
    return [
        Told(
            id=row.id,
            kind=row.kind,
            text=unseal(key, row, Words).text,
            by=people.get(row.by, row.by),
            at_us=row.at_us,
            answered_by=people.get(row.answered_by, ""),
            answered_at_us=row.answered_at_us or 0,
        )
        for row in found
    ]


@transaction.atomic
def do_answer(scope: Scope, case_id: str, word: str) -> None:
    """Somebody of the zone has seen to it; nothing where there is no such word, or somebody had. Raises NoSuchFile."""
    case = check_case(case_id)
    for row in m.SupportWord.objects.filter(case=case, id=word, answered_at_us=None):
        row.answered_by, row.answered_at_us = scope.user, clock().now_us()
        row.save(update_fields=["answered_by", "answered_at_us"])
        offer(SupportAnswered(case=case.id, user=scope.user, what=row.kind), f"case:{case.id}", case.id)


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each that waits, for the officers of the managing zone."""
    zones = scope.places(ZONE_OFFICER, REFERENCE_OFFICER)
    if not zones:
        return
    waiting = m.SupportWord.objects.filter(answered_at_us=None, case__in=visible(scope))
    for row in waiting.filter(case__managing_zone__in=zones).select_related("case").order_by("at_us"):
        yield Task(
            title=row.case.number,
            url=f"{reverse('file', args=[row.case_id])}#support",
            word=gettext("From her support worker: %(what)s") % {"what": SUPPORT_WORDS[row.kind]},
            since_us=row.at_us,
            level=Level.URGENT,
            places=(f"zone:{row.case.managing_zone}",),
        )
