"""The patrols of each zone that keeps a list of them: call sign, telephone, and whether they are on duty."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from egide.access.answering import AnswerRefused
from egide.common.folding import fold
from egide.common.telephones import dial_of
from egide.events.rollout import PatrolKept
from egide.outbox.service import clock, offer
from egide.rollout.models import Patrol

SHORTEST_SIGN, LONGEST_SIGN, LONGEST_NUMBER = 2, 80, 40
# More than a zone has: a list that a file filled by mistake must not cover a board.
MOST = 200


class PatrolRefused(AnswerRefused):
    """A patrol that cannot be kept; `field` names the answer at fault, `why` is a word of `words.REFUSALS`."""


@dataclass(frozen=True)
class ShownPatrol:
    """A patrol as it is shown."""

    id: int
    call_sign: str
    telephone: str
    on_duty: bool
    changed_at_us: int


def patrols_of(zones: Collection[str], *, on_duty: bool = False) -> dict[str, list[ShownPatrol]]:
    """Those of each of these zones, or those on duty alone, by their call signs."""
    found: dict[str, list[ShownPatrol]] = {zone: [] for zone in zones}
    rows = Patrol.objects.filter(zone__in=found)
    for row in rows.filter(on_duty=True) if on_duty else rows:
        found[row.zone].append(
            ShownPatrol(row.id, row.call_sign, row.telephone, row.on_duty, row.changed_at_us)
        )
    return found


@transaction.atomic
def do_keep(zone: str, call_sign: str, telephone: str, by: str) -> None:
    """Add a patrol, on duty. Raises PatrolRefused."""
    sign, number = " ".join(call_sign.split()), " ".join(telephone.split())
    if not SHORTEST_SIGN <= len(sign) <= LONGEST_SIGN:
        raise PatrolRefused("call_sign", "patrol-sign")
    if number and (len(number) > LONGEST_NUMBER or not dial_of(number)):
        raise PatrolRefused("telephone", "telephone-number")
    known = [fold(other) for other in Patrol.objects.filter(zone=zone).values_list("call_sign", flat=True)]
    if fold(sign) in known:
        raise PatrolRefused("call_sign", "patrol-twice")
    if len(known) >= MOST:
        raise PatrolRefused("call_sign", "patrol-many")
    row = Patrol(zone=zone, call_sign=sign, telephone=number, on_duty=True, changed_at_us=clock().now_us())
    row.save()
    _tell(row, by)


@transaction.atomic
def do_say_duty(zone: str, patrol: int, by: str, *, on_duty: bool) -> None:
    """It is on duty from now on, or no longer; nothing where the zone has no such patrol or it was said already."""
    for row in Patrol.objects.filter(zone=zone, id=patrol, on_duty=not on_duty):
        row.on_duty, row.changed_at_us = on_duty, clock().now_us()
        row.save()
        _tell(row, by)


@transaction.atomic
def do_take_out(zone: str, patrol: int, by: str) -> None:
    """The zone has it no longer."""
    for row in Patrol.objects.filter(zone=zone, id=patrol):
        _tell(row, by, is_out=True)
        row.delete()


def _tell(row: Patrol, by: str, *, is_out: bool = False) -> None:
    event = PatrolKept(
        zone=row.zone,
        call_sign=row.call_sign,
        telephone="" if is_out else row.telephone,
        by=by,
        on_duty=row.on_duty and not is_out,
        is_out=is_out,
    )
    offer(event, f"rollout:zone:{row.zone}")
