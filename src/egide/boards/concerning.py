"""Open alarms that concern a reader: the red strip on each of their pages, and lines of their start page (rule 43).

By the right that somebody has already: the boards' scope, and files of a zone or an office that do not bar them.
"""

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from egide.access.registries.numbers import numbers
from egide.access.registries.strips import Strip
from egide.access.registries.tasks import Level, Task
from egide.access.rules import Scope
from egide.alarm.leading import NEIGHBOURING, role_of
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.journal.errors import JournalError

DESK, ZONE, FILE = "desk", "zone", "file"
# More files than this in an alarm are one line: a strip must not push the page away.
_LINES = 2


def strips_of(scope: Scope) -> Iterator[Strip]:
    """A line for each place where this reader acts; none while the journal cannot be read: boards say that."""
    try:
        found = _concerning(scope)
    except JournalError:
        return
    for page, zone in dict.fromkeys((page, zone) for page, zone, _state in found):
        yield from _lines(scope, page, zone, [state for *where, state in found if where == [page, zone]])


def tasks_of(scope: Scope) -> Iterator[Task]:
    """A line for each open alarm, with the name that the page behind it shows too."""
    found = _concerning(scope)
    named = [state for _page, zone, state in found if not is_neighbour(zone, state)]
    names = service.names_of(named)
    for page, zone, state in found:
        known = "" if state not in named else names.get(state.case) or _("Kit without a file")
        yield Task(
            title=known or _("Alarm close to this zone"),
            url=url_of(scope, page, zone, state),
            word=_("An alarm is open"),
            since_us=state.received_at_us,
            level=Level.OPEN_ALARM,
        )


def _concerning(scope: Scope) -> list[tuple[str, str, AlarmState]]:
    """Where this reader acts, for which of their zones, and the alarm; the oldest first, each alarm once."""
    found = []
    for state in service.open_alarms(scope) if scope.has_desk or scope.has_zone_page else ():
        found.append((*place_of(scope, state), state))
    known = {state.alarm for _page, _zone, state in found}
    of_files = service.open_alarms_of_files(scope) if scope.has_files else ()
    return found + [(FILE, "", state) for state in of_files if state.alarm not in known]


def place_of(scope: Scope, state: AlarmState) -> tuple[str, str]:
    """On which board this reader acts in an alarm that their scope covers, and for which of their zones."""
    zone = service.zone_of(scope, state)
    at_desk = scope.has_desk and (not zone or not scope.centres.isdisjoint(state.centres))
    return (DESK, "") if at_desk else (ZONE, zone)


def _lines(scope: Scope, page: str, zone: str, states: Sequence[AlarmState]) -> Iterator[Strip]:
    each = page == FILE and len(states) <= _LINES
    for several in [[state] for state in states] if each else [states]:
        yield _line(scope, page, zone, several)


def _line(scope: Scope, page: str, zone: str, states: Sequence[AlarmState]) -> Strip:
    words = {DESK: _("To the desk"), ZONE: _("To the zone’s page"), FILE: _("To the file")}
    oldest, is_one = states[0], len(states) == 1
    leads_to_all = page == FILE and not is_one
    return Strip(
        text=_text(zone, states),
        url=reverse("start") if leads_to_all else url_of(scope, page, zone, oldest),
        word=_("Show all") if leads_to_all else words[page],
        since_ms=oldest.received_at_us // 1000,
        page=page,
        alarm=oldest.alarm if is_one else "",
    )


def _text(zone: str, states: Sequence[AlarmState]) -> str:
    if len(states) > 1:
        count = len(states)
        return ngettext("%(n)s alarm concerns you", "%(n)s alarms concern you", count) % {"n": count}
    (state,) = states
    if is_neighbour(zone, state):
        return _("Alarm close to this zone")
    number = numbers([state.case])[state.case]
    # Without a number there is no file: the id says nothing to anybody.
    if number == state.case:
        return _("An alarm concerns you: kit without a file")
    return _("An alarm concerns you: file %(number)s") % {"number": number}


def url_of(scope: Scope, page: str, zone: str, state: AlarmState) -> str:
    """The alarm on that board, which opens it; or its file."""
    if page == FILE:
        return reverse("file", args=[state.case])
    if page == DESK:
        return f"{reverse('desk')}#row-{state.alarm}"
    return f"{reverse('zone')}{service.zone_query(scope, zone)}#card-{state.alarm}"


def is_neighbour(zone: str, state: AlarmState) -> bool:
    """Whether `zone` is only close to it: then its officers are not to know whose alarm it is."""
    return bool(zone) and role_of(zone, state) == NEIGHBOURING
