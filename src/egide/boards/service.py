"""The face of this package: the briefing of an open alarm, and the record that somebody read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from egide.access.readings.page_views import is_of_view, view_mark
from egide.access.registries.barring import files_that_bar
from egide.access.registries.neighbours import neighbours_of
from egide.access.rules import SUPERVISOR, Scope
from egide.alarm.events.steps import BY_OPERATOR, BY_ZONE, is_unrouted_too_long
from egide.alarm.leading import LEADING, MANAGING, NEIGHBOURING, role_of
from egide.alarm.rows import DESK, Given, NotShown, Speaker
from egide.alarm.rules import last_position as last_position
from egide.alarm.state import AlarmState
from egide.alarm.table import COMMAND, decide
from egide.boards.geography import atlas
from egide.boards.spool import empty_spool, spool
from egide.casework import service as casework
from egide.casework.file import rules as rules_of_files
from egide.casework.file.facts import Area, MeasureFacts, PerpetratorFacts, PlaceFacts
from egide.casework.file.facts import Sourced as Sourced
from egide.casework.file.facts import WeaponFacts as WeaponFacts
from egide.common.sealing import UnsealError
from egide.events.base import Event
from egide.events.register import FileOpened, SoundTested
from egide.journal.errors import JournalError
from egide.journal.queries.general import files_in_alarm
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry
from egide.outbox.days import today
from egide.outbox.service import clock, journal
from egide.protocol.envelope import Position

# How long closed alarms are listed; by its number an alarm can be opened later too.
CLOSED_SHOWN_S = 7 * 86_400
# Nothing that names a street is read out so near a non-disclosed address.
_HUSHED_M = 200
_NEAR = (rules_of_files.INSIDE, rules_of_files.TOUCHES)


class NotForYou(LookupError):
    """There is no such alarm within the reader's scope."""


@dataclass(frozen=True)
class Held:
    """A measure, and how the position lies towards its area."""

    facts: MeasureFacts
    in_force: bool
    relation: rules_of_files.Relation | None


@dataclass(frozen=True)
class Aged:
    """Somebody of the file with completed years of age, None when the birth date is not known."""

    facts: PerpetratorFacts
    age: int | None
    has_photo: bool = False


@dataclass(frozen=True)
class Briefing:
    """What is read on the way, in the order of reading: weapons first. `view_mark` goes into the photos' addresses;
    `papers` are those of the file that are handed to its team."""

    file: casework.FileContent
    age: int
    perpetrators: tuple[Aged, ...]
    child_ages: tuple[int, ...]
    measures: tuple[Held, ...]
    places: tuple[PlaceFacts, ...]
    hides_address: bool
    view_mark: str = ""
    papers: tuple[casework.HandedPaper, ...] = ()


@dataclass(frozen=True)
class Ban:
    """A measure with an area in force, for the map and the line under it."""

    kind: str
    starts: date
    area: Area
    relation: rules_of_files.Relation


@dataclass(frozen=True)
class AtPlace:
    """A kind of place of the file in which the position lies, or may lie where it `is_sure` not."""

    kind: str
    is_sure: bool


@dataclass(frozen=True)
class Ground:
    """Measures in force that have an area, held against the latest position; the places of the file that may be told,
    and at which kinds of them it is; whether an address is kept back because the alarm does not come from there."""

    bans: list[Ban]
    at: list[AtPlace]
    places: tuple[PlaceFacts, ...]
    hides_address: bool


# Where no file can be read, or none may be.
NO_GROUND = Ground([], [], (), hides_address=False)


def alarm_in_scope(scope: Scope, alarm: str) -> AlarmState | None:
    """The alarm if it exists and `scope` covers it; otherwise None, whatever the cause."""
    found = alarms_in_scope(scope, [alarm])
    return found[0] if found else None


def alarms_in_scope(scope: Scope, wanted: Sequence[str]) -> list[AlarmState]:
    """Those of `wanted` that exist and that `scope` covers, in their order. A file that bars its reader gives none."""
    states = [state for state in journal().last_known_alarms(wanted) if covers(scope, state)]
    barred = files_that_bar(scope) if states else frozenset()
    return [state for state in states if state.case not in barred]


def covers(scope: Scope, state: AlarmState) -> bool:
    """Whether the alarm concerns this reader; a file that bars them is another question."""
    routed = state.lead.route is not None
    is_late = not routed and is_unrouted_too_long(state.opened_at_us, clock().now_us())
    return scope.covers(
        state.centres,
        state.zones,
        routed=routed,
        alarm=state.alarm,
        stand_in=state.origin.home_centre if is_late else "",
    )


def open_alarms(scope: Scope) -> list[AlarmState]:
    """All open alarms that `scope` covers, oldest first."""
    # What has no route yet concerns no centre, every supervisor, and after a while its home centre.
    # Only a few alarms concern a zone: the fold of each says whether it does.
    everywhere = scope.supervisor or bool(scope.zones)
    concerned = journal().open_alarms(None if everywhere else sorted(scope.centres))
    return open_of(scope, concerned)


