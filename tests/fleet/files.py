"""A file that has come as far as the issue of a kit, in a zone that takes part, and a kit that passed every gate."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event

from django.test import Client

from egide.access.models import User
from egide.access.rules import Scope
from egide.access.service import scope_of
from egide.alarm.events import TestReceived
from egide.casework import models as files
from egide.casework import service as casework
from egide.casework.file import steps as s
from egide.casework.file.facts import BeneficiaryFacts
from egide.casework.file.store import seal
from egide.demo.kits import demo_imei
from egide.demo.rollout import create_demo_rollout
from egide.demo.said import Said
from egide.fleet import service as fleet
from egide.fleet.kits import kits, rules
from egide.fleet.models import Item, Kit
from egide.fleet.stock import rules as stock_rules
from egide.fleet.stock.stock import Delivered, do_deliver, do_move
from egide.journal.service import Journal
from egide.outbox.copy import copy_waiting
from egide.outbox.days import today as casework_today
from egide.outbox.service import keys
from egide.protocol.enrolment import NATIVE
from egide.protocol.envelope import Kind, Trigger, encode
from tests.support.installation import HERE, Phone
from tests.support.pages import MONS, Pages

ZONE, OFFICE = "5324", "mons"
HOUR_S = 3600
AS_FRAGMENT = {"HX-Request": "true"}


@dataclass
class House:
    """A police zone with its officers, one file and a cupboard."""

    pages: Pages
    case: files.Case
    officer: Scope
    colleague: Scope
    magistrate: Scope

    @property
    def kit(self) -> Kit:
        return Kit.objects.latest("issued_at_us")

    def button(self) -> Item:
        return Item.objects.filter(zone=ZONE, kind="button", state="zone")[0]

    def phone(self) -> Item:
        return Item.objects.filter(zone=ZONE, kind="phone", state="zone")[0]

    def prepare(self, means: str = rules.LENT) -> Kit:
        """A kit bound to the file, still in the house."""
        phone = self.phone().id if means == rules.LENT else ""
        return fleet.prepare_kit(self.officer, self.case.id, self.button().id, phone, means)

    def copy(self) -> None:
        """What the worker does."""
        copy_waiting(self.pages.config, self.pages.journal)

    def code_page(self, client: Client, kit: Kit, **headers: str) -> str:
        """What is shown to who asks for a code, while the worker copies in a thread of its own."""
        ended = Event()

        def work() -> None:
            pages = self.pages
            with closing(Journal.open(pages.config, pages.clock, pages.installation.keys)) as journal:
                while not ended.wait(0.01):
                    copy_waiting(pages.config, journal)

        with ThreadPoolExecutor(1) as threads:
            working = threads.submit(work)
            try:
                return client.post(f"/kits/{kit.id}/code", headers=headers).content.decode()
            finally:
                ended.set()
                working.result()

    def enrol(self, kit: Kit, client: str = NATIVE) -> Phone:
        """A phone that says it is a `client` enrols with a fresh code, as the one on the screen."""
        self.copy()
        issued = next(
            event
            for row in self.pages.journal.stream(kits.stream_of(kit))
            if row.kind == "KitIssued" and (event := self.pages.journal.open_event(row))
        )
        return self.pages.installation.enrol(issued, client)

    def test(self, phone: Phone, trigger: Trigger = Trigger.BUTTON) -> None:
        """A test alarm of this phone reaches the journal."""
        message = phone.message(Kind.TEST, position=HERE, trigger=trigger)
        event = TestReceived(
            device=phone.device,
            case=phone.case,
            counter=message.counter,
            sent_at_s=message.sent_at_s,
            envelope=encode(message, phone.key),
            position=message.position,
            trigger=message.trigger,
        )
        self.pages.installation.append(f"test:{phone.device}-{message.counter}", event, case=phone.case)

    def prove_presses(self, kit: Kit, phone: Phone) -> None:
        """A press under each condition, the night's rest last."""
        for condition in rules.CONDITIONS:
            self.pages.clock.advance_s(rules.NIGHT_S + 60 if condition == rules.NIGHT else 120)
            self.test(phone)
            kits.do_note_press(kit, condition, self.officer.user)

    def ready_kit(self) -> Kit:
        """A kit that may leave: every gate is open."""
        kit = self.prepare()
        phone = self.enrol(kit)
        self.prove_presses(kit, phone)
        return kit


def scope(pages: Pages, name: str, role: str, place: str) -> Scope:
    """The scope of a fresh account."""
    user = User.objects.create(name=name, title=name.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return scope_of(user)


def build_house(pages: Pages, signed: bool = True) -> House:
    """The first file of the demo, granted and signed, in a zone that takes part."""
    name = "house-signed" if signed else "house-not-signed"
    return pages.begin(name, partial(make_house, signed=signed))


def make_house(pages: Pages, signed: bool = True) -> House:
    """The same, made now: for what begins with more than a house."""
    create_demo_rollout()
    case = pages.files[MONS].case
    house = House(
        pages,
        case,
        scope(pages, "officer-1", "zone-officer", ZONE),
        scope(pages, "officer-2", "zone-officer", ZONE),
        scope(pages, "magistrate-1", "magistrate", OFFICE),
    )
    complete(house)
    if signed:
        grant(house)
    items = do_deliver(
        [Delivered("button", f"B-{number:04}", "Model B") for number in range(4)]
        + [Delivered("phone", demo_imei(number), "Model P", "8932000000000000001") for number in range(3)],
        "coordinator-1",
    )
    for item in items[:-1]:
        do_move(item.id, stock_rules.ZONE, "coordinator-1", zone=ZONE)
    return house


def complete(house: House, safe_contact: str = "Sister, on Tuesdays") -> None:
    """Fill what a complete file needs."""
    row = files.Beneficiary.objects.get(case=house.case)
    facts = BeneficiaryFacts(
        name="Alix Exemple (démo)",
        born=casework_today() - timedelta(days=12_000),
        languages="français",
        consent="zone and prosecutor",
        consent_on=casework_today(),
        safe_contact=safe_contact,
    )
    row.sealed = seal(keys().record_key(house.case.id), row, facts)
    row.save()


def take(house: House, by: Scope, step: s.AnyStep) -> None:
    """One step in the life of the file."""
    version = files.Case.objects.get(id=house.case.id).version
    casework.do_take_step(by, house.case.id, version, step)


def grant(house: House) -> None:
    """From the request to the signed agreement, whatever the demo has done already."""
    today = casework_today()
    review_on = today + timedelta(days=180)
    for step in Said.alike("r", questionnaire="1").way(today, review_on, danger=True, urgent=False):
        take(house, house.magistrate if isinstance(step, s.Decided) else house.officer, step)
