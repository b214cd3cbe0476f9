"""Duty rosters of zones and prosecutor's offices: who is on duty now, and the number to ring."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from egide.access.models import User
from egide.access.rules import CLERK, MAGISTRATE, REFERENCE_OFFICER, Scope
from egide.events.rollout import DutiesExchanged, DutiesKept
from egide.outbox.service import clock, offer
from egide.rollout.models import Duty, Office, Zone
from egide.rollout.rules import OFFICE, ZONE

# What is over is kept for a month: somebody may ask who it was.
_KEPT_US = 30 * 86_400_000_000
SWAP, TAKE_OVER = "swap", "over"


@dataclass(frozen=True)
class OnDuty:
    """Somebody who is on duty, until when (microseconds)."""

    name: str
    number: str
    until_us: int


@dataclass(frozen=True)
class Entry:
    """A line of a roster. `account` is the name of one, "" for none, None where nothing is said of it."""

    kind: str
    place: str
    name: str
    number: str
    starts_us: int
    ends_us: int
    account: str | None = None


@dataclass(frozen=True)
class Stand:
    """Who stands in a line; `account` is the id of one."""

    name: str
    number: str
    account: int | None


@dataclass(frozen=True)
class Changed:
    """One line of an exchange: who stands in it, and who would."""

    row: Duty
    after: Stand

    @property
    def before(self) -> Stand:
        return stand_of(self.row)


@dataclass(frozen=True)
class Exchange:
    """What would be exchanged. `mark` is that of how the lines stand now; `is_taken`: whoever would stand in a line
    stands in another of the same begin already."""

    lines: tuple[Changed, ...]
    mark: str
    is_taken: bool


class NoSuchExchange(LookupError):
    """There are no two such lines of one roster, one of them is over, or the same person stands in both."""


class ExchangeRefused(Exception):
    """Somebody would stand twice in one begin."""


class Overtaken(Exception):
    """The lines are not what they were when the exchange was shown: it was made already, or somebody was faster."""


def on_duty(kind: str, places: Collection[str]) -> dict[str, list[OnDuty]]:
    """Who is on duty now at each of these places; whoever began last comes first."""
    found: dict[str, list[OnDuty]] = {place: [] for place in places}
    for row in _now().filter(kind=kind, place__in=found).order_by("-starts_us", "name"):
        found[row.place].append(OnDuty(row.name, row.number, row.ends_us))
    return found


def accounts_on_duty() -> dict[int, frozenset[str]]:
    """The accounts that a roster says are on duty now, each with its places ("zone:5324", "office:mons")."""
    found: dict[int, set[str]] = {}
    rows = _now().filter(account__is_active=True, account__is_emergency=False)
    for account, kind, place in rows.values_list("account_id", "kind", "place"):
        found.setdefault(account, set()).add(f"{kind}:{place}")
    return {account: frozenset(places) for account, places in found.items()}


def kept_by(scope: Scope) -> frozenset[tuple[str, str]]:
    """Kind and place of the rosters that this person keeps: their own zone's or office's; the coordinator all."""
    if scope.is_coordinator:
        return every_roster()
    zones = {(ZONE, zone) for zone in scope.places(REFERENCE_OFFICER)}
    return frozenset(zones | {(OFFICE, office) for office in scope.places(MAGISTRATE, CLERK)})


def every_roster() -> frozenset[tuple[str, str]]:
    """Kind and place of every roster that can be."""
    zones = {(ZONE, zone) for zone in Zone.objects.values_list("id", flat=True)}
    return frozenset(zones | {(OFFICE, code) for code in Office.objects.values_list("code", flat=True)})


def seen_by(scope: Scope) -> Iterator[tuple[str, str]]:
    """Kind and place of the rosters that this person may have to ring: of their centre's zones with their offices,
    of their own zone, of their own office."""
    zones = Zone.objects.filter(gone=False)
    if not scope.is_coordinator:
        zones = zones.filter(id__in=scope.zones) | zones.filter(centre_id__in=scope.centres)
    offices = set(scope.offices)
    for zone, office in zones.values_list("id", "office_id").order_by("id"):
        yield ZONE, zone
        offices |= {office} if office else set()
    yield from ((OFFICE, office) for office in sorted(offices))


def lines_of(kept: Collection[tuple[str, str]]) -> list[Duty]:
    """What is on or to come of these rosters, the earliest first."""
    rows = Duty.objects.filter(place__in={place for _kind, place in kept}, ends_us__gt=clock().now_us())
    return [row for row in rows.select_related("account") if (row.kind, row.place) in kept]


@transaction.atomic
def do_keep(entries: Iterable[Entry], by: str, *, is_whole: bool = False) -> int:
    """Keep these lines; one of the same place, begin and name is replaced, and what was over a month ago goes.

    Where they are whole, other lines that begin in the time that they cover at a place go, too. Returns how many went.
    """
    entries = list(entries)
    accounts = dict(
        User.objects.filter(name__in=[one.account or "" for one in entries]).values_list("name", "id")
    )
    told: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if _is_written(entry, accounts):
            told.setdefault((entry.kind, entry.place), []).append(entry)
    Duty.objects.filter(ends_us__lt=clock().now_us() - _KEPT_US).delete()
    for lines in told.values():
        _do_tell(DutiesKept, lines, by, len(lines))
    gone = beside(entries) if is_whole else []
    for row in gone:
        _do_take_out(row, by)
    return len(gone)


def verb_of(entry: Entry) -> str:
    """What keeping this line does: "new", "changed" or "same"."""
    row = _row_of(entry)
    if not row.id:
        return "new"
    return "same" if _says_the_same(row, entry) else "changed"


def beside(entries: Iterable[Entry]) -> list[Duty]:
    """The lines that begin in the time that these cover at a place, and are none of them."""
    covered: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        covered.setdefault((entry.kind, entry.place), []).append(entry)
    found = []
    for (kind, place), lines in covered.items():
        first, last = min(line.starts_us for line in lines), max(line.ends_us for line in lines)
        same = {(line.name, line.starts_us) for line in lines}
        rows = Duty.objects.filter(kind=kind, place=place, starts_us__gte=first, starts_us__lt=last)
        found += [row for row in rows if (row.name, row.starts_us) not in same]
    return found


@transaction.atomic
def do_take_out(kind: str, place: str, number: int, by: str) -> None:
    """A line goes; nothing where the place has no such line."""
    for row in Duty.objects.filter(kind=kind, place=place, id=number):
        _do_take_out(row, by)


# Exchanging


def stand_of(row: Duty) -> Stand:
    """Who stands in this line."""
    return Stand(row.name, row.number, row.account_id)


def others_of(row: Duty) -> tuple[list[Duty], list[Duty]]:
    """With which lines it can be swapped: of somebody else, on or to come. Then a line of each person of this roster
    who can take it over."""
    roster = Duty.objects.filter(kind=row.kind, place=row.place).select_related("account")
    others = [one for one in roster if stand_of(one) != stand_of(row)]
    people = {stand_of(one): one for one in others}
    now_us = clock().now_us()
    return [one for one in others if one.ends_us > now_us], sorted(people.values(), key=lambda one: one.name)


def exchange_of(kept: Collection[tuple[str, str]], line: int, how: str, other: int) -> Exchange:
    """What it would be that `line` is swapped with `other`, or taken over by who stands there. Raises
    NoSuchExchange."""
    rows = {row.id: row for row in Duty.objects.filter(id__in=(line, other)).select_related("account")}
    one, two = rows.get(line), rows.get(other)
    if one is None or two is None or how not in (SWAP, TAKE_OVER):
        raise NoSuchExchange
    same_roster = (one.kind, one.place) == (two.kind, two.place) and (one.kind, one.place) in kept
    over = [row for row in ((one, two) if how == SWAP else (one,)) if row.ends_us <= clock().now_us()]
    if not same_roster or over or stand_of(one) == stand_of(two):
        raise NoSuchExchange
    lines = (Changed(one, stand_of(two)), *((Changed(two, stand_of(one)),) if how == SWAP else ()))
    return Exchange(lines, _mark_of(how, (one, two)), _is_taken(lines))


@transaction.atomic
def do_exchange(
    kept: Collection[tuple[str, str]], line: int, how: str, other: int, mark: str, by: str
) -> None:
    """Exchange what was shown under `mark`, once. Raises NoSuchExchange, Overtaken, ExchangeRefused."""
    # Nobody changes a line between this look and what is written.
    list(Duty.objects.select_for_update().filter(id__in=(line, other)))
    found = exchange_of(kept, line, how, other)
    if found.mark != mark:
        raise Overtaken
    if found.is_taken:
        raise ExchangeRefused
    rows = [changed.row for changed in found.lines]
    # Where both begin at once, no two may bear one name, not even in between.
    Duty.objects.filter(id=rows[0].id).update(name=f"{rows[0].id}")
    for changed in reversed(found.lines):
        after = changed.after
        Duty.objects.filter(id=changed.row.id).update(
            name=after.name, number=after.number, account=after.account
        )
    _do_tell(DutiesExchanged, rows, by, len(rows))


def _is_taken(lines: Sequence[Changed]) -> bool:
    changed = {one.row.id for one in lines}
    return any(
        Duty.objects.filter(
            kind=one.row.kind, place=one.row.place, starts_us=one.row.starts_us, name=one.after.name
        )
        .exclude(id__in=changed)
        .exists()
        for one in lines
    )


def _mark_of(how: str, rows: Sequence[Duty]) -> str:
    said = [(row.id, row.name, row.number, row.account_id, row.starts_us, row.ends_us) for row in rows]
    return hashlib.sha256(repr((how, said)).encode()).hexdigest()


def _now() -> QuerySet[Duty]:
    now_us = clock().now_us()
    return Duty.objects.filter(starts_us__lte=now_us, ends_us__gt=now_us)


def _row_of(entry: Entry) -> Duty:
    """The line of the roster that this one is, or a new one."""
    same = {"kind": entry.kind, "place": entry.place, "name": entry.name, "starts_us": entry.starts_us}
    return Duty.objects.filter(**same).select_related("account").first() or Duty(**same)


def _says_the_same(row: Duty, entry: Entry) -> bool:
    account = row.account.name if row.account else ""
    return (row.number, row.ends_us, account) == (
        entry.number,
        entry.ends_us,
        account if entry.account is None else entry.account,
    )


def _is_written(entry: Entry, accounts: dict[str, int]) -> bool:
    """Write a line; whether that changed anything."""
    row = _row_of(entry)
    if row.id and _says_the_same(row, entry):
        return False
    if entry.account is not None:
        row.account_id = accounts.get(entry.account)
    row.number, row.ends_us = entry.number, entry.ends_us
    row.save()
    return True


def _do_take_out(row: Duty, by: str) -> None:
    row.delete()
    _do_tell(DutiesKept, [row], by, -1)


def _do_tell(
    kind: type[DutiesKept | DutiesExchanged], lines: Sequence[Entry | Duty], by: str, number: int
) -> None:
    """What happened to these lines of one roster, without a name."""
    subject = f"{lines[0].kind}:{lines[0].place}"
    from_us, until_us = min(line.starts_us for line in lines), max(line.ends_us for line in lines)
    offer(
        kind(subject=subject, by=by, number=number, from_us=from_us, until_us=until_us), f"rollout:{subject}"
    )
