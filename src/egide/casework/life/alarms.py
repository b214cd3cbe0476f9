"""The alarms of a file, and what the person's own copy tells of them: when, how it ended, where the phone was."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.state import AlarmState
from egide.casework.file.facts import Area
from egide.casework.file.reading import File
from egide.casework.file.rules import INSIDE, TOUCHES, relate
from egide.common.sealing import UnsealError
from egide.journal.alarms import positions_of
from egide.journal.queries.general import alarms_of_case
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import journal
from egide.protocol.envelope import Position


@dataclass(frozen=True)
class OwnPosition:
    """Where the phone was, in degrees; `coordinates` are empty at a non-disclosed address, which stands on no copy."""

    at_us: int
    coordinates: str
    accuracy_m: int


@dataclass(frozen=True)
class OwnAlarm:
    """One alarm. `outcome` is empty while it is open; `pieces` are those of sound."""

    at_us: int
    closed_at_us: int
    outcome: str
    presses: int
    pieces: int
    positions: tuple[OwnPosition, ...]


def states_of(case_id: str) -> list[AlarmState]:
    """The alarms of a file as they stand, the latest first; what cannot be read is left out. Raises JournalError."""
    states = []
    for alarm in alarms_of_case(journal(), case_id):
        with suppress(KeyErased, UnsealError):
            states.append(journal().alarm(alarm))
    return [state for state in states if state is not None]


def own_alarms(file: File) -> Iterator[OwnAlarm]:
    """Those of the file, the latest first. Raises JournalError, KeyErased."""
    hidden = [place.facts.area for place in file.places if place.non_disclosed]
    for state in states_of(file.case.id):
        word, positions = state.closing.outcome, positions_of(journal().history(state.alarm))
        yield OwnAlarm(
            at_us=state.received_at_us,
            closed_at_us=state.closing.closed_at_us,
            outcome=gettext(OUTCOMES[word]) if word in OUTCOMES else word,
            presses=state.press.presses,
            pieces=len(state.talk.sounds),
            positions=tuple(_own(at_us, position, hidden) for at_us, position in positions),
        )


def _own(at_us: int, position: Position, hidden: list[Area]) -> OwnPosition:
    near = any(relate(area, position).where in (INSIDE, TOUCHES) for area in hidden)
    coordinates = f"{position.lat_e7 / 1e7:.5f}, {position.lon_e7 / 1e7:.5f}"
    return OwnPosition(at_us, "" if near else coordinates, position.accuracy_m)


def was_killed_in(case_id: str) -> bool:
    """Whether an alarm of the file was closed with somebody killed. Raises JournalError."""
    return any(state.closing.outcome == "killed" for state in states_of(case_id))
