"""The demo's cupboards: a delivery, some of it allocated, and one kit made ready for each invented file.

No gate is passed by here: these kits are bound to their files and can enrol, and leave as any other kit does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from egide.fleet.kits import rules
from egide.fleet.kits.kits import do_prepare
from egide.fleet.models import Item, Kit
from egide.fleet.stock import rules as stock_rules
from egide.fleet.stock.stock import Delivered, do_deliver, do_move, free_items

BY = "coordinator-01"
MODEL_BUTTON, MODEL_PHONE = "Demo button 1", "Demo phone 1"
BUTTONS, PHONES = 40, 30
SPARE = 2


@dataclass(frozen=True)
class DemoFile:
    """A file that gets a kit."""

    case: str
    zone: str
    centre: str


@transaction.atomic
def create_demo_kits(files: Iterable[DemoFile]) -> list[Kit]:
    """A kit for each file, and spare ones in each of their zones."""
    files = list(files)
    items = do_deliver(_delivery(), BY)
    for kind in stock_rules.KINDS:
        waiting = iter([item for item in items if item.kind == kind])
        for zone in sorted({file.zone for file in files}):
            needed = sum(file.zone == zone for file in files) + SPARE
            for _number, item in zip(range(needed), waiting, strict=False):
                do_move(item.id, stock_rules.ZONE, BY, zone=zone)
    return [_kit(file) for file in files]


def _kit(file: DemoFile) -> Kit:
    button, phone = (free_items(file.zone, kind)[0] for kind in stock_rules.KINDS)
    return do_prepare(
        case=file.case,
        zone=file.zone,
        centre=file.centre,
        button=button,
        phone=phone,
        means=rules.LENT,
        by=BY,
    )


def _delivery() -> list[Delivered]:
    first = Item.objects.count()
    buttons = [
        Delivered(stock_rules.BUTTON, f"DEMO-B{number:05}", MODEL_BUTTON)
        for number in range(first, first + BUTTONS)
    ]
    phones = [
        Delivered(stock_rules.PHONE, demo_imei(number), MODEL_PHONE, f"{8932000000000000000 + number}")
        for number in range(first, first + PHONES)
    ]
    return buttons + phones


def demo_imei(number: int) -> str:
    """A well-formed IMEI under the test allocation 00-101-7 (GSMA TS.06)."""
    body = f"0010170{number:07}"
    return next(body + str(digit) for digit in range(10) if stock_rules.is_imei(body + str(digit)))
