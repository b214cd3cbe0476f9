"""Reading files: a whole one for the briefing, one with the marks of its rows for the page, names for lists."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

import msgspec

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import rules_life as life_rules
from egide.casework.file import steps as s
from egide.casework.file.store import label, unseal
from egide.common.sealing import SealingKey, UnsealError
from egide.journal.sealing.keys import KeyErased
from egide.outbox.days import day_of
from egide.outbox.service import keys

T = TypeVar("T", bound=f.Facts)


@dataclass(frozen=True)
class PlaceInFile:
    """A place with its clear mark."""

    facts: f.PlaceFacts
    non_disclosed: bool


@dataclass(frozen=True)
class FileContent:
    """A whole file, unsealed."""

    case: str
    managing_zone: str
    managing_centre: str
    office: str
    facts: f.CaseFacts
    beneficiary: f.BeneficiaryFacts
    number: str = ""
    perpetrators: tuple[f.PerpetratorFacts, ...] = ()
    weapons: tuple[f.WeaponFacts, ...] = ()
    antecedents: tuple[f.AntecedentFacts, ...] = ()
    children: tuple[f.ChildFacts, ...] = ()
    measures: tuple[f.MeasureFacts, ...] = ()
    places: tuple[PlaceInFile, ...] = ()
    reports: tuple[f.PoliceReportFacts, ...] = ()
    people: tuple[f.PersonFacts, ...] = ()
    # For each perpetrator, whether there is a photo (`papers.perpetrator_photo`).
    photographed: tuple[bool, ...] = ()

    def has_photo(self, number: int) -> bool:
        """Whether there is a photo of the perpetrator with this place in the file, from 0."""
        return number < len(self.photographed) and self.photographed[number]


class NoSuchFile(LookupError):
    """There is no file under this id."""


@dataclass(frozen=True)
class FileRow(Generic[T]):
    """One row of a file with what a form needs to write it again."""

    id: str
    version: int
    facts: T
    non_disclosed: bool = False


@dataclass(frozen=True)
class StepTaken:
    """A step with its day."""

    id: str
    step: s.AnyStep
    at_us: int

    @property
    def on(self) -> date:
        return day_of(self.at_us)


@dataclass(frozen=True)
class File:
    """A file with what its pages need beside the content: versions of rows, steps, and what the rules say of them."""

    case: m.Case
    context: f.CaseFacts
    beneficiary: FileRow[f.BeneficiaryFacts]
    perpetrators: tuple[FileRow[f.PerpetratorFacts], ...]
    weapons: tuple[FileRow[f.WeaponFacts], ...]
    antecedents: tuple[FileRow[f.AntecedentFacts], ...]
    reports: tuple[FileRow[f.PoliceReportFacts], ...]
    children: tuple[FileRow[f.ChildFacts], ...]
    people: tuple[FileRow[f.PersonFacts], ...]
    measures: tuple[FileRow[f.MeasureFacts], ...]
    places: tuple[FileRow[f.PlaceFacts], ...]
    steps: tuple[StepTaken, ...]
    barred: frozenset[str] = frozenset()
    life: life_rules.Life = field(default_factory=life_rules.Life)
    missing: tuple[str, ...] = ()

    def last(self, kind: type[s.StepFacts]) -> StepTaken | None:
        """The latest step of a kind."""
        return next((taken for taken in reversed(self.steps) if isinstance(taken.step, kind)), None)


def check_case(case_id: str) -> m.Case:
    """The row of a file. Raises NoSuchFile."""
    case = m.Case.objects.filter(id=case_id).first()
    if case is None:
        raise NoSuchFile(case_id)
    return case


def contents(key: SealingKey, case_id: str, model: type[m.SealedRow], kind: type[T]) -> tuple[T, ...]:
    """What the rows of one table hold, in order."""
    return tuple(unseal(key, row, kind) for row in model._default_manager.filter(case_id=case_id))


def read_content(case_id: str) -> FileContent:
    """The whole file. Raises NoSuchFile, KeyErased."""
    case = check_case(case_id)
    key = keys().record_key(case_id)
    perpetrators = list(m.Perpetrator.objects.filter(case_id=case_id))
    photographed = set(m.Paper.objects.filter(case_id=case_id, kind="photo").values_list("owner", flat=True))
    return FileContent(
        case=case.id,
        number=case.number,
        managing_zone=case.managing_zone,
        managing_centre=case.managing_centre,
        office=case.office,
        facts=unseal(key, case, f.CaseFacts),
        beneficiary=contents(key, case_id, m.Beneficiary, f.BeneficiaryFacts)[0],
        perpetrators=tuple(unseal(key, row, f.PerpetratorFacts) for row in perpetrators),
        photographed=tuple(row.id in photographed for row in perpetrators),
        weapons=contents(key, case_id, m.Weapon, f.WeaponFacts),
        antecedents=contents(key, case_id, m.Antecedent, f.AntecedentFacts),
        children=contents(key, case_id, m.Child, f.ChildFacts),
        measures=contents(key, case_id, m.Measure, f.MeasureFacts),
        reports=contents(key, case_id, m.Report, f.PoliceReportFacts),
        people=contents(key, case_id, m.Person, f.PersonFacts),
        places=places_of(case_id),
    )


def has_weapon(case_id: str) -> bool:
    """Whether it names a weapon, without reading the rest. Raises NoSuchFile, KeyErased, UnsealError."""
    check_case(case_id)
    return bool(contents(keys().record_key(case_id), case_id, m.Weapon, f.WeaponFacts))


def read_file(case_id: str) -> File:
    """The file as its page shows it. Raises NoSuchFile, KeyErased."""
    case = check_case(case_id)
    key = keys().record_key(case_id)

    def rows(model: type[m.SealedRow], kind: type[T]) -> tuple[FileRow[T], ...]:
        return tuple(
            FileRow(row.id, row.version, unseal(key, row, kind), getattr(row, "non_disclosed", False))
            for row in model._default_manager.filter(case_id=case_id)
        )

    beneficiary, perpetrators = (
        rows(m.Beneficiary, f.BeneficiaryFacts)[0],
        rows(m.Perpetrator, f.PerpetratorFacts),
    )
    antecedents, reports = rows(m.Antecedent, f.AntecedentFacts), rows(m.Report, f.PoliceReportFacts)
    places, steps = rows(m.Place, f.PlaceFacts), steps_of(case_id)
    life = life_rules.life_of((taken.step, taken.on) for taken in steps)
    content = content_of(beneficiary.facts, [place.facts for place in places], bool(perpetrators), steps)
    return File(
        case=case,
        context=unseal(key, case, f.CaseFacts),
        beneficiary=beneficiary,
        perpetrators=perpetrators,
        weapons=rows(m.Weapon, f.WeaponFacts),
        antecedents=antecedents,
        reports=reports,
        children=rows(m.Child, f.ChildFacts),
        people=rows(m.Person, f.PersonFacts),
        measures=rows(m.Measure, f.MeasureFacts),
        places=places,
        steps=steps,
        barred=frozenset(m.BarredReader.objects.filter(case_id=case_id).values_list("mark", flat=True)),
        life=life,
        missing=life_rules.find_missing(life, content),
    )


def steps_of(case_id: str) -> tuple[StepTaken, ...]:
    """The steps of a file, oldest first."""
    key = keys().record_key(case_id)
    rows = m.Step.objects.filter(case_id=case_id).order_by("order")
    return tuple(
        StepTaken(row.id, s.decode(key.unseal(bytes(row.sealed), label(row))), row.at_us) for row in rows
    )


def content_of(
    beneficiary: f.BeneficiaryFacts,
    places: list[f.PlaceFacts],
    has_perpetrator: bool,
    steps: tuple[StepTaken, ...],
) -> life_rules.Content:
    """What the rules ask of the content. A threat is there when its question was answered, whatever the answer."""
    conditions = [taken.step for taken in steps if isinstance(taken.step, s.Conditions)]
    chosen = bool(conditions and conditions[-1].zone_chosen)
    return life_rules.Content(
        has_name=bool(beneficiary.name),
        has_language=bool(beneficiary.language),
        # Without a fixed home the zone that she chose stands in for it (rule 24).
        has_home=chosen or any(place.kind == "home" for place in places),
        has_perpetrator=has_perpetrator,
        has_consent=bool(beneficiary.consent and beneficiary.consent_on),
        has_safe_contact=bool(beneficiary.safe_contact),
    )


class Named(msgspec.Struct):
    """The one field of a content that lists need: the rest is not even decoded."""

    name: str


NAMED = msgspec.json.Decoder(Named)


def names_of(case_ids: list[str]) -> dict[str, str]:
    """The beneficiary's name for each case that can be read, in one query; one that cannot spoils no other."""
    names = {}
    for row in m.Beneficiary.objects.filter(case_id__in=case_ids):
        with suppress(KeyErased, UnsealError):
            plain = keys().record_key(row.case_id).unseal(bytes(row.sealed), label(row))
            names[row.case_id] = NAMED.decode(plain).name
    return names


def measures_of(case_id: str) -> tuple[f.MeasureFacts, ...]:
    """The measures of one file: what a position is held against."""
    return contents(keys().record_key(case_id), case_id, m.Measure, f.MeasureFacts)


def places_of(case_id: str) -> tuple[PlaceInFile, ...]:
    """The places of one file, with their marks."""
    key = keys().record_key(case_id)
    rows = m.Place.objects.filter(case_id=case_id)
    return tuple(PlaceInFile(unseal(key, row, f.PlaceFacts), row.non_disclosed) for row in rows)


def home_of(case_id: str) -> f.PlaceFacts | None:
    """The first home in the file, None when there is none."""
    return next((place.facts for place in places_of(case_id) if place.facts.kind == "home"), None)
