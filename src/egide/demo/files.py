"""Writes the invented files of `files.toml`; dates there are days before today."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.service import do_add, do_create_case, home_of
from egide.outbox.days import today

_DATES = {"born", "on", "starts", "ends", "consent_on"}
_PARTS: tuple[tuple[str, type[m.SealedRow], type[f.Facts]], ...] = (
    ("perpetrator", m.Perpetrator, f.PerpetratorFacts),
    ("weapon", m.Weapon, f.WeaponFacts),
    ("antecedent", m.Antecedent, f.AntecedentFacts),
    ("child", m.Child, f.ChildFacts),
    ("report", m.Report, f.PoliceReportFacts),
    ("person", m.Person, f.PersonFacts),
    ("measure", m.Measure, f.MeasureFacts),
)


@dataclass(frozen=True)
class DemoCase:
    """A file of the demo, and what the printed page says of it."""

    case: m.Case
    name: str
    language: str
    home: f.Area


def create_demo_cases() -> list[DemoCase]:
    """Four files: Mons/Quévy, Gent, Liège and Weser-Göhl."""
    return create_cases("files.toml")


def create_cases(name: str) -> list[DemoCase]:
    """The invented files of one file of this folder."""
    now = today()
    content = tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
    return [_create(_dated(case, now)) for case in content["case"]]


@transaction.atomic
def _create(data: dict[str, Any]) -> DemoCase:
    beneficiary = msgspec.convert(data["beneficiary"], f.BeneficiaryFacts)
    case = do_create_case(
        managing_zone=data["zone"],
        managing_centre=data["centre"],
        office=data["office"],
        facts=msgspec.convert(data["facts"], f.CaseFacts),
        beneficiary=beneficiary,
    )
    for name, model, kind in _PARTS:
        do_add(case, model, *(msgspec.convert(part, kind) for part in data.get(name, ())))
    for place in data["place"]:
        hidden = place.pop("non_disclosed", False)
        do_add(case, m.Place, msgspec.convert(place, f.PlaceFacts), non_disclosed=hidden)
    home = home_of(case.id)
    if home is None:
        raise ValueError(f"demo file {data['facts'].get('reference')} has no home in files.toml")
    return DemoCase(case, beneficiary.name, data["language"], home.area)


def _dated(value: Any, today: date) -> Any:
    """The same structure with days before today turned into dates."""
    if isinstance(value, dict):
        return {
            name: today - timedelta(days=part) if name in _DATES else _dated(part, today)
            for name, part in value.items()
        }
    return [_dated(part, today) for part in value] if isinstance(value, list) else value
