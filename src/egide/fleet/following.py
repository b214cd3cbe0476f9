"""What kits take over from their file inside its transaction: the end of the grant, the danger, the managing zone."""

from datetime import date

from egide.fleet.kits import kits
from egide.fleet.models import OUT, Kit, KitState
from egide.fleet.supervision.rules import level_of
from egide.outbox.days import end_of_us


def follow_grant(case_id: str, ends_on: date | None) -> None:
    """The end of a grant changed: tell the lifeline for every kit of the file that is out or about to be."""
    for kit in Kit.objects.filter(case_id=case_id, state__in=(KitState.PREPARED, KitState.ISSUED)):
        kits.do_set_grant(kit, end_of(ends_on))


def follow_danger(case_id: str, danger: bool, urgent: bool) -> None:
    """People changed how grave they call the danger: how long kits may be silent follows it (safety rule 35)."""
    for kit in Kit.objects.filter(case_id=case_id, state__in=OUT):
        kits.do_watch(kit, level_of(danger, urgent))


def follow_move(case_id: str, zone: str, centre: str) -> None:
    """Another zone manages the file: its kits are that zone's now, and their presses name it."""
    out = (KitState.PREPARED, *OUT)
    for kit in Kit.objects.filter(case_id=case_id, state__in=out):
        kits.do_move_kit(kit, zone, centre)


def end_of(day: date | None) -> int | None:
    """The last second of a day where the authority is, in seconds since 1970."""
    return None if day is None else end_of_us(day) // 1_000_000
