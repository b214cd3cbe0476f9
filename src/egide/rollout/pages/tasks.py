"""What the coordinator's start page says of the roll-out: certificates that end, zones that are almost ready."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from egide.access.registries.tasks import Task
from egide.access.rules import Scope
from egide.access.templatetags.units import day
from egide.outbox.service import clock
from egide.rollout import readiness, rules
from egide.rollout.models import Office, Zone
from egide.rollout.pages.views import row_of


def tasks_of(scope: Scope) -> Iterator[Task]:
    """Certificates that end soon, and bodies with trained people that wait for a signature alone."""
    if not scope.is_coordinator:
        return
    names = {f"zone:{zone.id}": str(zone) for zone in Zone.objects.all()}
    names |= {f"office:{office.code}": str(office) for office in Office.objects.all()}
    now_us = clock().now_us()
    for found in [*readiness.offices().values(), *readiness.zones().values()]:
        row = row_of(found.code, names[found.subject], found)
        url = reverse("rollout-body", args=[found.kind, found.code])
        if found.expires_on:
            detail = _("too few from %(day)s on") % {"day": day(found.expires_on)}
            yield Task(row.name, url, _("Certificates end"), now_us, detail=detail)
        elif [missing.what for missing in found.missing] == [rules.SIGNED_OFF]:
            yield Task(row.name, url, _("Waits for a signature"), now_us, detail=row.missing[0])
