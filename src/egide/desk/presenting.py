"""What the desk's templates show of an alarm: texts chosen, times in milliseconds for the running clocks."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from egide.access.rules import Scope
from egide.access.service import titles
from egide.desk.rules import late_steps, urgency
from egide.desk.words import COUNTRIES, FLAGS
from egide.events.alarm import Route
from egide.events.state import AlarmState
from egide.events.steps import REPORTED, WAY, ZONE_CONFIRMED
from egide.response.geography import Atlas
from egide.response.rules import zones_to_inform
from egide.response.service import Ban, last_position
from egide.response.words import STEPS, place_of
from egide.rollout.service import Neighbour, neighbours_of
from egide.routing.ladder import done_at_us

_TRAIL_SHOWN = 200
_FINE = 5  # digits of a degree: about a metre


@dataclass(frozen=True)
class Row:
    """One alarm in the list."""

    state: AlarmState
    name: str
    zone: str
    taken_by: str
    flags: tuple[str, ...]
    late: tuple[str, ...] = ()
    copy_of: str = ""
    for_supervisor: bool = False

    @property
    def urgency(self) -> int:
        return urgency(self.state, supervisor=self.for_supervisor)

    @property
    def received_ms(self) -> int:
        return self.state.received_at_us // 1000

    @property
    def last_contact_ms(self) -> int:
        return self.state.last_contact_us // 1000

    @property
    def looks(self) -> str:
        """The class that gives shape and colour: duress, new, ack or closed."""
        if not self.state.is_open:
            return "closed"
        if self.state.duress:
            return "duress"
        return "ack" if self.state.acknowledged_by else "new"


@dataclass(frozen=True)
class Where:
    """The position in words. `basis` is that of the route, or "none" while there is no route."""

    basis: str
    zone: str
    managing_zone: str
    shares: tuple[tuple[str, int], ...] = ()
    border_m: int | None = None
    accuracy_m: int | None = None
    taken_at_ms: int | None = None
    coordinates: str = ""
    place: str = ""
    outside: str = ""
    country: str = ""
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of the alarm's way. `at_ms` is None while it has not happened; `is_next` marks what comes now."""

    word: str
    at_ms: int | None
    is_next: bool


@dataclass(frozen=True)
class Way:
    """Who is informed and who was sent. `next_step` is the step that an operator records next, empty when all are;
    `moved_to` is the zone of the position when another one leads."""

    next_step: str
    zone: str
    zone_reference: str
    moved_to: str
    no_patrol: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NoteLine:
    """A note with its author's title."""

    by: str
    text: str
    at_ms: int


def rows_of(states: list[AlarmState], names: dict[str, str], atlas: Atlas, reader: Scope) -> list[Row]:
    """Rows for `states`, in their order; two look-ups in all, however many there are."""
    by = titles(state.acknowledged_by for state in states)
    return [_row(state, names, by, atlas, reader) for state in states]


def _row(state: AlarmState, names: dict[str, str], by: dict[str, str], atlas: Atlas, reader: Scope) -> Row:
    zone = state.route.zone if state.route else state.origin.home_zone
    return Row(
        state=state,
        name=names.get(state.case) or _("Kit without a file"),
        zone=atlas.zone_name(zone, language()) if state.route else _("Not routed yet"),
        taken_by=by.get(state.acknowledged_by, ""),
        flags=tuple(str(FLAGS.get(flag, flag)) for flag in state.flags),
        late=tuple(str(STEPS[step]) for step in late_steps(state)),
        copy_of=_copy_of(state, atlas, reader),
        for_supervisor=reader.supervisor,
    )


def _copy_of(state: AlarmState, atlas: Atlas, reader: Scope) -> str:
    """The centre that leads, when the reader's one is only shown a copy (safety rule 2)."""
    copied_to = {missed.centre for missed in state.missed if missed.centre}
    if state.route is None or state.route.centre in reader.centres or not copied_to & reader.centres:
        return ""
    return atlas.centre_name(state.route.centre, language())


def language() -> str:
    """Two letters of the reader's language."""
    return (get_language() or "en")[:2]


