"""Finding files by plate, telephone, address or number of a report, among those that somebody may see.

They are read once somebody looks for any of them (`file.remembering`).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec
from django.db.models import QuerySet

from egide.access.rules import Scope
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.remembering import Memory
from egide.casework.file.store import unseal
from egide.common.folding import fold, signs
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import keys

T = TypeVar("T", bound=f.Facts)
# Fewer signs than this of a plate or a number are in too many of them.
_SHORTEST = 4
PLATE, TELEPHONE, ADDRESS, REPORT = "plate", "telephone", "address", "report"


class Detail(NamedTuple):
    """One thing by which a file is found. `signs` are its letters and digits alone; `is_hidden`: for its zone alone."""

    kind: str
    shown: str
    folded: str
    signs: str
    is_hidden: bool = False


def find_details(scope: Scope, cases: QuerySet[m.Case], text: str, most: int) -> list[tuple[m.Case, Detail]]:
    """Files among `cases` by what else stands in them than names. A non-disclosed address is found by its managing zone
    alone."""
    words, asked = fold(text).split(), signs_of(text)
    if len(asked) < _SHORTEST:
        return []
    versions, zones = {}, {}
    for case, version, zone in cases.values_list("id", "version", "managing_zone"):
        versions[case], zones[case] = version, zone
    found = (
        (case, fits[0])
        for case, details in _memory.of(versions)
        if (fits := [one for one in details if _fits(one, words, asked, is_own=zones[case] in scope.zones)])
    )
    hits = dict(islice(found, most))
    rows = m.Case.objects.in_bulk(list(hits))
    return [(rows[case], detail) for case, detail in hits.items() if case in rows]


def signs_of(text: str) -> str:
    """Letters and digits alone; a number without the zeros before it, which the country's code takes the place of."""
    found = signs(text)
    return found.lstrip("0") if found.isdigit() else found


def _fits(detail: Detail, words: list[str], asked: str, *, is_own: bool) -> bool:
    if detail.kind == ADDRESS:
        return (is_own or not detail.is_hidden) and all(word in detail.folded for word in words)
    return asked in detail.signs


def _learn(cases: list[str]) -> dict[str, tuple[Detail, ...]]:
    found: dict[str, list[Detail]] = {case: [] for case in cases}
    for case, detail in _details(cases):
        found[case].append(detail)
    return {case: tuple(details) for case, details in found.items()}


def _details(cases: Iterable[str]) -> Iterator[tuple[str, Detail]]:
    for row, person in _contents(m.Beneficiary, f.BeneficiaryFacts, cases):
        yield from _said(row, TELEPHONE, person.phone)
    for row, perpetrator in _contents(m.Perpetrator, f.PerpetratorFacts, cases):
        yield from _said(row, PLATE, perpetrator.vehicle)
    for row, report in _contents(m.Report, f.PoliceReportFacts, cases):
        yield from _said(row, REPORT, report.number)
    for row, place in _contents(m.Place, f.PlaceFacts, cases):
        assert isinstance(row, m.Place)
        yield from _said(row, ADDRESS, place.address, is_hidden=row.non_disclosed)


def _said(row: m.SealedRow, kind: str, text: str, *, is_hidden: bool = False) -> Iterator[tuple[str, Detail]]:
    if text:
        yield row.case_id, Detail(kind, text, fold(text), signs_of(text), is_hidden)


def _contents(
    model: type[m.SealedRow], kind: type[T], cases: Iterable[str]
) -> Iterator[tuple[m.SealedRow, T]]:
    for row in model._default_manager.filter(case_id__in=list(cases)):
        with suppress(KeyErased, UnsealError, msgspec.MsgspecError):
            yield row, unseal(keys().record_key(row.case_id), row, kind)


_memory = Memory(_learn, most=50_000)