def open_of(scope: Scope, wanted: Sequence[str]) -> list[AlarmState]:
    """Those of `wanted` that are open and that `scope` covers, in their order."""
    return [state for state in alarms_in_scope(scope, wanted) if state.is_open]


def open_alarms_of_files(scope: Scope) -> list[AlarmState]:
    """Open alarms of files of this reader's zones and offices that do not bar them, oldest first."""
    in_alarm = files_in_alarm(journal())
    mine = casework.numbers_seen_by(scope, in_alarm.values()) if in_alarm else {}
    wanted = [alarm for alarm, case in in_alarm.items() if case in mine]
    return [state for state in journal().last_known_alarms(wanted) if state.is_open]


def zone_of(scope: Scope, state: AlarmState) -> str:
    """The one of their zones for which an officer looks at an alarm: it leads, else manages; "" for none."""
    order = (LEADING, MANAGING, NEIGHBOURING)
    mine = sorted(scope.zones.intersection(state.zones))
    return min(mine, key=lambda zone: order.index(role_of(zone, state)), default="")


def closed_alarms(scope: Scope) -> list[AlarmState]:
    """The alarms of the last days that `scope` covers, the one that was closed last first."""
    since_us = clock().now_us() - CLOSED_SHOWN_S * 1_000_000
    return alarms_in_scope(scope, journal().closed_since(since_us))


def zone_query(scope: Scope, zone: str) -> str:
    """The end of the address of the zone's page: it says which of several zones is meant."""
    return f"?zone={zone}" if len(scope.zones) > 1 and zone else ""


def names_of(states: list[AlarmState]) -> dict[str, str]:
    """The protected person's name by case, for the rows of a board."""
    return casework.names_of([state.case for state in states])


def barring_cases() -> frozenset[str]:
    """The files that bar anybody at all (safety rule 27)."""
    return casework.that_bar_anybody()


def ground_of(state: AlarmState) -> Ground:
    """What the file says of where the alarm comes from; nothing when it cannot be read."""
    try:
        measures, places = casework.measures_of(state.case), casework.places_of(state.case)
    except (KeyErased, UnsealError):
        return NO_GROUND
    now, position = today(), last_position(state)
    told, hidden = _told(places, position), _hidden(places, position)
    bans = [
        Ban(measure.kind, measure.starts, area, rules_of_files.relate(area, position))
        for measure in measures
        if rules_of_files.is_in_force(measure, now)
        for area in rules_of_files.areas_of(measure)
        # A circle around a non-disclosed address would show it, on the map and by its distance.
        if not rules_of_files.gives_away(area, hidden)
    ]
    return Ground(bans, _at(told, position), told, hides_address=len(told) < len(places))


def _at(places: tuple[PlaceFacts, ...], position: Position | None) -> list[AtPlace]:
    """Each kind once: where one place of it is sure, that one."""
    relations = [(place.kind, rules_of_files.relate(place.area, position).where) for place in places]
    kinds = dict.fromkeys(kind for kind, where in relations if where in _NEAR)
    return [AtPlace(kind, is_sure=(kind, rules_of_files.INSIDE) in relations) for kind in kinds]


def disclosed_address(briefing: Briefing, state: AlarmState) -> str:
    """The address in which the position certainly lies; empty for a non-disclosed one, and when there is none."""
    position = last_position(state)
    for place in briefing.file.places:
        inside = rules_of_files.relate(place.facts.area, position).where == rules_of_files.INSIDE
        if inside and not place.non_disclosed:
            return place.facts.address
    return ""


def is_hushed(briefing: Briefing, position: Position) -> bool:
    """Whether the street there would say over the air where a non-disclosed address is."""
    return any(
        rules_of_files.relate(place.facts.area, position).gap_m <= _HUSHED_M
        for place in briefing.file.places
        if place.non_disclosed
    )


def read_briefing(scope: Scope, state: AlarmState) -> Briefing | None:
    """The briefing of an alarm, None where no file can be read. That it was read is recorded before it is returned.

    With the journal down the reading is spooled and the briefing still shows.
    """
    try:
        file = casework.read_content(state.case)
        papers = casework.handed_papers(state.case, file.places) if state.is_open else ()
        _record(FileOpened(case=state.case, user=scope.user, alarm=state.alarm), scope)
    except (casework.NoSuchFile, KeyErased, UnsealError):
        return None
    briefing = brief(file, last_position(state), today())
    return replace(briefing, view_mark=view_mark(scope.user, state.case), papers=papers)


