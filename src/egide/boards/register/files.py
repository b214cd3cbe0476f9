"""What the register knows of files: who has one, whose name stands in it, and that somebody read of it."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from egide.access.rules import Scope
from egide.alarm.state import AlarmState
from egide.boards.register.rules import Units
from egide.casework import service as casework
from egide.casework.service import Frame as Frame
from egide.casework.service import NoSuchFile as NoSuchFile
from egide.events.register import FileOpened
from egide.journal.service import Entry
from egide.outbox.service import journal


def units_of(cases: Collection[str]) -> dict[str, Units]:
    """The zone and the office that have each of these files now."""
    return {case: Units(*units) for case, units in casework.units_of(cases).items()}


def named(scope: Scope, text: str) -> Iterator[str]:
    """Files in which this name stands. For who works at a centre all that do not bar them: they are shown, and counted,
    as far as they have an alarm that concerned it."""
    return casework.cases_named(scope, text, of_any=scope.has_desk)


def names_of(cases: Collection[str]) -> dict[str, str]:
    """The protected person's name by file, where it can be read."""
    return casework.names_of(list(cases))


def do_record(scope: Scope, state: AlarmState, why: str = "") -> None:
    """Somebody reads what happened in an alarm: an event before the page leaves. `why` is said at the server's console,
    and goes to the zone that has the file (safety rule 41). Raises JournalError."""
    units = units_of([state.case]).get(state.case, Units())
    event = FileOpened(case=state.case, user=scope.user, alarm=state.alarm, why=why, managing_zone=units.zone)
    entry = Entry(
        stream=f"case:{state.case}",
        event=event,
        case=state.case,
        centres=sorted(scope.centres),
        zones=(units.zone,) if why and units.zone else (),
    )
    journal().append([entry])


def frame_of(case: str) -> Frame:
    """What a paper about the alarm needs of its file. Raises NoSuchFile, KeyErased."""
    return casework.frame_of(case)


def blackened(data: dict[str, Any], pattern: re.Pattern[str] | None) -> dict[str, Any]:
    """The same without the words that `pattern` finds."""
    return casework.blacken(data, pattern)


def printed(data: dict[str, Any], pattern: re.Pattern[str] | None) -> bytes:
    """A PDF in the layout of a file's documents, without the words that `pattern` finds."""
    return casework.printed(casework.blacken(data, pattern))
