"""Alarms, told again from the events of each stream."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from egide.alarm import events as a
from egide.events.base import Event
from egide.protocol.envelope import Trigger
from tests.evaluation.slow.asking import Keys, Member, Where
from tests.evaluation.slow.reading import Past, Told

NUISANCE = ("handling-error", "test", "technical")
TRIGGERS = {Trigger.BUTTON: "button", Trigger.SCREEN: "screen", Trigger.DURESS: "duress"}
PRESSES = (a.PressReceived, a.PressedAgain, a.PressConflicted)


class Alarm:
    """One alarm as it stands after all that was told of it."""

    def __init__(self, past: Past, told: list[Told]) -> None:
        events = [one.event for one in told]
        first = events[0]
        assert isinstance(first, a.FromPhone)
        self.case = first.case
        self.received: datetime = told[0].at
        self.trigger = self._trigger(events)
        self.outcome = self._outcome(events)
        self.zone = self._zone(events)
        self.centre = self._centre(events) or past.centre_of(self.zone)
        self.office = past.office_of(self.zone)
        kinds = {one.kind for one in told}
        self.went = bool(kinds & {"TeamUnderWay", "TeamOnSite", "TeamReported"})
        ends = [one for one in events if isinstance(one, a.AlarmClosed | a.TeamReported)]
        self.arrest = any(one.outcome == "arrest" for one in ends)
        self.seconds = {
            "seen": self._since(told, "ShownOnBoard"),
            "answered": self._since(told, "AlarmAcknowledged", "HandoverAccepted"),
            "confirmed": self._since(told, "ZoneConfirmed"),
            "under-way": self._since(told, "TeamUnderWay"),
            "on-site": self._since(told, "TeamOnSite"),
        }

    @staticmethod
    def _trigger(events: list[Event]) -> str:
        """A code under threat counts whenever it came; else what the first press tells."""
        for one in events:
            if isinstance(one, (*PRESSES, a.CancelReceived)) and one.trigger == Trigger.DURESS:
                return "duress"
        for one in events:
            if isinstance(one, PRESSES) and one.trigger in TRIGGERS:
                return TRIGGERS[Trigger(one.trigger)]
        return "unknown"

    @staticmethod
    def _outcome(events: list[Event]) -> str:
        """Of the last closing, unless a press or a call for help opened it again."""
        last = ""
        for one in events:
            if isinstance(one, a.AlarmClosed):
                last = one.outcome
            if isinstance(one, (*PRESSES, a.HelpNeeded)):
                last = ""
        return last

    @staticmethod
    def _zone(events: list[Event]) -> str:
        """The zone that led last; where none did, or a federal unit, the last one in which the position lay."""
        confirmed = [one.zone for one in events if isinstance(one, a.ZoneConfirmed)]
        if confirmed and confirmed[-1] != "federal":
            return confirmed[-1]
        routed = [one.route.zone for one in events if isinstance(one, a.AlarmRouted) and one.route.zone]
        return routed[-1] if routed else ""

    @staticmethod
    def _centre(events: list[Event]) -> str:
        """The centre that leads: the first that it was routed to, or the one that took it, or took it over."""
        leads = ""
        for one in events:
            if isinstance(one, a.AlarmRouted):
                leads = leads or one.route.centre
            if isinstance(one, a.AlarmAcknowledged):
                leads = one.centre or leads
            if isinstance(one, a.HandoverAccepted):
                leads = one.centre
        return leads

    def _since(self, told: list[Told], *kinds: str) -> float | None:
        """Seconds from the reception to the first moment at which this was so; never less than none."""
        moments = [
            one.at.astimezone(UTC) - timedelta(seconds=getattr(one.event, "age_s", 0))
            for one in told
            if one.kind in kinds
        ]
        # In UTC: local time has an hour twice a year that is there twice, or not at all.
        received = self.received.astimezone(UTC)
        return max(0.0, (min(moments) - received).total_seconds()) if moments else None


def alarms_of(past: Past) -> list[Alarm]:
    """Every stream that a message of a phone began as an alarm. Tests and control presses have other streams."""
    streams: dict[str, list[Told]] = {}
    for one in past.told:
        if one.stream.startswith("alarm:"):
            streams.setdefault(one.stream, []).append(one)
    return [Alarm(past, told) for told in streams.values()]


def _member(alarm: Alarm, own: Keys = (), yes: bool | None = None, number: float | None = None) -> Member:
    where = Where(alarm.zone, alarm.centre, alarm.office)
    return Member(where, alarm.received.date(), alarm.received.hour, own, yes, number)


def by_trigger(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        yield _member(one, own=(one.trigger,))


def by_outcome(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        yield _member(one, own=(one.outcome or "open",))


def causes(past: Past) -> Iterator[Member]:
    """`own` is the cause where one that is closed needed nobody; `yes` is known of closed ones only."""
    for one in alarms_of(past):
        is_nuisance = one.outcome in NUISANCE
        yield _member(
            one, own=(one.outcome if is_nuisance else "",), yes=is_nuisance if one.outcome else None
        )


def with_team(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        if one.went:
            yield _member(one)


def with_arrest(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        if one.arrest:
            yield _member(one)


def without_team(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        if not one.went:
            yield _member(one, own=(one.outcome or "open",))


def steps(past: Past) -> Iterator[Member]:
    """The seconds of each step, a started second counted whole; what teams do only where one went."""
    for one in alarms_of(past):
        for step, seconds in one.seconds.items():
            if step != "answered" and (one.went or step in ("seen", "confirmed")):
                yield _member(one, own=(step,), number=None if seconds is None else math.ceil(seconds))


def answers(past: Past) -> Iterator[Member]:
    """The seconds until somebody took it first."""
    for one in alarms_of(past):
        seconds = one.seconds["answered"]
        yield _member(one, number=None if seconds is None else math.ceil(seconds))


def on_site_within(past: Past, minutes: int) -> Iterator[Member]:
    for one in alarms_of(past):
        if one.went:
            arrived = one.seconds["on-site"]
            yield _member(one, yes=None if arrived is None else arrived <= minutes * 60)


def arrivals(past: Past) -> Iterator[Member]:
    for one in alarms_of(past):
        arrived = one.seconds["on-site"]
        if one.went and arrived is not None:
            yield _member(one, number=math.ceil(arrived))
