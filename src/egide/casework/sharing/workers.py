"""What a protected person lets a support worker see of the file (safety rule 33): named parts, until it is taken back.

An officer of the managing zone writes down what she said; nobody else can give it, and no role brings it along.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef

from egide.access.accounts import colleagues
from egide.access.accounts.colleagues import Colleague
from egide.access.answering import AnswerRefused
from egide.access.rules import SUPPORT, Scope, is_barred, reader_marks
from egide.access.service import is_support_worker
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.files import OPEN_STAGES, Listed, do_record_opening, facts_of, for_outsiders, listed
from egide.casework.file.reading import NoSuchFile, check_case, read_file
from egide.casework.file.rules import is_in_force
from egide.events.casework import FileShared, FileUnshared
from egide.outbox.days import today
from egide.outbox.service import clock, offer

CONTACT, MEASURES, DATES = "contact", "measures", "dates"
PARTS = (CONTACT, MEASURES, DATES)


class ShareRefused(AnswerRefused):
    """Not written down: `field` of the form, and a word of `words.SHARE_FAULTS`."""


@dataclass(frozen=True)
class Allowed:
    """What a support worker sees of a file; None and empty for what the person did not name."""

    name: str
    contact: f.BeneficiaryFacts | None = None
    measures: tuple[f.MeasureFacts, ...] | None = None
    stage: str = ""
    review_on: date | None = None
    grant_ends_on: date | None = None


def shares_of(case: m.Case) -> list[m.Share]:
    """What is open to support workers now, the oldest first."""
    return list(m.Share.objects.filter(case=case, ended_at_us=None).order_by("at_us", "id"))


def find_workers(scope: Scope, case: m.Case, text: str) -> list[Colleague]:
    """Support workers whose name fits, few at a time; none that is barred. Raises ShareRefused: looked too often."""
    try:
        colleagues.check_not_too_often(scope.user)
    except colleagues.TooOften as error:
        raise ShareRefused("reader", "too-often") from error
    barred = facts_of(case).barred
    found = colleagues.find_colleagues(text, {SUPPORT})
    return [one for one in found if f"user:{one.name}" not in barred][: colleagues.MOST]


@transaction.atomic
def do_share(scope: Scope, case: m.Case, reader: str, parts: Collection[str], *, she_agrees: bool) -> None:
    """Write down what the person lets this account see; what it was let see before ends. Raises ShareRefused."""
    chosen = tuple(part for part in PARTS if part in parts)
    # A barred name and an unknown one look alike to everybody.
    if not is_support_worker(reader) or f"user:{reader}" in facts_of(case).barred:
        raise ShareRefused("reader", "no-such-worker")
    if not chosen:
        raise ShareRefused("parts", "no-parts")
    if not she_agrees:
        raise ShareRefused("agreed", "not-agreed")
    now_us = clock().now_us()
    m.Share.objects.filter(case=case, reader=reader, ended_at_us=None).update(ended_at_us=now_us)
    m.Share.objects.create(case=case, reader=reader, parts=" ".join(chosen), at_us=now_us, by=scope.user)
    event = FileShared(case=case.id, user=scope.user, reader=reader, parts=chosen)
    offer(event, f"case:{case.id}", case.id)


@transaction.atomic
def do_unshare(scope: Scope, case: m.Case, reader: str) -> None:
    """She took it back: from now on there is no such file for this account. Nothing happens when there was nothing."""
    open_ones = m.Share.objects.filter(case=case, reader=reader, ended_at_us=None)
    if open_ones.update(ended_at_us=clock().now_us()):
        offer(FileUnshared(case=case.id, user=scope.user, reader=reader), f"case:{case.id}", case.id)


def allowed_files(scope: Scope) -> list[Listed]:
    """The files of which this support worker may see something, while they are open."""
    barred = m.BarredReader.objects.filter(case=OuterRef("pk"), mark__in=sorted(reader_marks(scope)))
    mine = m.Share.objects.filter(case=OuterRef("pk"), reader=scope.user, ended_at_us=None)
    cases = m.Case.objects.filter(Exists(mine), stage__in=OPEN_STAGES).exclude(Exists(barred))
    return listed(cases.order_by("opened_at_us", "id"))


def check_allowed(scope: Scope, case_id: str) -> m.Case:
    """The file's row for a support worker whom the person lets see something of it now. Raises NoSuchFile."""
    return _shared_with(scope, case_id).case


def _shared_with(scope: Scope, case_id: str) -> m.Share:
    case = check_case(case_id)
    share = m.Share.objects.filter(case=case, reader=scope.user, ended_at_us=None).first()
    if share is None or case.stage not in OPEN_STAGES or is_barred(scope, facts_of(case).barred):
        raise NoSuchFile(case_id)
    share.case = case
    return share


def read_allowed(scope: Scope, case_id: str) -> Allowed:
    """What this support worker may see; the reading is recorded. Raises NoSuchFile, KeyErased."""
    share = _shared_with(scope, case_id)
    case, parts = share.case, share.parts.split()
    file = for_outsiders(read_file(case_id))
    do_record_opening(scope, case)
    person = file.beneficiary.facts
    in_force = tuple(row.facts for row in file.measures if is_in_force(row.facts, today()))
    shows_dates = DATES in parts
    return Allowed(
        name=person.name,
        contact=person if CONTACT in parts else None,
        measures=in_force if MEASURES in parts else None,
        stage=case.stage if shows_dates else "",
        review_on=case.review_on if shows_dates else None,
        grant_ends_on=case.grant_ends_on if shows_dates else None,
    )
