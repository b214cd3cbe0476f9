"""Which files a reader may see: one filter for lists, search, tasks and pages, and the record of each opening."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from egide.access.rules import FileFacts, Opening, Scope, may_open_file, reader_marks
from egide.casework import models as m
from egide.casework.file import reading
from egide.casework.file import rules_life as rules
from egide.casework.file.reading import File, NoSuchFile
from egide.casework.file.secrecy import address_words, blacken, pattern_of
from egide.events.casework import FileExported
from egide.events.register import FileOpened
from egide.outbox.service import offer

PAGE = 25
OPEN_STAGES = tuple(stage for stage in rules.Stage if stage not in rules.CLOSED)


@dataclass(frozen=True)
class Listed:
    """One line of a list. `name` is empty when it cannot be read any more."""

    case: m.Case
    name: str


def visible(scope: Scope) -> QuerySet[m.Case]:
    """The files of the reader's zones and offices, without those whose readers they are barred from (rule 27)."""
    barred = m.BarredReader.objects.filter(case=OuterRef("pk"), mark__in=sorted(reader_marks(scope)))
    mine = Q(managing_zone__in=sorted(scope.zones)) | Q(office__in=sorted(scope.offices))
    return m.Case.objects.filter(mine).exclude(Exists(barred))


def in_order(cases: QuerySet[m.Case]) -> QuerySet[m.Case]:
    """By what people answered: danger to life, then urgency, then who waits longest. Never a score (rule 5)."""
    return cases.order_by("-danger", "-urgent", "waiting_since_us", "id")


def listed(cases: Iterable[m.Case]) -> list[Listed]:
    """Lines with names, in one query more."""
    rows = list(cases)
    names = reading.names_of([case.id for case in rows])
    return [Listed(case, names.get(case.id, "")) for case in rows]


def bars(scope: Scope) -> Iterable[str]:
    """The ids of the files that this reader must not even hear of (rule 27)."""
    marks = sorted(reader_marks(scope))
    return m.BarredReader.objects.filter(mark__in=marks).values_list("case_id", flat=True)


def that_bar_anybody() -> frozenset[str]:
    """The ids of the files that bar any reader at all: for what many people see at once."""
    return frozenset(m.BarredReader.objects.values_list("case_id", flat=True).distinct())


def numbers_of(ids: Collection[str]) -> dict[str, str]:
    """The numbers of these files, for pages that open none."""
    return dict(m.Case.objects.filter(id__in=ids).values_list("id", "number"))


def numbers_seen_by(scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """The numbers of those of these files that the reader's zone or office has, and that do not bar them."""
    return dict(visible(scope).filter(id__in=list(ids)).values_list("id", "number"))


def units_of(ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The managing zone and the prosecutor's office of each of these files, "" for none."""
    found = m.Case.objects.filter(id__in=list(ids)).values_list("id", "managing_zone", "office")
    return {case: (zone, office) for case, zone, office in found}


def id_of(number: str) -> str:
    """The id of the file with this number, "" when there is none."""
    return m.Case.objects.filter(number=number).values_list("id", flat=True).first() or ""


def facts_of(case: m.Case) -> FileFacts:
    """What decides who may open this file."""
    marks = m.BarredReader.objects.filter(case=case).values_list("mark", flat=True)
    return FileFacts(case=case.id, zone=case.managing_zone, office=case.office, barred=frozenset(marks))


def opening_of(scope: Scope, case_id: str) -> Opening | None:
    """The right of this reader to the file, None when there is none or no such file."""
    case = m.Case.objects.filter(id=case_id).first()
    return may_open_file(scope, facts_of(case)) if case else None


def managing_zone_of(case_id: str) -> str:
    """The zone that manages the file, "" when there is no such file."""
    return m.Case.objects.filter(id=case_id).values_list("managing_zone", flat=True).first() or ""


def check_open(scope: Scope, case_id: str) -> m.Case:
    """The file's row for somebody who may open it. Raises NoSuchFile for everybody else, as if there were none."""
    case = reading.check_case(case_id)
    if may_open_file(scope, facts_of(case)) is None:
        raise NoSuchFile(case_id)
    return case


def read_for(scope: Scope, case_id: str) -> File:
    """The file for its page. That it was opened is recorded before it is returned. Raises NoSuchFile, KeyErased."""
    case = check_open(scope, case_id)
    file = reading.read_file(case_id)
    do_record_opening(scope, case)
    return file if case.managing_zone in scope.zones else for_outsiders(file)


def for_outsiders(file: File) -> File:
    """The file without a word of its non-disclosed addresses, wherever somebody repeated them, and without the word
    agreed for a call-back: anybody who knows it can end an alarm (rule 8)."""
    hidden = address_words(place.facts for place in file.places if place.non_disclosed)
    person = file.beneficiary
    wordless = replace(person, facts=msgspec.structs.replace(person.facts, agreed_word=""))
    return blacken(replace(file, beneficiary=wordless), pattern_of(hidden))


@transaction.atomic
def do_record_opening(scope: Scope, case: m.Case) -> None:
    """Write down that this reader opened the file."""
    event = FileOpened(case=case.id, user=scope.user, managing_zone=case.managing_zone)
    offer(event, f"case:{case.id}", case.id)


@dataclass(frozen=True)
class SafeWay:
    """How the person of a file is reached without being given away, in the words of the file, and in which language."""

    name: str
    number: str
    contact: str
    when: str
    never: str
    language: str


def safe_way_of(scope: Scope, case_id: str) -> SafeWay:
    """That of a file which this reader may open; that it was opened is recorded. Raises NoSuchFile, KeyErased."""
    case = check_open(scope, case_id)
    person = reading.read_file(case_id).beneficiary.facts
    do_record_opening(scope, case)
    return SafeWay(
        name=person.name,
        number=case.number,
        contact=person.safe_contact,
        when=person.safe_when,
        never=person.unsafe_contact,
        language=person.language,
    )


def same_perpetrators(scope: Scope, case_id: str) -> list[Listed]:
    """Other files about a perpetrator of this one, among those that the reader may see."""
    marks = m.Perpetrator.objects.filter(case_id=case_id).values_list("mark", "national_mark")
    names, nationals = {mark for mark, _n in marks if mark}, {mark for _m, mark in marks if mark}
    shared = m.Perpetrator.objects.filter(Q(mark__in=names) | Q(national_mark__in=nationals))
    if not names | nationals:
        return []
    others = shared.exclude(case_id=case_id).values("case_id")
    return listed(visible(scope).filter(id__in=others).order_by("opened_at_us", "id")[:PAGE])


@transaction.atomic
def do_tell(event: FileExported) -> None:
    """Write an event about a file that changes no row."""
    offer(event, f"case:{event.case}", event.case)
