"""The zone for which somebody looks and speaks: an officer of several chooses, by `?zone=5330` in the address."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from django.http import Http404, HttpResponseBase

from egide.access.rules import Scope
from egide.access.service import ScopedRequest, for_zone
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.rules import bell_of
from egide.journal.errors import JournalError

View = Callable[..., HttpResponseBase]
# Which zone is shown first where nothing was chosen: the one that rings, by what it rings for.
_FIRST = ("help", "duress", "alarm", "")


def for_chosen_zone(view: View) -> View:
    """Let officers of a zone pass, with the zone they chose as `request.scope.zone`. Another's does not exist (404)."""

    @wraps(view)
    def guarded(request: ScopedRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        scope = request.scope
        asked = request.GET.get("zone", "")
        if asked and asked not in scope.zones:
            raise Http404
        if len(scope.zones) > 1:
            zone = asked or _zone_at_first(scope, str(kwargs.get("alarm", "")))
            request.scope = replace(scope, chosen_zone=zone)
        return view(request, *args, **kwargs)

    return for_zone(guarded)


def _zone_at_first(scope: Scope, alarm: str) -> str:
    """Of an alarm, the zone that has most to do with it; else the one that rings, else the first."""
    try:
        if alarm:
            state = service.alarm_in_scope(scope, alarm)
            return service.zone_of(scope, state) if state else ""
        return ringing_first(scope, service.open_alarms(scope))
    except JournalError:
        # The page says so itself.
        return ""


def ringing_first(scope: Scope, states: list[AlarmState]) -> str:
    """The zone in which something rings most urgently, "" where nothing does."""
    figures = {zone: {bell_of(zone, state) for state in states} for zone in sorted(scope.zones)}
    ringing = [zone for zone, found in figures.items() if found - {""}]
    return min(ringing, key=lambda zone: min(map(_FIRST.index, figures[zone])), default="")
