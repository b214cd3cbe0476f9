"""Many invented files at once, always the same for one seed: to measure lists and search against a full register."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from django.db import models as db
from django.db import transaction

from egide.casework import facts as f
from egide.casework import models as m
from egide.casework import steps as s
from egide.casework.rules_life import life_of
from egide.casework.store import clear_columns, label, seal
from egide.common.clock import utc
from egide.common.sealing import SealingKey
from egide.outbox.service import clock, keys

CHUNK = 500
_FIRST = (
    "Alix",
    "Anke",
    "Chloé",
    "Dominique",
    "Emma",
    "Farah",
    "Inès",
    "Jana",
    "Lotte",
    "Mila",
    "Nora",
    "Sofie",
)
_LAST = (
    "Exemple",
    "Voorbeeld",
    "Spécimen",
    "Beispiel",
    "Fictif",
    "Verzonnen",
    "Inventée",
    "Muster",
    "Modèle",
)
_DAY_US = 86_400_000_000


def do_write_sample(places: list[tuple[str, str, str]], count: int, seed: int = 1) -> list[str]:
    """Write `count` files over `places` (zone, centre, office); returns their ids. The journal is not told."""
    dice = random.Random(seed)
    made: list[str] = []
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        with transaction.atomic():
            made += _write_chunk(dice, places, numbers)
    return made


def _write_chunk(dice: random.Random, places: list[tuple[str, str, str]], numbers: range) -> list[str]:
    cases, rows = [], []
    for number in numbers:
        case, parts = _file(dice, dice.choice(places), number)
        cases.append(case)
        rows += parts
    m.Case.objects.bulk_create(cases)
    for model in (m.Beneficiary, m.Perpetrator, m.Place, m.Measure, m.Step):
        model._default_manager.bulk_create([row for row in rows if type(row) is model])
    return [case.id for case in cases]


def _file(dice: random.Random, place: tuple[str, str, str], number: int) -> tuple[m.Case, list[db.Model]]:
    zone, centre, office = place
    now_us = clock().now_us()
    opened_us = now_us - dice.randrange(1, 900) * _DAY_US
    case = m.Case(managing_zone=zone, managing_centre=centre, office=office, number=f"S-{number:06}")
    case.opened_at_us = case.waiting_since_us = opened_us
    key = keys().ensure(case.id) and keys().record_key(case.id)
    rows: list[db.Model] = list(_parts(dice, case, key))
    steps = _steps(dice, utc(opened_us).date())
    life = life_of(steps)
    case.stage, case.danger, case.urgent = life.stage, life.danger, life.urgent
    case.review_on = life.review_due_on
    case.sealed = seal(key, case, f.CaseFacts(context="Fichier d’essai"))
    for order, (step, on) in enumerate(steps):
        row = m.Step(case=case, order=order, kind=str(step.__struct_config__.tag))
        row.at_us = opened_us + (on - utc(opened_us).date()).days * _DAY_US
        row.sealed = key.seal(s.encode(step), label(row))
        rows.append(row)
    return case, rows


def _parts(dice: random.Random, case: m.Case, key: SealingKey) -> Iterator[db.Model]:
    born = date(1960, 1, 1) + timedelta(days=dice.randrange(15_000))
    person = f.BeneficiaryFacts(
        name=_name(dice), born=born, languages="français", safe_contact="sœur", consent="oui", consent_on=born
    )
    lat_e7, lon_e7 = 504_500_000 + dice.randrange(5_000_000), 39_500_000 + dice.randrange(10_000_000)
    area = f.Area(lat_e7=lat_e7, lon_e7=lon_e7, radius_m=200)
    perpetrator = f.PerpetratorFacts(name=_name(dice), born=born)
    measure = f.MeasureFacts(kind="contact-ban", issuer="Parquet (essai)", starts=date(2026, 1, 1))
    yield _sealed(key, m.Beneficiary(case=case), person)
    yield _sealed(key, m.Perpetrator(case=case, **clear_columns(perpetrator)), perpetrator)
    yield _sealed(key, m.Place(case=case), f.PlaceFacts(kind="home", address="Rue de l’Essai 1", area=area))
    yield _sealed(key, m.Measure(case=case), measure)


def _sealed(key: SealingKey, row: m.SealedRow, content: f.Facts) -> m.SealedRow:
    row.sealed = seal(key, row, content)
    return row


def _name(dice: random.Random) -> str:
    return f"{dice.choice(_FIRST)} {dice.choice(_LAST)} {dice.randrange(10_000)} (essai)"


def _steps(dice: random.Random, start: date) -> list[tuple[s.AnyStep, date]]:
    """A way through the stages that ends anywhere."""
    danger = dice.random() < 0.4
    way: list[s.AnyStep] = [
        s.Conditions(threat="yes", contact="no", roof="no", residence="yes", agrees="yes"),
        s.Requested(),
        s.Analysed(
            questionnaire="2026-11", danger=danger, danger_reasons="x", urgent=danger, urgent_reasons="x"
        ),
        s.Consulted(on=start, who="x", police_view="x"),
        s.Decided(decision="granted", reasons="x", review_on=start + timedelta(days=182)),
        s.Signed(on=start, paper="", sha256=""),
        s.Issued(),
        s.Proposed(proposal="end", analysis="x", her_view="x"),
        s.Reviewed(outcome="ending", reasons="x"),
        s.Ended(kit="returned"),
    ]
    # Most files of a register that has run for years are in use or closed.
    taken = dice.choice((0, 2, 3, 4, 5, 6, 7, 7, 7, 7, 10, 10, 10, 10, 10))
    return [(step, start + timedelta(days=number)) for number, step in enumerate(way[:taken])]
