"""What kits need from an officer now, for the start page, and what the search finds of kits and stock."""

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.finding import Found
from egide.access.registries.tasks import Level, Task
from egide.access.rules import Scope
from egide.fleet import service
from egide.fleet.kits import words
from egide.fleet.kits.lifeline import second_ways, unverified_since
from egide.fleet.models import OUT, Item, Kit, KitState
from egide.fleet.pages.care import UNVERIFIED_SHOWN_S
from egide.fleet.pages.lines import KitLine, lines_of
from egide.fleet.pages.tasks_watch import watch_tasks
from egide.fleet.service import OFFICERS
from egide.outbox.service import clock

FOUND_MOST = 10


def tasks_of(scope: Scope) -> Iterator[Task]:
    """Kits with a trouble, what a provisional kit lacks, kits being made ready or to come back, files without a kit."""
    if not scope.roles & set(OFFICERS):
        return
    yield from watch_tasks(scope)
    open_states = (KitState.PREPARED, KitState.PROVISIONAL)
    found = service.kits_of(scope).filter(state__in=open_states).select_related("provisional")
    for line in lines_of(list(found.order_by("issued_at_us"))):
        if line.kit.state == KitState.PROVISIONAL:
            yield from _red(scope, line)
        else:
            yield _prepared(scope, line)
    yield from _lost_keys(scope)
    yield from _second_ways(scope)
    for line in lines_of(list(service.kits_to_take_back(scope))):
        word, detail = _("Take the kit back"), _("The file has ended")
        yield Task(line.title, line.url, word, line.kit.out_at_us or 0, detail=detail, places=line.places)
    for file in service.waiting_files(scope):
        title, url = f"{file.name} · {file.number}", reverse("kit-prepare", args=[file.case])
        level, places = Level.of(file.danger, file.urgent), (f"zone:{file.zone}",)
        yield Task(title, url, _("Make a kit ready"), file.since_us, level=level, places=places)


def _lost_keys(scope: Scope) -> Iterator[Task]:
    """Kits whose phone no longer proves itself: the zone hears of it at once, not within the hour (safety rule 22)."""
    out = service.kits_of(scope).filter(state__in=OUT)
    failed = unverified_since(
        out.values_list("id", flat=True), clock().now_us() - UNVERIFIED_SHOWN_S * 1_000_000
    )
    for line in lines_of(list(out.filter(id__in=failed))) if failed else []:
        detail = _("It must dial 112 until then. Enrol it again today, and ask who had it in hand.")
        word = _("The phone lost its key, or somebody copies it")
        level = min(line.level, Level.URGENT)
        since_us = failed[line.kit.id]
        yield Task(line.title, line.url, word, since_us, level=level, detail=detail, places=line.places)


def _second_ways(scope: Scope) -> Iterator[Task]:
    """Kits that are out with a web page alone: she has no way yet that works with the screen off (safety rule 17)."""
    out = service.kits_of(scope).filter(state__in=OUT)
    seconds = second_ways(out.values_list("id", flat=True))
    for line in lines_of(list(out.filter(id__in=seconds))) if seconds else []:
        since_us = line.kit.out_at_us or line.kit.issued_at_us
        detail = _("A web page hears nothing once it is closed. Lend a phone with the app.")
        said = str(words.SECOND_WAY), since_us
        yield Task(line.title, line.url, *said, level=line.level, detail=detail, places=line.places)


def _red(scope: Scope, line: KitLine) -> Iterator[Task]:
    """One task for each gate that a provisional kit did not pass (safety rule 25), due before its 72 hours end."""
    view = service.view_of(scope, line.kit.id)
    level = min(line.level, Level.URGENT)
    for gate in view.closed:
        yield Task(
            line.title,
            line.url,
            _("Missing for a provisional kit"),
            line.kit.out_at_us or line.kit.issued_at_us,
            level=level,
            detail=f"{words.GATES[gate.name]}: {', '.join(words.missing_words(gate))}",
            due_us=line.until_us,
            places=line.places,
        )
    if not view.closed:
        word = _("Nothing is missing any more: confirm")
        yield Task(line.title, line.url, word, line.kit.issued_at_us, level=level, places=line.places)


def _prepared(scope: Scope, line: KitLine) -> Task:
    if line.waits_for_second and line.kit.provisional.first != scope.user:
        # Not for whoever signed first, who may be the one on duty: so nobody does it for the others.
        word, level = _("A colleague waits for your signature"), min(line.level, Level.URGENT)
        return Task(line.title, line.url, word, line.kit.issued_at_us, level=level)
    word = _("A kit is being made ready")
    return Task(line.title, line.url, word, line.kit.issued_at_us, level=line.level, places=line.places)


def find_kits(scope: Scope, text: str) -> Iterator[Found]:
    """Items by serial, and for officers the kits that they belong to."""
    if not scope.is_coordinator and not scope.roles & set(OFFICERS):
        return
    fitting = (
        item for item in service.items_of(scope).iterator() if text.casefold() in item.serial.casefold()
    )
    found: list[Item] = list(islice(fitting, FOUND_MOST))
    kit_ids = [item.kit for item in found if item.kit]
    own: dict[str, Kit] = {kit.id: kit for kit in service.kits_of(scope).filter(id__in=kit_ids)}
    names = {line.kit.id: line for line in lines_of(list(own.values()))}
    for item in found:
        state = str(words.ITEM_STATES[item.state])
        line = names.get(item.kit)
        if line is None:
            url, detail = reverse("stock-item", args=[item.id]), state
        else:
            url, detail = line.url, f"{state} · {line.name}"
        yield Found(f"{words.ITEM_KINDS[item.kind]} {item.serial}", url, _("Kit"), detail)
