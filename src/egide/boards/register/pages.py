"""What the page of one alarm shows: its way on the map with time, its sound, who read it, what may be taken out."""

from dataclasses import dataclass
from typing import Any

import msgspec

from egide.access.registries.barring import files_that_bar
from egide.access.rules import MAGISTRATE, SUPERVISOR, Scope
from egide.alarm.leading import leads
from egide.alarm.state import AlarmState
from egide.boards import service
from egide.boards.geography import address_near, crossing_near, point_near
from egide.boards.recordings import recordings_of
from egide.boards.register import files
from egide.boards.register.rules import Line, Units, has_file, line_of, may_read
from egide.boards.service import NotForYou
from egide.boards.shown.map import circle, map_of
from egide.boards.shown.words import language
from egide.journal.alarms import Happened, positions_of
from egide.outbox.service import clock, journal
from egide.protocol.envelope import Position


@dataclass(frozen=True)
class Opened:
    """An alarm that this reader may read, and what the register says of it."""

    state: AlarmState
    line: Line


@dataclass(frozen=True)
class Sound:
    """The recordings of an alarm by their pieces; whether this reader may hear them, and take them out; whether a
    magistrate has to keep them first."""

    recordings: tuple[int, ...]
    may_hear: bool
    may_export: bool
    is_to_keep: bool


def opened(scope: Scope, alarm: str) -> Opened:
    """Raises NotForYou for an alarm that this reader may not read, or that there is none of."""
    state = journal().last_known_alarm(alarm)
    if state is None or state.case in files_that_bar(scope):
        raise NotForYou(alarm)
    line = line_of(state, files.units_of([state.case]).get(state.case, Units()))
    if not may_read(scope, line, clock().now_us()):
        raise NotForYou(alarm)
    return Opened(state, line)


def sound_of(scope: Scope, alarm: Opened) -> Sound:
    """The centre that led hears it, its supervisors take it out. A magistrate of the office that has the file does both
    with what was heard or kept: what nobody heard goes after some days unless they keep it (safety rule 23)."""
    state, talk = alarm.state, alarm.state.talk
    at_centre = leads(state, scope.centres) and bool(scope.centres.intersection(state.centres))
    is_magistrate = scope.holds(MAGISTRATE, alarm.line.units.office)
    stays = bool(talk.sound_heard_at_us or talk.sound_exported_at_us or talk.sound_kept_at_us)
    supervises = at_centre and bool(scope.places(SUPERVISOR).intersection(state.centres))
    return Sound(
        recordings=tuple(len(recording.pieces) for recording in recordings_of(state)),
        may_hear=at_centre or (is_magistrate and stays),
        may_export=supervises or (is_magistrate and stays),
        is_to_keep=is_magistrate and not stays,
    )


def way_of(scope: Scope, alarm: Opened, history: list[Happened]) -> dict[str, Any]:
    """What `register/way.js` draws: degrees, metres, and times in milliseconds. Bans and places stand in the file: they
    are drawn for who has it, and while the alarm is open."""
    state = alarm.state
    ground = service.ground_of(state) if state.is_open or has_file(scope, alarm.line) else service.NO_GROUND
    return map_of(state, ground) | {
        "trail": [],
        "way": [
            {**(circle(position) or {}), "at": at_us // 1000} for at_us, position in positions_of(history)
        ],
    }


def near(position: Position) -> str:
    """What stands near a position, in one line; "" where nothing is known."""
    address = address_near(position, language())
    found = (
        address.text if address else "",
        crossing_near(position, language()),
        point_near(position, language()),
    )
    return " · ".join(filter(None, found))


def encoded(value: dict[str, Any]) -> str:
    """As a page carries it."""
    return msgspec.json.encode(value).decode()
