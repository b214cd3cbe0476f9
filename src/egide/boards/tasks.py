"""What an alarm leaves to do for the managing zone, as lines for the start page (safety rule 11)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.tasks import Level, Task
from egide.access.rules import Scope
from egide.boards import service
from egide.outbox.service import journal


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each closed alarm after which a zone of this reader has something to do."""
    for zone in sorted(scope.zones):
        states = service.alarms_in_scope(scope, journal().follow_ups(zone))
        names = service.names_of(states)
        for state in states:
            yield Task(
                title=names.get(state.case) or _("Kit without a file"),
                url=f"{reverse('zone')}{service.zone_query(scope, zone)}#follow-up-{state.alarm}",
                word=_("After an alarm: speak with the person, look at measures and kit again"),
                since_us=state.closing.closed_at_us,
                level=Level.URGENT,
                places=(f"zone:{zone}",),
            )
