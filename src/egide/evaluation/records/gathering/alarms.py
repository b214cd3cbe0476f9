"""Folds the events of each alarm into one row: how it began and ended, and the first moment of each step."""

from typing import Any

from egide.alarm.events import FEDERAL, steps
from egide.alarm.table import ROWS, TELLING
from egide.alarm.undoing import UNDO_S
from egide.evaluation.records import needs as n
from egide.evaluation.records.gathering.taking import Taking, takes
from egide.protocol.envelope import Trigger

_TRIGGERS = {Trigger.BUTTON: "button", Trigger.SCREEN: "screen", Trigger.DURESS: "duress"}
_PRESSES = ("PressReceived", "PressedAgain", "PressConflicted", "SourcePressed")
_REMEMBERED = 200


class Alarm:
    """One alarm so far; moments in microseconds, 0 for what has not happened."""

    __slots__ = (
        "case",
        "centre",
        "closings",
        "lead_zone",
        "managing_zone",
        "opened",
        "outcome",
        "presses",
        "reports",
        "taken",
        "trigger",
        "went",
        "zone",
    )

    def __init__(self, case: str, opened: int, managing_zone: str) -> None:
        self.case = case
        self.opened = opened
        self.managing_zone = managing_zone
        self.trigger = "unknown"
        self.centre = self.zone = self.lead_zone = self.outcome = ""
        self.presses = 0
        self.went = False
        # How it ended, each time, and what was reported.
        self.closings: tuple[str, ...] = ()
        self.reports: tuple[str, ...] = ()
        self.taken: dict[str, int] = {}

    def note(self, step: str, at_us: int) -> None:
        """A step was taken; the first time counts."""
        self.taken.setdefault(step, at_us)

    @property
    def arrest(self) -> bool:
        return "arrest" in (*self.reports, *self.closings)

    def said(self) -> tuple[Any, ...]:
        """All that a step changes."""
        return dict(self.taken), self.centre, self.lead_zone, self.outcome, self.closings, self.went

    def put_back(self, said: tuple[Any, ...]) -> None:
        self.taken, self.centre, self.lead_zone, self.outcome, self.closings, self.went = said


