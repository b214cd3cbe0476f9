"""The face of this package: write a file, read a file, take a step in its life, ask where it stands."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from django.db import transaction

from egide.access.rules import Scope
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.files import (
    SafeWay,
    managing_zone_of,
    numbers_seen_by,
    opening_of,
    safe_way_of,
    that_bar_anybody,
    units_of,
)
from egide.casework.file.names import cases_named
from egide.casework.file.reading import (
    FileContent,
    NoSuchFile,
    PlaceInFile,
    check_case,
    has_weapon,
    home_of,
    measures_of,
    names_of,
    places_of,
    read_content,
)
from egide.casework.file.secrecy import address_words, blacken, pattern_of
from egide.casework.file.store import change_day, seal, write_rows
from egide.casework.life.living import (
    do_take_step,
    life_at,
    when_danger_changes,
    when_file_moves,
    when_grant_changes,
)
from egide.casework.life.standing import Standing, standing_of
from egide.casework.papers.documents import Frame, frame_of, printed
from egide.casework.papers.handing import HandedPaper, handed_papers, read_handed
from egide.casework.papers.keeping import NoSuchPaper, perpetrator_photo
from egide.events.casework import FileStarted
from egide.outbox.days import day_of, today
from egide.outbox.service import clock, keys, offer

R = TypeVar("R", bound=m.SealedRow)
NUMBER_DIGITS = 6


@transaction.atomic
def do_create_case(
    *,
    managing_zone: str,
    managing_centre: str,
    office: str,
    facts: f.CaseFacts,
    beneficiary: f.BeneficiaryFacts,
    by: str = "",
) -> m.Case:
    """Open a file with a fresh key and a number of its own."""
    case = m.Case(managing_zone=managing_zone, managing_centre=managing_centre, office=office)
    case.opened_at_us = case.waiting_since_us = clock().now_us()
    case.number = _free_number(day_of(case.opened_at_us).year)
    keys().ensure(case.id)
    case.sealed = seal(keys().record_key(case.id), case, facts)
    case.save(force_insert=True)
    do_add(case, m.Beneficiary, beneficiary)
    offer(FileStarted(case=case.id, user=by, managing_zone=managing_zone), f"case:{case.id}", case.id)
    return case


@transaction.atomic
def do_add(case: m.Case, model: type[R], *contents: f.Facts, **clear: bool) -> list[R]:
    """Append rows of `model` to a file, sealed; `clear` are the model's own clear columns."""
    rows = write_rows(case, model, contents, clear)
    if model in (m.Measure, m.Perpetrator):
        m.Case.objects.filter(id=case.id).update(change_on=change_day(case.id, today()))
    return rows


def without_words_of(file: FileContent, hidden: Iterable[f.PlaceFacts]) -> FileContent:
    """The file without a word of these addresses, wherever somebody repeated them; the places themselves stay."""
    return replace(blacken(file, pattern_of(address_words(hidden))), places=file.places)


def do_note_issued(scope: Scope, case_id: str, kit: str) -> None:
    """A kit left for this file: the step from "issue" to "running". Raises NoSuchFile, StepRefused."""
    case = check_case(case_id)
    do_take_step(scope, case_id, case.version, s.Issued(by=scope.user, title=scope.title, kit=kit))


def _free_number(year: int) -> str:
    """A number that nobody has; chance gives it, so that counting leads from one file to no other."""
    while True:
        number = f"{year}-{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}}"
        if not m.Case.objects.filter(number=number).exists():
            return number


__all__ = [
    "FileContent",
    "Frame",
    "HandedPaper",
    "NoSuchFile",
    "NoSuchPaper",
    "PlaceInFile",
    "SafeWay",
    "Standing",
    "blacken",
    "cases_named",
    "do_add",
    "do_create_case",
    "do_note_issued",
    "do_take_step",
    "frame_of",
    "handed_papers",
    "has_weapon",
    "home_of",
    "life_at",
    "managing_zone_of",
    "measures_of",
    "names_of",
    "numbers_seen_by",
    "opening_of",
    "perpetrator_photo",
    "places_of",
    "printed",
    "read_content",
    "read_handed",
    "safe_way_of",
    "standing_of",
    "that_bar_anybody",
    "units_of",
    "when_danger_changes",
    "when_file_moves",
    "when_grant_changes",
    "without_words_of",
]