def brief(file: casework.FileContent, position: Position | None, day: date) -> Briefing:
    """The file as a briefing, seen from `position` on `day`."""
    open_places, hidden = _told(file.places, position), _hidden(file.places, position)
    file = casework.without_words_of(
        file, (place.facts for place in file.places if place.facts not in open_places)
    )
    return Briefing(
        file=file,
        age=rules_of_files.age_years(file.beneficiary.born, day),
        perpetrators=tuple(
            Aged(who, rules_of_files.age_years(who.born, day) if who.born else None, file.has_photo(number))
            for number, who in enumerate(file.perpetrators)
        ),
        child_ages=tuple(sorted(rules_of_files.age_years(child.born, day) for child in file.children)),
        measures=tuple(
            Held(
                measure,
                rules_of_files.is_in_force(measure, day),
                rules_of_files.closest(
                    (
                        area
                        for area in rules_of_files.areas_of(measure)
                        if not rules_of_files.gives_away(area, hidden)
                    ),
                    position,
                ),
            )
            for measure in file.measures
        ),
        places=open_places,
        hides_address=len(open_places) < len(file.places),
    )


def speaker_of(scope: Scope, page: str) -> Speaker:
    """The reader as somebody who says something on the desk's page or a zone's. What is typed at the desk is the
    operator's word (safety rule 39)."""
    return Speaker(
        page=page,
        by=scope.user,
        told=BY_OPERATOR if page == DESK else BY_ZONE,
        zone=scope.zone,
        centres=scope.centres,
        supervises=scope.places(SUPERVISOR),
    )


def do_command(
    scope: Scope, alarm: str, name: str, speaker: Speaker, fields: Mapping[str, str]
) -> AlarmState:
    """What the table says of the command `name`. Raises NotForYou, Refused."""
    given = Given(speaker, clock().now_us(), _existing(name, fields, speaker))
    try:
        return do_decide(scope, alarm, partial(decide, name=name, given=given))
    except NotShown as error:
        raise NotForYou(alarm) from error


def _existing(name: str, fields: Mapping[str, str], speaker: Speaker) -> Mapping[str, str]:
    """The fields without a centre that does not exist, and without a control room that is none for this speaker."""
    unknown = {
        asked.name
        for asked in COMMAND[name].asks
        if (asked.kind == "centre" and fields.get(asked.name) not in atlas().centres)
        or (asked.kind == "neighbour" and fields.get(asked.name) not in neighbours_of(speaker.centres))
    }
    return {field: text for field, text in fields.items() if field not in unknown}


def do_decide(scope: Scope, alarm: str, decided: Callable[[AlarmState], Sequence[Event]]) -> AlarmState:
    """Write what `decided` says of an alarm of this scope; the alarm after it. Raises NotForYou, and what it raises."""
    check_alarm(scope, alarm)
    journal().decide(alarm, decided)
    return check_alarm(scope, alarm)


def check_alarm(scope: Scope, alarm: str) -> AlarmState:
    """One alarm. Raises NotForYou."""
    state = alarm_in_scope(scope, alarm)
    if state is None:
        raise NotForYou(alarm)
    return state


def do_report_sound(scope: Scope, place: str) -> None:
    """The reader heard the test sound of the board of this centre or zone."""
    entry = Entry(
        stream=f"board:{place}",
        event=SoundTested(user=scope.user),
        centres=sorted(scope.centres),
        zones=sorted(scope.zones),
    )
    journal().append([entry])


def _told(places: tuple[casework.PlaceInFile, ...], position: Position | None) -> tuple[PlaceFacts, ...]:
    """The places that may be named: a non-disclosed one only when the position may lie in it."""
    return tuple(
        place.facts
        for place in places
        if not place.non_disclosed or rules_of_files.relate(place.facts.area, position).where in _NEAR
    )


def _hidden(places: tuple[casework.PlaceInFile, ...], position: Position | None) -> list[Area]:
    """Where the places lie that may not be named."""
    told = _told(places, position)
    return [place.facts.area for place in places if place.facts not in told]


def read_photo(scope: Scope, state: AlarmState, number: str, view: str) -> bytes:
    """The photo of a perpetrator of the file. Raises NotForYou.

    That it was opened is recorded, unless `view` is the mark of a briefing that this reader has just opened.
    """
    try:
        photo = casework.perpetrator_photo(state.case, int(number) if number.isdecimal() else -1)
    except (casework.NoSuchPaper, KeyErased, UnsealError, ValueError) as error:
        raise NotForYou(number) from error
    if not is_of_view(view, scope.user, state.case):
        _record(FileOpened(case=state.case, user=scope.user, alarm=state.alarm), scope)
    return photo


def read_paper(scope: Scope, state: AlarmState, paper: str) -> tuple[str, bytes]:
    """(media type, bytes) of a paper that is handed to the team, while the alarm is open. Raises NotForYou.

    That it was opened is recorded.
    """
    if not state.is_open:
        raise NotForYou(paper)
    try:
        found = casework.read_handed(state.case, paper)
    except (casework.NoSuchPaper, KeyErased, UnsealError) as error:
        raise NotForYou(paper) from error
    _record(FileOpened(case=state.case, user=scope.user, alarm=state.alarm), scope)
    return found


def _record(reading: FileOpened, scope: Scope) -> None:
    try:
        empty_spool(journal())
        entry = Entry(
            stream=f"case:{reading.case}", event=reading, case=reading.case, centres=sorted(scope.centres)
        )
        journal().append([entry])
    except JournalError:
        spool(reading, clock().now_us())
