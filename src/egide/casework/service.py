"""The face of this package: write a file, read a file. Sealing happens here and nowhere else."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from django.db import transaction

from egide.casework import facts as f
from egide.casework import models as m
from egide.common.sealing import SealingKey, UnsealError
from egide.journal.keys import KeyErased
from egide.outbox.service import clock, keys

T = TypeVar("T", bound=f.Facts)
R = TypeVar("R", bound=m.SealedRow)


@dataclass(frozen=True)
class PlaceInFile:
    """A place with its clear mark."""

    facts: f.PlaceFacts
    non_disclosed: bool


@dataclass(frozen=True)
class File:
    """A whole file, unsealed."""

    case: str
    managing_zone: str
    managing_centre: str
    office: str
    facts: f.CaseFacts
    beneficiary: f.BeneficiaryFacts
    perpetrators: tuple[f.PerpetratorFacts, ...] = ()
    weapons: tuple[f.WeaponFacts, ...] = ()
    antecedents: tuple[f.AntecedentFacts, ...] = ()
    children: tuple[f.ChildFacts, ...] = ()
    measures: tuple[f.MeasureFacts, ...] = ()
    places: tuple[PlaceInFile, ...] = ()


class NoSuchFile(LookupError):
    """There is no file under this id."""


@transaction.atomic
def do_create_case(
    *,
    managing_zone: str,
    managing_centre: str,
    office: str,
    facts: f.CaseFacts,
    beneficiary: f.BeneficiaryFacts,
) -> m.Case:
    """Open a file with a fresh key of its own."""
    case = m.Case(managing_zone=managing_zone, managing_centre=managing_centre, office=office)
    case.opened_at_us = clock().now_us()
    keys().ensure(case.id)
    case.sealed = _seal(keys().record_key(case.id), case, facts)
    case.save(force_insert=True)
    do_add(case, m.Beneficiary, beneficiary)
    return case


def do_add(case: m.Case, model: type[R], *contents: f.Facts, **clear: bool) -> list[R]:
    """Append rows of `model` to a file, sealed; `clear` are the model's own clear columns."""
    key = keys().record_key(case.id)
    first = model._default_manager.filter(case=case).count()
    rows = []
    for order, content in enumerate(contents, start=first):
        row = model(case=case, order=order, **clear)
        row.sealed = _seal(key, row, content)
        row.save(force_insert=True)
        rows.append(row)
    return rows


def read_file(case_id: str) -> File:
    """The whole file. Raises NoSuchFile, KeyErased."""
    case = m.Case.objects.filter(id=case_id).first()
    if case is None:
        raise NoSuchFile(case_id)
    key = keys().record_key(case_id)

    def contents(model: type[m.SealedRow], kind: type[T]) -> tuple[T, ...]:
        return tuple(_open(key, row, kind) for row in model._default_manager.filter(case=case))

    return File(
        case=case.id,
        managing_zone=case.managing_zone,
        managing_centre=case.managing_centre,
        office=case.office,
        facts=_open(key, case, f.CaseFacts),
        beneficiary=contents(m.Beneficiary, f.BeneficiaryFacts)[0],
        perpetrators=contents(m.Perpetrator, f.PerpetratorFacts),
        weapons=contents(m.Weapon, f.WeaponFacts),
        antecedents=contents(m.Antecedent, f.AntecedentFacts),
        children=contents(m.Child, f.ChildFacts),
        measures=contents(m.Measure, f.MeasureFacts),
        places=places_of(case_id),
    )


def names_of(case_ids: list[str]) -> dict[str, str]:
    """The beneficiary's name for each case that can be read, in one query; one that cannot spoils no other."""
    names = {}
    for row in m.Beneficiary.objects.filter(case_id__in=case_ids):
        with suppress(KeyErased, UnsealError):
            names[row.case_id] = _open(keys().record_key(row.case_id), row, f.BeneficiaryFacts).name
    return names


def measures_of(case_id: str) -> tuple[f.MeasureFacts, ...]:
    """The measures of one file: what a position is held against."""
    key = keys().record_key(case_id)
    return tuple(_open(key, row, f.MeasureFacts) for row in m.Measure.objects.filter(case_id=case_id))


def places_of(case_id: str) -> tuple[PlaceInFile, ...]:
    """The places of one file, with their marks."""
    key = keys().record_key(case_id)
    rows = m.Place.objects.filter(case_id=case_id)
    return tuple(PlaceInFile(_open(key, row, f.PlaceFacts), row.non_disclosed) for row in rows)


def home_of(case_id: str) -> f.PlaceFacts | None:
    """The first home in the file, None when there is none."""
    return next((place.facts for place in places_of(case_id) if place.facts.kind == "home"), None)


def _label(row: m.Case | m.SealedRow) -> bytes:
    """Binds a sealed content to its table and row: it cannot be moved to another person."""
    return f"{row._meta.db_table}:{row.pk}".encode()


def _seal(key: SealingKey, row: m.Case | m.SealedRow, content: f.Facts) -> bytes:
    return key.seal(msgspec.json.encode(content), _label(row))


def _open(key: SealingKey, row: m.Case | m.SealedRow, kind: type[T]) -> T:
    return msgspec.json.decode(key.unseal(bytes(row.sealed), _label(row)), type=kind)
