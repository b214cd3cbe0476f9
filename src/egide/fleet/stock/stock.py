"""Buttons and phones of the authority: every move is a row and an event, and counts hold for any past moment."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Max

from egide.access.answering import AnswerRefused
from egide.events.register import ItemMoved
from egide.fleet.models import Item, ItemMove
from egide.fleet.stock import rules
from egide.outbox.service import clock, offer
from egide.rollout.models import Zone

LONGEST_REASON = 200
MOST_AT_ONCE = 500


class MoveRefused(AnswerRefused):
    """A move that is not possible; `field` names the answer at fault, `why` is a word of `words.REFUSALS`."""


@dataclass(frozen=True)
class Delivered:
    """One button or phone of a delivery."""

    kind: str
    serial: str
    model: str
    sim: str = ""


@transaction.atomic
def do_deliver(delivered: Iterable[Delivered], by: str) -> list[Item]:
    """Take new items into the central stock. No key comes with them: keys are made at issue (safety rule 22)."""
    now_us = clock().now_us()
    items = [
        Item(kind=one.kind, serial=one.serial, model=one.model, sim=one.sim, since_us=now_us)
        for one in delivered
    ]
    Item.objects.bulk_create(items)
    for item in items:
        _write(item, was="", by=by, why="", now_us=now_us)
    return items


@transaction.atomic
def do_move(item_id: str, now: str, by: str, zone: str = "", why: str = "") -> Item:
    """Move one item by hand: allocate, send back, repair, lost, found, retired. Raises MoveRefused, Item.DoesNotExist.

    What belongs to a kit moves only with its kit.
    """
    item = Item.objects.get(id=item_id)
    reason = " ".join(why.split())
    if not rules.may_move(item.state, now):
        raise MoveRefused("now", "with-kit" if item.state in rules.KIT_STATES else "not-possible")
    if now == rules.ZONE:
        if not Zone.objects.filter(id=zone, gone=False).exists():
            raise MoveRefused("zone", "no-such-zone")
        if (item.state, item.zone) == (now, zone):
            raise MoveRefused("zone", "there-already")
    if now in (rules.REPAIR, rules.LOST, rules.RETIRED) and not reason:
        raise MoveRefused("why", "reason")
    if len(reason) > LONGEST_REASON:
        raise MoveRefused("why", "too-long")
    # Lost or in repair, it still counts where it was: the zone answers for it.
    do_put(item, now, zone if now == rules.ZONE else "" if now == rules.STOCK else item.zone, by, why=reason)
    return item


@transaction.atomic
def do_allocate(kind: str, number: int, zone: str, by: str) -> int:
    """Send `number` items of the central stock to a zone, all or none; returns how many. Raises MoveRefused."""
    if kind not in rules.KINDS or not 1 <= number <= MOST_AT_ONCE:
        raise MoveRefused("number", "number")
    found = list(Item.objects.filter(kind=kind, state=rules.STOCK)[:number])
    if len(found) < number:
        raise MoveRefused("number", "too-few")
    for item in found:
        do_move(item.id, rules.ZONE, by, zone=zone)
    return number


def do_put(item: Item, now: str, zone: str, by: str, *, kit: str = "", why: str = "") -> None:
    """Write a move that was found possible, with its event. Raises MoveRefused when somebody else was faster."""
    was, now_us = item.state, clock().now_us()
    still_there = Item.objects.filter(id=item.id, state=was, zone=item.zone, kit=item.kit)
    if not still_there.update(state=now, zone=zone, kit=kit, since_us=now_us):
        raise MoveRefused("now", "moved-meanwhile")
    item.state, item.zone, item.kit, item.since_us = now, zone, kit, now_us
    _write(item, was=was, by=by, why=why, now_us=now_us)


def _write(item: Item, *, was: str, by: str, why: str, now_us: int) -> None:
    ItemMove.objects.create(
        item=item, at_us=now_us, was=was, now=item.state, zone=item.zone, kit=item.kit, by=by, why=why
    )
    event = ItemMoved(
        item=item.id, was=was, now=item.state, by=by, zone=item.zone, kit=item.kit, why=why, what=item.kind
    )
    offer(event, f"item:{item.id}")


def free_items(zone: str, kind: str) -> list[Item]:
    """What lies ready in the cupboard of a zone."""
    return sorted(Item.objects.filter(zone=zone, state=rules.ZONE, kind=kind), key=lambda item: item.serial)


def counts(hidden: Collection[str] = ()) -> Counter[tuple[str, str, str]]:
    """How many items lie where now: (zone, kind, state) to number; "" is the central stock.

    What belongs to a kit that is `hidden` from the reader does not count.
    """
    told = Item.objects.exclude(kit__in=hidden)
    rows = told.values_list("zone", "kind", "state").annotate(number=Count("id")).order_by()
    return Counter({(zone, kind, state): number for zone, kind, state, number in rows})


def counts_at(at_us: int, hidden: Collection[str] = ()) -> Counter[tuple[str, str, str]]:
    """The same at any moment that has passed, from the moves."""
    last = ItemMove.objects.filter(at_us__lte=at_us).values("item").annotate(last=Max("id")).values("last")
    rows = (
        ItemMove.objects.filter(id__in=last)
        .exclude(kit__in=hidden)
        .annotate(kind=F("item__kind"))
        .values_list("zone", "kind", "now")
        .annotate(number=Count("id"))
        .order_by()
    )
    return Counter({(zone, kind, state): number for zone, kind, state, number in rows})