class Alarms(Taking):
    """All alarms of the journal. Steps count once, when they were first taken, also when an alarm was opened again."""

    def __init__(self) -> None:
        self.all: dict[str, Alarm] = {}
        # What was last said of an alarm, when, and how it stood before: it may be taken back at once.
        self.before: dict[str, tuple[str, int, tuple[Any, ...]]] = {}

    def _remember(self, stream: str, at_us: int, kind: str) -> None:
        if len(self.before) >= _REMEMBERED:
            since_us = at_us - UNDO_S * 1_000_000
            self.before = {one: said for one, said in self.before.items() if said[1] >= since_us}
        self.before[stream] = kind, at_us, self.all[stream].said()

    @takes(*_PRESSES, "CancelReceived")
    def message(self, stream: str, at_us: int, kind: str, event: n.FromPhone | n.FromSource) -> None:
        found = self.all.get(stream)
        if found is None:
            if event.origin is None:
                return
            found = self.all[stream] = Alarm(event.case, at_us, event.origin.managing_zone)
        if kind in _PRESSES:
            found.presses += 1
            # A press after the closing opens it again.
            found.outcome = ""
        if event.trigger == Trigger.DURESS or (found.trigger == "unknown" and kind in _PRESSES):
            found.trigger = _TRIGGERS.get(Trigger(event.trigger or 0), "unknown")

    @takes("PositionReceived", "TextReceived", "AudioReceived", "NoticeReceived")
    def opener(self, stream: str, at_us: int, kind: str, event: n.FromPhone) -> None:
        if event.origin is not None and stream not in self.all:
            self.all[stream] = Alarm(event.case, at_us, event.origin.managing_zone)

    @takes("AlarmRouted")
    def routed(self, stream: str, at_us: int, kind: str, event: n.AlarmRouted) -> None:
        found = self.all.get(stream)
        if found is not None:
            found.zone = event.route.zone or found.zone
            found.centre = found.centre or event.route.centre

    @takes("ShownOnBoard")
    def shown(self, stream: str, at_us: int, kind: str, event: n.ShownOnBoard) -> None:
        found = self.all.get(stream)
        if found is not None:
            found.note(steps.SHOWN, at_us)

    @takes("AlarmAcknowledged")
    def acknowledged(self, stream: str, at_us: int, kind: str, event: n.AlarmAcknowledged) -> None:
        found = self.all.get(stream)
        if found is not None:
            self._remember(stream, at_us, kind)
            found.note(steps.ACKNOWLEDGED, at_us)
            found.centre = event.centre or found.centre

    @takes("HandoverAccepted")
    def handed_over(self, stream: str, at_us: int, kind: str, event: n.HandoverAccepted) -> None:
        found = self.all.get(stream)
        if found is not None:
            found.centre = event.centre
            found.note(steps.ACKNOWLEDGED, at_us)

    @takes("ZoneConfirmed")
    def confirmed(self, stream: str, at_us: int, kind: str, event: n.ZoneConfirmed) -> None:
        found = self.all.get(stream)
        if found is not None:
            self._remember(stream, at_us, kind)
            found.note(steps.ZONE_CONFIRMED, at_us)
            found.lead_zone = "" if event.zone == FEDERAL else event.zone

    @takes(*TELLING)
    def told(self, stream: str, at_us: int, kind: str, event: n.StepReported | n.Corrected) -> None:
        found = self.all.get(stream)
        if found is None:
            return
        self._remember(stream, at_us, kind)
        if isinstance(event, n.Corrected):
            # What was said wrong, put right: that moment counts.
            found.taken[event.step] = event.was_at_us
            return
        step = TELLING[kind]
        found.went = True
        found.taken[step] = _earlier(found.taken.get(step, 0), at_us - event.age_s * 1_000_000)

    @takes("TeamReported")
    def reported(self, stream: str, at_us: int, kind: str, event: n.Reported) -> None:
        found = self.all.get(stream)
        if found is not None:
            found.went = True
            found.reports = (*(found.reports[:-1] if event.again else found.reports), event.outcome)

    @takes("AlarmClosed")
    def closed(self, stream: str, at_us: int, kind: str, event: n.Closed) -> None:
        found = self.all.get(stream)
        if found is not None:
            self._remember(stream, at_us, kind)
            found.outcome = event.outcome
            found.closings = (*found.closings, event.outcome)

    @takes("StepUndone")
    def undone(self, stream: str, at_us: int, kind: str, event: n.Undone) -> None:
        """It counts as never said."""
        undone, _at_us, said = self.before.get(stream, ("", 0, ()))
        if undone == event.undone:
            self.all[stream].put_back(said)

    @takes("HelpNeeded")
    def help_needed(self, stream: str, at_us: int, kind: str, event: n.HelpNeeded) -> None:
        found = self.all.get(stream)
        if found is not None:
            found.outcome = ""

    def columns(self) -> dict[str, list[object]]:
        """The rows as columns; moments still in microseconds."""
        every = list(self.all.values())
        return {
            "case": [alarm.case for alarm in every],
            "opened": [alarm.opened for alarm in every],
            # The zone that led; else the one of the position.
            "zone": [alarm.lead_zone or alarm.zone for alarm in every],
            "centre": [alarm.centre for alarm in every],
            "managing_zone": [alarm.managing_zone for alarm in every],
            "trigger": [alarm.trigger for alarm in every],
            "outcome": [alarm.outcome or None for alarm in every],
            "presses": [alarm.presses for alarm in every],
            "went": [alarm.went for alarm in every],
            "arrest": [alarm.arrest for alarm in every],
            **{
                f"{row.record}_s": [_seconds(alarm.opened, alarm.taken.get(row.name, 0)) for alarm in every]
                for row in ROWS
                if row.record
            },
        }


def _earlier(known_us: int, at_us: int) -> int:
    """A later report may be of an earlier moment: a team's phone without a network sends it once it has one again."""
    return min(known_us, at_us) if known_us else at_us


def _seconds(since_us: int, at_us: int) -> int | None:
    """Seconds between, a started one counted whole: 600.2 s are not within ten minutes."""
    return -((since_us - at_us) // 1_000_000) if at_us else None
