"""The change of a shift: what stands at a centre, handed over by one person, taken over by another; and the log of it.

A handover is an event with what stood then, as the system knew it; nobody types what the boards show.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from egide.access.rules import Scope
from egide.access.service import titles
from egide.boards import service as boards
from egide.boards.shown.alarm import ShownAlarm, shown_of
from egide.boards.shown.words import Words
from egide.events.shifts import ShiftHandedOver, ShiftTakenOver
from egide.journal.errors import VersionConflict
from egide.journal.now.signs import Signs
from egide.journal.service import Entry
from egide.outbox.service import clock, journal

REFUSALS: Words = {
    "own-shift": _("Somebody else takes over what you handed over."),
    "shift-taken": _("Somebody has taken this shift over already."),
    "shift-moved": _("Something was signed meanwhile: read the sheet again."),
    "shift-long": _("Too long: 2,000 letters at most."),
}
# Three a day, for three weeks.
LISTED = 120
LONGEST = 2000


class ShiftRefused(Exception):
    """It was not signed; `why` is a word of `REFUSALS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Sheet:
    """What stands at a centre now: open alarms, closed ones whose report is due, kinds of trouble that watch found."""

    open: list[ShownAlarm]
    waiting: list[ShownAlarm]
    troubles: list[str]


@dataclass(frozen=True)
class Handover:
    """One of the log; `taken_by` is empty while nobody has taken the shift over. Names are titles."""

    version: int
    user: str
    by: str
    at_us: int
    event: ShiftHandedOver
    taken_by: str = ""
    taken_at_us: int = 0


@dataclass
class _Log:
    handed: dict[int, tuple[int, ShiftHandedOver]] = field(default_factory=dict)
    taken: dict[int, tuple[int, ShiftTakenOver]] = field(default_factory=dict)
    version: int = 0


def sheet_of(scope: Scope, centre: str) -> Sheet:
    """For a centre of this reader."""
    running = [state for state in boards.open_alarms(scope) if centre in state.centres]
    closed = [
        state for state in boards.closed_alarms(scope) if centre in state.centres and state.awaits_report
    ]
    troubles = [trouble.kind for trouble in Signs(settings.EGIDE, clock()).troubles()]
    return Sheet(shown_of(running), shown_of(closed), sorted(set(troubles)))


def log_of(centre: str) -> list[Handover]:
    """What was handed over lately, the latest first."""
    log = _read(centre)
    people = titles(
        [event.user for _at, event in log.handed.values()] + [event.user for _at, event in log.taken.values()]
    )
    found = []
    for version, (at_us, event) in sorted(log.handed.items(), reverse=True):
        taken_us, taken = log.taken.get(version, (0, None))
        by = people[taken.user] if taken else ""
        found.append(Handover(version, event.user, people[event.user], at_us, event, by, taken_us))
    return found


def do_hand_over(scope: Scope, centre: str, note: str) -> None:
    """Sign the sheet as it stands now. Raises ShiftRefused, JournalError."""
    text = note.strip()
    if len(text) > LONGEST:
        raise ShiftRefused("shift-long")
    sheet = sheet_of(scope, centre)
    event = ShiftHandedOver(
        user=scope.user,
        centre=centre,
        note=text,
        open=tuple(one.state.alarm for one in sheet.open),
        waiting=tuple(one.state.alarm for one in sheet.waiting),
        troubles=tuple(sheet.troubles),
    )
    _append(centre, event)


def do_take_over(scope: Scope, centre: str, version: int) -> None:
    """Sign what somebody else handed over, once. Raises ShiftRefused, LookupError, JournalError."""
    log = _read(centre)
    if version not in log.handed:
        raise LookupError(f"nothing was handed over as {version}")
    by = log.handed[version][1].user
    if by == scope.user:
        raise ShiftRefused("own-shift")
    if version in log.taken:
        raise ShiftRefused("shift-taken")
    try:
        _append(centre, ShiftTakenOver(user=scope.user, centre=centre, handed=version), expected=log.version)
    except VersionConflict as error:
        raise ShiftRefused("shift-moved") from error


def _append(centre: str, event: ShiftHandedOver | ShiftTakenOver, expected: int | None = None) -> None:
    entry = Entry(stream=_stream(centre), event=event, centres=[centre], expected=expected)
    journal().append([entry])


def _read(centre: str) -> _Log:
    stream, log = _stream(centre), _Log()
    log.version = journal().versions([stream])[stream]
    for row in journal().stream(stream, after_version=max(0, log.version - LISTED)):
        event = journal().open_event(row)
        if isinstance(event, ShiftHandedOver):
            log.handed[row.version] = row.at_us, event
        elif isinstance(event, ShiftTakenOver):
            log.taken[event.handed] = row.at_us, event
    return log


def _stream(centre: str) -> str:
    return f"shift:{centre}"
