"""A seeded country of invented people: files with their lives, kits, users, trainings; sealed for real, in bulk.

Django must be set up before this module is imported. The events that each change sends through the outbox in earnest
are left out: they would measure the journal.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

import msgspec
from django.contrib.auth.hashers import make_password
from django.db import transaction

from benchmarks.lives import DAY_US, STAGES, Story, life_until
from egide.access.models import Membership, User
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.rules_life import life_of
from egide.casework.file.store import clear_columns, label
from egide.common.sealing import SealingKey
from egide.demo.kits import demo_imei
from egide.fleet.kits import rules as gates
from egide.fleet.models import Item, ItemMove, Kit, KitState, PressCheck
from egide.fleet.stock import rules as stock
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.days import day_of
from egide.outbox.service import clock, keys
from egide.rollout.models import Attendance, Office, SignOff, TrainingSession, Zone
from egide.rollout.reference import do_load_reference
from egide.rollout.rules import CERTIFICATE_DAYS, MAGISTRATE, POLICE

BATCH = 500
FIRST = (
    "Alix",
    "Bruno",
    "Chloé",
    "Driss",
    "Elke",
    "Farid",
    "Greet",
    "Hugo",
    "Inès",
    "Joris",
    "Karim",
    "Lotte",
    "Malik",
)
SYLLABLES = (
    "mo",
    "del",
    "bei",
    "spiel",
    "ex",
    "em",
    "ple",
    "mus",
    "ter",
    "ver",
    "zon",
    "fic",
    "tief",
    "in",
    "vent",
    "ra",
)
PASSWORD = "benchmarks only"
# Of each hundred users; the rest are officers of zones.
_SHARES = (("operator", 10), ("supervisor", 1), ("magistrate", 7), ("clerk", 4), ("reference-officer", 9))
_SINGLE = ("coordinator", "steering", "evaluator", "administrator", "data-protection")


@dataclass(frozen=True)
class Size:
    """How many of each."""

    files: int = 50_000
    kits: int = 5_000
    users: int = 2_000


class Population:
    """Writes everything once; the same seed gives the same people (keys and nonces are random all the same)."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        self._size = size
        self._chance = random.Random(seed)
        self._now_us = clock().now_us()
        self._today = day_of(self._now_us)
        self._running: list[tuple[str, str]] = []

    def write(self) -> Iterator[str]:
        """Write part by part; yields the name of each part when it is there."""
        do_load_reference()
        self._zones = list(Zone.objects.select_related("office", "centre"))
        self._write_rollout()
        yield "roll-out"
        self._write_users()
        yield "users"
        year = self._today.year
        numbers = iter(range(1, self._size.files + 1))
        while batch := list(islice(numbers, BATCH)):
            self._write_files(batch, year)
        yield "files"
        for start in range(0, self._size.kits, BATCH):
            self._write_kits(start, min(start + BATCH, self._size.kits))
        yield "kits"

    # Roll-out and users

    @transaction.atomic
    def _write_rollout(self) -> None:
        held = self._today - timedelta(days=200)
        bodies: list[tuple[str, Any, int]] = [("zone_id", zone.id, 3) for zone in self._zones]
        bodies += [("office_id", office.code, 2) for office in Office.objects.all()]
        for column, code, people in bodies:
            course = POLICE if column == "zone_id" else MAGISTRATE
            session, _made = TrainingSession.objects.get_or_create(course=course, on=held, place="Benchmark")
            Attendance.objects.bulk_create(
                Attendance(
                    session=session,
                    person=f"{code}-{n}",
                    good_until=held + timedelta(days=CERTIFICATE_DAYS),
                    **{column: code},
                )
                for n in range(people)
            )
            row = SignOff(first=held, by="benchmark", **{column: code})
            row.signer_sealed = (
                keys().record_key(SYSTEM).seal(b"Example", f"rollout_signoff:{row.id}".encode())
            )
            row.save()

    @transaction.atomic
    def _write_users(self) -> None:
        places: dict[str, list[str]] = {
            "operator": sorted({zone.centre_id for zone in self._zones if zone.centre_id}),
            "magistrate": list(Office.objects.values_list("code", flat=True)),
            "zone-officer": [zone.id for zone in self._zones],
        }
        places |= {"supervisor": places["operator"], "clerk": places["magistrate"]}
        places |= {"reference-officer": places["zone-officer"]}
        roles = list(_SINGLE)
        for role, share in _SHARES:
            roles += [role] * (self._size.users * share // 100)
        roles += ["zone-officer"] * (self._size.users - len(roles))
        # One hash for all: nobody signs in, and a real one takes a twentieth of a second each.
        password = make_password(PASSWORD)
        users = User.objects.bulk_create(
            User(name=f"bench-{n:05}", title=f"Benchmark {n:05}", password=password)
            for n in range(len(roles))
        )
        counted: dict[str, int] = {}
        posts = []
        for user, role in zip(users, roles, strict=True):
            number = counted[role] = counted.get(role, -1) + 1
            where = places.get(role, [""])
            posts.append(Membership(user=user, role=role, place=where[number % len(where)]))
        Membership.objects.bulk_create(posts)

    # Files

    @transaction.atomic
    def _write_files(self, numbers: list[int], year: int) -> None:
        rows: dict[Any, list[Any]] = {}
        for number in numbers:
            self._file(number, year, rows)
        for model in (m.Case, *(model for model in rows if model is not m.Case)):
            model._default_manager.bulk_create(rows[model])

    def _file(self, number: int, year: int, rows: dict[Any, list[Any]]) -> None:
        chance = self._chance
        zone = chance.choice(self._zones)
        stage = chance.choices([name for name, _weight in STAGES], [weight for _name, weight in STAGES])[0]
        life = life_until(stage, chance, self._now_us)
        case = m.Case(
            id=f"{chance.getrandbits(64):016x}",
            number=f"{year}-{number:05}",
            managing_zone=zone.id,
            managing_centre=zone.centre_id or "",
            office=zone.office_id or "",
            opened_at_us=life.opened_at_us,
            version=len(life.steps) + 1,
        )
        self._set_life(case, life)
        keys().ensure(case.id)
        key = keys().record_key(case.id)
        case.sealed = _sealed(
            key, case, f.CaseFacts(context="Séparation, menaces répétées (exemple).", reference=f"B-{number}")
        )
        rows.setdefault(m.Case, []).append(case)
        for model, contents in self._contents(life.opened_at_us):
            for order, content in enumerate(contents):
                row = model(case=case, order=order, **clear_columns(content))
                row.sealed = _sealed(key, row, content)
                rows.setdefault(model, []).append(row)
        for order, (step, at_us) in enumerate(life.steps):
            taken = m.Step(case=case, order=order, kind=str(step.__struct_config__.tag), at_us=at_us)
            taken.sealed = key.seal(s.encode(step), label(taken))
            rows.setdefault(m.Step, []).append(taken)
        if stage == "running":
            self._running.append((case.id, zone.id))

    def _set_life(self, case: m.Case, life: Story) -> None:
        folded = life_of((step, day_of(at_us)) for step, at_us in life.steps)
        case.stage, case.danger, case.urgent = folded.stage, folded.danger, folded.urgent
        case.review_on, case.grant_ends_on = folded.review_due_on, folded.grace_until
        case.waiting_since_us = life.steps[-1][1] if life.steps else life.opened_at_us

    def _contents(self, at_us: int) -> Iterator[tuple[type[m.SealedRow], list[f.Facts]]]:
        chance, opened = self._chance, day_of(at_us)
        here = self._area()
        said: dict[str, Any] = {"source": "PV exemple 1/2026", "on": opened}
        yield (
            m.Beneficiary,
            [
                f.BeneficiaryFacts(
                    name=self._name(),
                    born=self._born(),
                    languages="français, néerlandais",
                    safe_contact="Par une collègue, le matin",
                    consent="zone, parquet",
                    consent_on=opened,
                )
            ],
        )
        yield m.Perpetrator, [f.PerpetratorFacts(name=self._name(), born=self._born(), relation="Ex-partner")]
        yield m.Weapon, [f.WeaponFacts(text="Couteau", **said)] if chance.random() < 0.4 else []
        yield m.Antecedent, [f.AntecedentFacts(text=text, **said) for text in ("Menaces", "Coups")]
        yield (
            m.Child,
            [
                f.ChildFacts(name=self._name(), born=date(2015 + chance.randint(0, 9), 5, 1))
                for _n in range(chance.randint(0, 2))
            ],
        )
        ban = f.MeasureFacts(kind="place-ban", issuer="Parquet exemple", starts=opened, area=here)
        yield m.Measure, [ban] if chance.random() < 0.6 else []
        yield (
            m.Place,
            [
                f.PlaceFacts(kind="home", address="Rue de l’Exemple 1", area=here),
                f.PlaceFacts(kind="work", address="Place du Modèle 2", area=self._area()),
            ],
        )

    def _area(self) -> f.Area:
        lat, lon = self._chance.uniform(50.0, 51.2), self._chance.uniform(3.0, 5.8)
        return f.Area(lat_e7=round(lat * 1e7), lon_e7=round(lon * 1e7), radius_m=500)

    def _name(self) -> str:
        family = "".join(self._chance.choices(SYLLABLES, k=3)).title()
        return f"{self._chance.choice(FIRST)} {family}"

    def _born(self) -> date:
        return date(1950, 1, 1) + timedelta(days=self._chance.randint(0, 19_000))

    # Kits

    @transaction.atomic
    def _write_kits(self, start: int, end: int) -> None:
        """Kits that are out, for as many running files as there are; the rest of the stock lies in cupboards."""
        chance, moves, kits, presses = self._chance, [], [], []
        items: list[Item] = []
        for number in range(start, end):
            running = self._running[number] if number < len(self._running) else None
            zone = running[1] if running else chance.choice(self._zones).id
            out_us = self._now_us - chance.randint(1, 300) * DAY_US
            kit = self._kit(running[0], out_us) if running else None
            own = self._items(number, zone, kit, out_us)
            items += own
            moves += [move for item in own for move in _moves_of(item, out_us)]
            if kit is None:
                continue
            kit.button_item, kit.phone_item = own
            kits.append(kit)
            presses += [
                PressCheck(
                    kit=kit, condition=word, test_seq=-(number * 4 + n) - 1, at_us=out_us, by="bench-00050"
                )
                for n, word in enumerate(gates.CONDITIONS)
            ]
        Item.objects.bulk_create(items)
        ItemMove.objects.bulk_create(moves)
        Kit.objects.bulk_create(kits)
        PressCheck.objects.bulk_create(presses)

    def _items(self, number: int, zone: str, kit: Kit | None, out_us: int) -> list[Item]:
        state = stock.ISSUED if kit else stock.ZONE
        about = {"zone": zone, "state": state, "kit": kit.id if kit else "", "since_us": out_us}
        return [
            Item(id=self._id(), kind=stock.BUTTON, serial=f"BB-{number:06}", model="Bench", **about),
            Item(id=self._id(), kind=stock.PHONE, serial=demo_imei(number), model="Bench", **about),
        ]

    def _kit(self, case: str, out_us: int) -> Kit:
        kit = Kit(id=self._id(), case_id=case, state=KitState.ISSUED, issued_at_us=out_us, out_at_us=out_us)
        kit.button_id, kit.by = f"{self._chance.getrandbits(32):08x}", "bench-00050"
        kit.button_key_sealed = keys().record_key(case).seal(bytes(16), f"fleet_kit:{kit.id}".encode())
        return kit

    def _id(self) -> str:
        return f"{self._chance.getrandbits(64):016x}"


def _moves_of(item: Item, out_us: int) -> Iterator[ItemMove]:
    way = [("", stock.STOCK, ""), (stock.STOCK, stock.ZONE, item.zone)]
    if item.kit:
        way += [(stock.ZONE, stock.PREPARED, item.zone), (stock.PREPARED, stock.ISSUED, item.zone)]
    for number, (was, now, zone) in enumerate(way):
        kit = item.kit if now in stock.KIT_STATES else ""
        at_us = out_us - (len(way) - number) * DAY_US
        yield ItemMove(item=item, at_us=at_us, was=was, now=now, zone=zone, kit=kit, by="bench-00050")


def _sealed(key: SealingKey, row: Any, content: f.Facts) -> bytes:
    return key.seal(msgspec.json.encode(content), label(row))
