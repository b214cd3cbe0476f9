"""Finding files by plate, telephone, address or number of a report, among those that somebody may see.

Like names (`file.names`) these stand on a disk under seal alone, and in this process's memory once somebody looked for
any of them, until the file changes or is erased.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import msgspec
from django.db.models import QuerySet

from egide.access.rules import Scope
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.store import unseal
from egide.common.folding import fold
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import KeyStore
from egide.outbox.service import keys

T = TypeVar("T", bound=f.Facts)
MOST_KEPT = 50_000
_CHUNK = 500
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


class DetailBook:
    """What files are found by, for one key store."""

    def __init__(self, store: KeyStore) -> None:
        self._kept: dict[str, tuple[int, tuple[Detail, ...]]] = {}
        store.on_erased(self._forget)

    def _forget(self, case: str) -> None:
        self._kept.pop(case, None)

    def find(
        self, scope: Scope, cases: QuerySet[m.Case], text: str, most: int
    ) -> list[tuple[m.Case, Detail]]:
        """Files with the detail that fits. A non-disclosed address is found by its managing zone alone."""
        keys().forget_erased()
        words, signs = fold(text).split(), signs_of(text)
        if len(signs) < _SHORTEST:
            return []
        known = {
            case: (version, zone)
            for case, version, zone in cases.values_list("id", "version", "managing_zone")
        }
        self._learn(
            {case: version for case, (version, _zone) in known.items() if not self._has(case, version)}
        )
        found = (
            (case, detail)
            for case, (_version, zone) in known.items()
            if (detail := self._fitting(case, words, signs, with_hidden=zone in scope.zones)) is not None
        )
        hits = dict(islice(found, most))
        if not hits:
            return []
        rows = m.Case.objects.in_bulk(list(hits))
        return [(rows[case], detail) for case, detail in hits.items() if case in rows]

    def _has(self, case: str, version: int) -> bool:
        return self._kept.get(case, (0,))[0] == version

    def _fitting(self, case: str, words: list[str], signs: str, *, with_hidden: bool) -> Detail | None:
        for detail in self._kept.get(case, (0, ()))[1]:
            if (with_hidden or not detail.is_hidden) and _fits(detail, words, signs):
                return detail
        return None

    def _learn(self, versions: dict[str, int]) -> None:
        if len(self._kept) + len(versions) > MOST_KEPT:
            self._kept.clear()
        cases = list(versions)
        for start in range(0, len(cases), _CHUNK):
            learnt: dict[str, list[Detail]] = {case: [] for case in cases[start : start + _CHUNK]}
            for case, detail in _details(list(learnt)):
                learnt[case].append(detail)
            self._kept |= {case: (versions[case], tuple(found)) for case, found in learnt.items()}


def signs_of(text: str) -> str:
    """Letters and digits alone; a number without the zeros before it, which the country's code takes the place of."""
    signs = "".join(filter(str.isalnum, fold(text)))
    return signs.lstrip("0") if signs.isdigit() else signs


def _fits(detail: Detail, words: list[str], signs: str) -> bool:
    if detail.kind == ADDRESS:
        return all(word in detail.folded for word in words)
    return signs in detail.signs


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


_books: WeakKeyDictionary[KeyStore, DetailBook] = WeakKeyDictionary()


def find_details(scope: Scope, cases: QuerySet[m.Case], text: str, most: int) -> list[tuple[m.Case, Detail]]:
    """Files among `cases` by what else stands in them than names."""
    book = _books.get(keys())
    if book is None:
        book = _books[keys()] = DetailBook(keys())
    return book.find(scope, cases, text, most)
