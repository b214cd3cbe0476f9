"""Kits of which something is wrong, as tasks: one for each kit, for the zone and then for its reference officer."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from egide.access.registries.tasks import Level, Task
from egide.access.rules import ZONE_OFFICER, Scope
from egide.fleet import service
from egide.fleet.models import OUT
from egide.fleet.pages.lines import KitLine, lines_of
from egide.fleet.supervision import troubles
from egide.fleet.supervision.words import NEXT, TROUBLES
from egide.journal.queries.watched import Trouble


def watch_tasks(scope: Scope) -> Iterator[Task]:
    """One task for each kit whose trouble this officer was notified of; gone by itself when all is right again.

    The reference officer hears of what the zone has not solved. A kit in an open alarm outranks all (safety rule 6).
    """
    for_zone = ZONE_OFFICER in scope.roles
    out = service.kits_of(scope).filter(state__in=OUT)
    wrong = troubles.open_troubles(out.values_list("id", flat=True))
    told = {kit: [one for one in found if _knows(one, for_zone)] for kit, found in wrong.items()}
    told = {kit: found for kit, found in told.items() if found}
    if not told:
        return
    alarmed = troubles.alarmed(told)
    # Whose file has ended has one task already: take the kit back.
    over = set(service.kits_to_take_back(scope).values_list("id", flat=True)) - alarmed
    for line in lines_of(list(out.filter(id__in=told).exclude(id__in=over))):
        yield _task(line, told[line.kit.id], line.kit.id in alarmed, for_zone)


def _knows(trouble: Trouble, for_zone: bool) -> bool:
    return (trouble.zone_us if for_zone else trouble.officer_us) is not None


def _task(line: KitLine, found: list[Trouble], is_alarmed: bool, for_zone: bool) -> Task:
    worst = found[0]
    parts = [] if for_zone else [_("The zone has not solved it.")]
    parts.append(str(NEXT[worst.what]))
    if len(found) > 1:
        others = ", ".join(str(TROUBLES[one.what]) for one in found[1:])
        parts.append(_("Also: {others}.").format(others=others))
    return Task(
        line.title,
        line.url,
        str(TROUBLES[worst.what]),
        min(one.since_us for one in found),
        level=Level.OPEN_ALARM if is_alarmed else line.level,
        detail=" ".join(parts),
        places=line.places,
    )
