"""What the palette and the search find of open alarms: what the reader's own board or zone page shows, and no more."""

from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _

from egide.access.registries.finding import Found
from egide.access.rules import Scope
from egide.boards import service
from egide.boards.concerning import is_neighbour, place_of, url_of
from egide.boards.shown.alarm import ShownAlarm, shown_of
from egide.common.folding import fold

FOUND_MOST = 10


def find_alarms(scope: Scope, text: str) -> Iterator[Found]:
    """Open alarms by the name and the zone that the page shows of them; a neighbouring zone knows no name."""
    if not (scope.has_desk or scope.has_zone_page):
        return
    states = service.open_alarms(scope)
    unnamed = [state for state in states if is_neighbour(place_of(scope, state)[1], state)]
    lines = (_line(scope, shown) for shown in shown_of(states, unnamed=unnamed))
    wanted = fold(text)
    yield from islice((line for line in lines if wanted in fold(f"{line.title} {line.detail}")), FOUND_MOST)


def _line(scope: Scope, shown: ShownAlarm) -> Found:
    state, route = shown.state, shown.state.lead.route
    return Found(
        title=shown.name or _("Alarm close to this zone"),
        url=url_of(scope, *place_of(scope, state), state),
        word=_("Open alarm"),
        detail=shown.units.zone(route.zone) if route else _("Not routed yet"),
    )