def steps_of(state: AlarmState) -> list[Step]:
    """Received, routed, and on until people are on the spot; closed at the end."""
    done = done_at_us(state)
    times_us = (
        (_("Received"), state.received_at_us),
        (_("Routed"), state.routed_at_us),
        *((str(STEPS[step]), done[step]) for step in WAY),
    )
    first_open = next((i for i, (_word, at_us) in enumerate(times_us) if not at_us), len(times_us))
    return [
        Step(word, at_us // 1000 if at_us else None, i == first_open)
        for i, (word, at_us) in enumerate(times_us)
    ]


def way_of(state: AlarmState, atlas: Atlas) -> Way:
    """Who is informed, who was sent, what comes next."""
    done = done_at_us(state)
    ahead = WAY[WAY.index(ZONE_CONFIRMED) : WAY.index(REPORTED)]
    next_step = next((step for step in ahead if not done[step]), "")
    moved = state.route is not None and state.lead_zone not in ("", state.route.zone)
    return Way(
        next_step=next_step,
        zone=atlas.zone_name(state.lead_zone, language()) if state.lead_zone else "",
        zone_reference=state.zone_reference,
        moved_to=atlas.zone_name(state.route.zone, language()) if moved and state.route else "",
        no_patrol=", ".join(atlas.zone_name(zone, language()) for zone in state.no_patrol),
        choices=tuple((zone, atlas.zone_name(zone, language())) for zone in zones_to_inform(state)),
    )


def notes_of(state: AlarmState) -> list[NoteLine]:
    """Notes, latest first."""
    by = titles(note.user for note in state.notes)
    return [NoteLine(by[note.user], note.text, note.at_us // 1000) for note in reversed(state.notes)]


def where_of(state: AlarmState, atlas: Atlas, centre: str) -> Where:
    """The position in words, with the neighbours' numbers that `centre` holds when it lies abroad."""
    route = state.route
    managing = atlas.zone_name(state.origin.managing_zone, language())
    if route is None:
        return Where(basis="none", zone="", managing_zone=managing)
    country = route.outside.removeprefix("abroad:") if route.outside.startswith("abroad:") else ""
    return Where(
        basis=route.basis,
        zone=atlas.zone_name(route.zone, language()),
        managing_zone=managing,
        shares=tuple(
            (atlas.zone_name(share.zone, language()), round(share.share * 100))
            for share in route.candidates
            if round(share.share * 100) > 0
        ),
        border_m=route.border_m,
        place=place_of(route),
        outside=route.outside.split(":")[0],
        country=str(COUNTRIES.get(country, country)),
        neighbours=tuple(neighbours_of(centre, country)) if country else (),
        **_fix(route),
    )


def _fix(route: Route) -> dict[str, Any]:
    position = route.position
    if position is None:
        return {}
    return {
        "accuracy_m": position.accuracy_m,
        "taken_at_ms": (route.position_at_us or 0) // 1000 or None,
        "coordinates": f"{position.lat_e7 / 1e7:.{_FINE}f}, {position.lon_e7 / 1e7:.{_FINE}f}",
    }


def map_of(state: AlarmState, bans: list[Ban]) -> dict[str, Any]:
    """What the map draws, as plain values: degrees, metres."""
    position = last_position(state)
    return {
        "alarm": state.alarm,
        "duress": state.duress,
        "position": position
        and {**_degrees(position.lat_e7, position.lon_e7), "accuracy": position.accuracy_m},
        "border": state.route.border_m if state.route else None,
        "outside": bool(state.route and state.route.outside),
        "old": bool(state.route and state.route.basis == "last known"),
        "trail": [_degrees(fix.position.lat_e7, fix.position.lon_e7) for fix in state.trail[-_TRAIL_SHOWN:]],
        "zone": state.route.zone if state.route else "",
        "touched": [share.zone for share in state.route.candidates] if state.route else [],
        "managing": state.origin.managing_zone,
        "bans": [
            {
                **_degrees(ban.area.lat_e7, ban.area.lon_e7),
                "radius": ban.area.radius_m,
                "kind": ban.kind,
                "where": ban.relation.where,
            }
            for ban in bans
        ],
    }


def _degrees(lat_e7: int, lon_e7: int) -> dict[str, float]:
    return {"lat": lat_e7 / 1e7, "lon": lon_e7 / 1e7}
