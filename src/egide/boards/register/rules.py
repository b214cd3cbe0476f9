"""Pure rules of the register: what its line says of an alarm, by which marks it is found, and who may read it."""

from collections.abc import Iterator

import msgspec

from egide.access.rules import SUPERVISOR, TEAM_PREFIX, Scope
from egide.alarm.changing import all_reports, all_teams
from egide.alarm.state import AlarmState
from egide.alarm.table_steps import SAID, STEP
from egide.boards.rules import may_read_timeline
from egide.common.folding import signs

# For how long after its closing an operator finds an alarm of their centre; whoever answers for a place finds all.
OPERATORS_S = 7 * 86_400
# In the place of an outcome, while there is none.
OPEN = "open"


class Units(msgspec.Struct, frozen=True):
    """The zone and the prosecutor's office that have the file of an alarm now; "" for none."""

    zone: str = ""
    office: str = ""


class Line(msgspec.Struct, frozen=True):
    """What a list says of one alarm. Times in microseconds since 1970, 0 where it did not happen.

    `there_at_us` is when a team was on the spot. `readers`: zones that led it, managed it or sent a team; `zone` and
    `centre` had it last. `report` is "", "due" or "done". What belongs to the person's file is looked up when
    it is shown.
    """

    received_at_us: int
    closed_at_us: int
    taken_at_us: int
    there_at_us: int
    zone: str
    centre: str
    centres: tuple[str, ...]
    readers: tuple[str, ...]
    outcome: str
    teams: tuple[str, ...]
    references: tuple[str, ...]
    report: str
    is_followed_up: bool
    presses: int
    duress: bool
    has_sound: bool
    units: Units


def line_of(state: AlarmState, units: Units) -> Line:
    """The line of an alarm as it stands."""
    lead, team = state.lead, state.team
    sent = [one.call_sign for one in all_teams(state)]
    wrote = [one.by.removeprefix(TEAM_PREFIX) for one in all_reports(state) if one.by.startswith(TEAM_PREFIX)]
    return Line(
        received_at_us=state.received_at_us,
        closed_at_us=state.closing.closed_at_us,
        taken_at_us=lead.first_acknowledged_at_us,
        there_at_us=STEP[SAID[-1]].done(state),
        zone=lead.zone or (lead.route.zone if lead.route else ""),
        centre=lead.centre or (lead.route.centre if lead.route else ""),
        centres=state.centres,
        readers=tuple(zone for zone in state.zones if may_read_timeline(zone, state)),
        outcome=state.closing.outcome or OPEN,
        teams=tuple(dict.fromkeys((*wrote, *sent))),
        references=(lead.zone_reference,) if lead.zone_reference else (),
        report="due" if state.awaits_report else "done" * bool(team.report),
        is_followed_up=bool(state.closing.followed_up_at_us),
        presses=state.press.presses,
        duress=state.press.duress,
        has_sound=bool(state.talk.sounds),
        units=units,
    )


def marks_of(line: Line) -> Iterator[str]:
    """Everything by which the alarm is found."""
    yield from (at_centre(centre) for centre in line.centres or ("",))
    yield from map(at_zone, line.readers)
    yield from (with_file(unit) for unit in (line.units.zone, line.units.office) if unit)
    yield led_by(line.zone)
    yield ended_as(line.outcome)
    yield from map(said_as, (*line.teams, *line.references))


def at_centre(centre: str) -> str:
    """It concerned this centre; "": none yet."""
    return f"centre {centre}"


def at_zone(zone: str) -> str:
    """This zone may read what happened."""
    return f"zone {zone}"


def with_file(unit: str) -> str:
    """The zone or office has the file."""
    return f"file {unit}"


def led_by(zone: str) -> str:
    """The zone led it."""
    return f"led {zone}"


def ended_as(outcome: str) -> str:
    """It has this outcome."""
    return f"outcome {outcome}"


def said_as(text: str) -> str:
    """A call sign or a reference, however it was typed."""
    return f"said {signs(text)}"


def rights_of(scope: Scope) -> list[str]:
    """The marks of everything that a reader may find."""
    unrouted = ("",) if scope.supervisor else ()
    return [
        *(at_centre(centre) for centre in (*sorted(scope.centres), *unrouted)),
        *map(at_zone, sorted(scope.zones)),
        *map(with_file, sorted(scope.zones | scope.offices)),
    ]


def may_read(scope: Scope, line: Line, now_us: int) -> bool:
    """Whether this reader may know of the alarm; a file that bars them is another question (safety rule 27).

    Supervisors read what concerned their centre, a zone what it led, managed or went to, and who has the file all of
    it. Operators read what is open, and for some days what was closed.
    """
    if has_file(scope, line) or not scope.zones.isdisjoint(line.readers):
        return True
    centres = frozenset(line.centres)
    if centres & scope.places(SUPERVISOR) or (not centres and scope.supervisor):
        return True
    is_recent = not line.closed_at_us or now_us - line.closed_at_us < OPERATORS_S * 1_000_000
    return is_recent and bool(centres & scope.centres)


def has_file(scope: Scope, line: Line) -> bool:
    """Whether the file of the alarm is this reader's own, alarm or no alarm."""
    return line.units.zone in scope.zones or line.units.office in scope.offices
