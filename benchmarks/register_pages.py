"""Which pages are measured, for whom: each request for another reader or file, so that little is warm by luck."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from benchmarks.registers import Page
from egide.access.models import User
from egide.alarm.events import Origin
from egide.casework.file.names import find_names
from egide.casework.models import Case
from egide.common.ids import new_id
from egide.demo.world import HERE, World
from egide.fleet.models import Item, Kit
from egide.outbox.service import clock, journal

LIST_MS, FRAGMENT_MS = 100.0, 30.0
ALARMS = 20
Requests = list[tuple[Any, str, dict[str, str] | None]]


def pages(number: int) -> Iterator[Page]:
    """Every page with `number` requests."""
    officers = _users("zone-officer", number)
    magistrates, clerks = _users("magistrate", number), _users("clerk", number)
    yield Page("start page, zone officer", LIST_MS, [(user, "/start", None) for user in officers])
    yield Page("start page, magistrate", LIST_MS, [(user, "/start", None) for user in magistrates])
    yield Page("start page, coordinator", LIST_MS, _same("coordinator", "/start", number))
    yield Page("files, zone officer", LIST_MS, [(user, "/files/", None) for user in officers])
    yield Page("files, magistrate", LIST_MS, [(user, "/files/", None) for user in magistrates])
    yield Page(
        "closed files, clerk", LIST_MS, [(user, "/files/?stage=closed&page=3", None) for user in clerks]
    )
    yield Page("one file, zone officer", LIST_MS, _files(officers, "managing_zone", "/files/{}/"))
    yield Page("one file, magistrate", LIST_MS, _files(magistrates, "office", "/files/{}/"))
    decisions = _files(magistrates, "office", "/files/{}/decision", stage="decision")
    yield Page("the decision, magistrate", LIST_MS, decisions)
    # Each office's first search is a line of its own: it must not be the one that reads the names.
    first = _first_of_each_office(magistrates)
    yield Page("search by name, magistrate, an office's first", LIST_MS, first, once=True)
    yield Page("search by name, zone officer", LIST_MS, _search(officers, "managing_zone"))
    yield Page("search by name, magistrate", LIST_MS, _search(magistrates, "office"))
    yield Page("search by number, magistrate", LIST_MS, _search(magistrates, "office", by_number=True))
    yield Page("search by serial, coordinator", LIST_MS, _serials(number))
    yield from _stock_pages(number, officers)
    yield Page("accounts, administrator", LIST_MS, _same("administrator", "/accounts", number))
    yield from _desk_pages(number)


def _stock_pages(number: int, officers: list[Any]) -> Iterator[Page]:
    yield Page("kits, zone officer", LIST_MS, [(user, "/kits/", None) for user in officers])
    yield Page("one kit, zone officer", LIST_MS, _kits(officers))
    yield Page("stock, coordinator", LIST_MS, _same("coordinator", "/stock/", number))
    yield Page(
        "stock on a past day, coordinator", LIST_MS, _same("coordinator", "/stock/?on=2026-09-01", number)
    )
    yield Page("single items, coordinator", LIST_MS, _same("coordinator", "/stock/items/?page=7", number))
    yield Page("roll-out with map, coordinator", LIST_MS, _same("coordinator", "/rollout/", number))


def _users(role: str, number: int) -> list[Any]:
    """So many accounts of a role, different ones as far as there are."""
    rows = list(User.objects.filter(memberships__role=role).order_by("name")[:number])
    return list(islice(cycle(rows), number))


def _same(role: str, address: str, number: int) -> Requests:
    return [(user, address, None) for user in _users(role, number)]


def _place(user: Any) -> str:
    return str(user.memberships.values_list("place", flat=True).first())


def _files(users: list[Any], column: str, address: str, **chosen: str) -> Requests:
    """For each reader another file of theirs."""
    found: Requests = []
    for number, user in enumerate(users):
        rows = Case.objects.filter(**{column: _place(user)}, **chosen).order_by("id")
        if rows.exists():
            found.append((user, address.format(rows[number % rows.count()].id), None))
    return found


def _search(users: list[Any], column: str, *, by_number: bool = False) -> Requests:
    found: Requests = []
    for number, user in enumerate(users):
        rows = Case.objects.filter(**{column: _place(user)}).order_by("id")
        if not rows.exists():
            continue
        case = rows[number % rows.count()]
        one = Case.objects.filter(id=case.id)
        name = case.number if by_number else _name_in(one)
        found.append((user, "/search", {"text": name}))
    return found


def _name_in(cases: Any) -> str:
    """The family name in a file: searching it finds its namesakes too."""
    return find_names(cases, "", 1)[0][1].split()[-1]


def _first_of_each_office(magistrates: list[Any]) -> Requests:
    """One reader of each office, whose names this process has not read yet."""
    by_office = {_place(user): user for user in magistrates}
    return [(user, "/search", {"text": "Exempel"}) for user in by_office.values()]


def _serials(number: int) -> Requests:
    user = _users("coordinator", 1)[0]
    serials = Item.objects.order_by("?").values_list("serial", flat=True)[:number]
    return [(user, "/search", {"text": serial}) for serial in serials]


def _kits(officers: list[Any]) -> Requests:
    found: Requests = []
    for user in officers:
        cases = Case.objects.filter(managing_zone=_place(user)).values("id")
        kit = Kit.objects.filter(case_id__in=cases).first()
        if kit is not None:
            found.append((user, f"/kits/{kit.id}/", None))
    return found


def _desk_pages(number: int) -> Iterator[Page]:
    operator = _users("operator", 1)[0]
    alarms = [_open_alarm(case, _place(operator)) for case in _running(_place(operator))]
    asked = list(islice(cycle(alarms), number))
    yield Page("board", FRAGMENT_MS, [(operator, "/desk/board", None) for _alarm in asked])
    yield Page(
        "alarm at the desk", FRAGMENT_MS, [(operator, f"/desk/alarms/{alarm}", None) for alarm in asked]
    )
    briefings: Requests = [(operator, f"/response/alarms/{alarm}/briefing", None) for alarm in asked]
    yield Page("briefing: the desk's fragment with the file", FRAGMENT_MS, briefings)


def _running(centre: str) -> list[Case]:
    return list(Case.objects.filter(managing_centre=centre, stage="running").order_by("id")[:ALARMS])


def _open_alarm(case: Case, centre: str) -> str:
    """A press of this file's kit, routed to the centre, as intake and routing write it."""
    world, zone = World(journal(), clock()), case.managing_zone
    kit = new_id()
    where = {"managing_zone": zone, "home_zone": zone, "home_centre": centre}
    phone = world.enrol(world.issue_kit(kit=kit, case=case.id, button_id=kit[:8], **where))
    alarm = world.open_alarm(phone, origin=Origin(zone, zone, centre))
    world.route(alarm, zone, centre, managing_zone=zone, position=HERE)
    return alarm
