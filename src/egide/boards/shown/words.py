"""Words that every page about an alarm shares: steps, refusals, compass points, places, the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from egide.access.service import titles
from egide.access.templatetags.units import metres
from egide.alarm import refusals
from egide.alarm.events import Route, outcomes
from egide.alarm.rules import Refused
from egide.alarm.table import ROWS
from egide.boards.geography import Atlas, atlas
from egide.protocol.envelope import Position

Words = Mapping[str, "str | Promise"]

# The table's words are marked there for the catalogues.
STEPS: Words = {row.name: gettext_lazy(row.word) for row in ROWS}

OUTCOMES: Words = {word: gettext_lazy(text) for word, text in outcomes.OUTCOMES.items()}
REFUSALS: Words = {
    **{why: gettext_lazy(text) for why, text in refusals.REFUSALS.items()},
    "no-push": _("This browser named no push service that may be used. Keep this page open instead."),
}

# What a team reads instead: what happened, and what to do now.
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

# Of a timeline: a run of such events is one line with its number. A position comes, and is placed.
RUNS = {
    "PositionReceived": "position",
    "PositionLocated": "position",
    "TeamPositioned": "team position",
    "AudioReceived": "sound",
    "PushTried": "push",
    "ShownOnBoard": "shown",
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

PLACES: Words = {
    "home": _("Home"),
    "work": _("Work"),
    "school": _("School"),
    "other": _("Other place"),
}
AT_PLACES: Words = {
    "home": _("at the person’s home"),
    "work": _("at the person’s work"),
    "school": _("at the school"),
    "other": _("at a place of the file"),
}

_FINE = 5  # digits of a degree: about a metre


def language() -> str:
    """Two letters of the reader's language."""
    return (get_language() or "en")[:2]


@dataclass(frozen=True)
class UnitNames:
    """Names of zones and centres in the reader's language; looked up once for everything that a page shows."""

    atlas: Atlas
    language: str

    def zone(self, code: str) -> str:
        return self.atlas.zone_name(code, self.language) if code else ""

    def centre(self, code: str) -> str:
        return self.atlas.centre_name(code, self.language) if code else ""

    def centres(self, codes: Iterable[str]) -> str:
        """Several, in one line."""
        return ", ".join(map(self.centre, sorted(codes)))


def unit_names() -> UnitNames:
    """As the zones in force have them."""
    return UnitNames(atlas(), language())


def said(refused: Refused, words: Words = REFUSALS) -> str:
    """A refusal in words, with the title of the person who was first."""
    return str(words[refused.why]) % {"by": titles([refused.by]).get(refused.by, "")}


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
