"""Words that every page about an alarm shares: steps, refusals, compass points, places."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from egide.access.templatetags.units import metres
from egide.alarm.events import Route
from egide.alarm.table import ROWS
from egide.protocol.envelope import Position

Words = Mapping[str, "str | Promise"]

# The table's words are marked there for the catalogues.
STEPS: Words = {row.name: gettext_lazy(row.word) for row in ROWS}

OUTCOMES: Words = {
    "arrest": _("Arrest"),
    "perpetrator-gone": _("Perpetrator gone"),
    "person-not-found": _("Person not found"),
    "nobody-seen-but-fear-founded": _("Nobody seen, but fear founded"),
    "help-refused": _("Help refused"),
    "injured": _("Somebody injured"),
    "killed": _("Somebody killed"),
    "child-taken": _("Child taken away"),
    "handling-error": _("Handling error"),
    "test": _("Test"),
    "technical": _("Technical fault"),
}

REFUSALS: Words = {
    "closed": _("Already closed by %(by)s"),
    "no-zone": _("This zone is not concerned. Choose one of the list."),
    "no-name": _("Write a name or a reference: without it nobody counts as informed"),
    "zone-first": _("Inform the zone first, with a name or a reference"),
    "other-leads": _("Another zone leads; only it sends a team"),
    "team-first": _("Name the team first"),
    "not-earlier": _("Only a phone that pressed after another one took its place can be blocked"),
    "arrived": _("The team is on the spot already"),
    "too-long": _("Too long"),
    "not-said": _("Nobody has said this step: there is nothing to correct"),
    "not-your-word": _("The team or its zone said this itself: only they correct it"),
    "no-fit": _("This does not fit with the other times. Look at when the team left and arrived."),
    "empty": _("Write a few words"),
    "no-outcome": _("Choose an outcome"),
    "no-choice": _("Choose one of the list"),
    "no-time": _("Write a whole number of minutes"),
    "reported": _("The report is written already, by %(by)s"),
    "too-many": _("Too many links were made for this alarm. Tell the team by radio."),
    "no-push": _("This browser named no push service that may be used. Keep this page open instead."),
    "no-link": _("This link or code opens nothing. Check it, or ask the dispatch centre for a new one."),
    "link-used": _("This link was opened on another device already. Ask the dispatch centre for a new one."),
    "link-expired": _("This link is older than a day. Ask the dispatch centre for a new one."),
    "other-team": _("%(by)s was sent instead of you. Ask the dispatch centre by radio."),
    "open": _("The alarm is still open"),
    "followed-up": _("Already done by %(by)s"),
}

# What a team is told instead: what happened, and what to do now.
TEAM_REFUSALS: Words = {
    **REFUSALS,
    "closed": _(
        "%(by)s closed the alarm meanwhile. Nothing was changed; write what you did into the report."
    ),
    "reported": _(
        "%(by)s wrote the report meanwhile. Tell the dispatch centre by radio what yours would add."
    ),
    "team-first": _("Nobody is named as the team any more. Ask the dispatch centre by radio."),
    "not-yours": _("Your zone does not send this team; only the zone that leads reports for it."),
    "unclear": _("This could not be understood. Tell the dispatch centre by radio."),
}

COMPASS: Words = {
    "N": pgettext_lazy("compass", "north"),
    "NE": pgettext_lazy("compass", "north-east"),
    "E": pgettext_lazy("compass", "east"),
    "SE": pgettext_lazy("compass", "south-east"),
    "S": pgettext_lazy("compass", "south"),
    "SW": pgettext_lazy("compass", "south-west"),
    "W": pgettext_lazy("compass", "west"),
    "NW": pgettext_lazy("compass", "north-west"),
}


_FINE = 5  # digits of a degree: about a metre


def coordinates_of(position: Position) -> str:
    """Latitude and longitude in degrees, as they can be read out."""
    return f"{position.lat_e7 / 1e7:.{_FINE}f}, {position.lon_e7 / 1e7:.{_FINE}f}"


def place_of(route: Route) -> str:
    """Where the position lies, seen from the nearest named place; empty when none is known."""
    near = route.place
    if near is None:
        return ""
    return gettext("%(distance)s %(compass)s of %(place)s (%(bearing)s°)") % {
        "distance": metres(near.distance_m),
        "compass": COMPASS.get(near.compass, near.compass),
        "place": near.name,
        "bearing": near.bearing_deg,
    }
