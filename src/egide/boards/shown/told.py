"""What people wrote about an alarm: notes, the report of the team, the closing. And what dispatch systems were told
of it and say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from egide.alarm import events as a
from egide.alarm.changing import all_reports
from egide.alarm.state import AlarmState, TeamReport
from egide.boards.shown.words import OUTCOMES, Words

# How far a unit of theirs is.
UNITS: Words = {
    a.UNIT_ASSIGNED: _("sent there"),
    a.UNIT_UNDER_WAY: _("under way there"),
    a.UNIT_ARRIVED: _("on the spot"),
    a.UNIT_FREE: _("free again"),
}

_ABOUT: Words = {
    a.RAISED: _("alarm raised"),
    a.ENDED: _("alarm closed"),
    a.RELEASED: _("team no longer sent"),
}


@dataclass(frozen=True)
class Note:
    """A note with its author's title."""

    by: str
    text: str
    at_ms: int
    for_team: bool


@dataclass(frozen=True)
class ShownReport:
    """What the team, or its zone, wrote. `word` is the outcome's word in the journal."""

    by: str
    word: str
    outcome: str
    text: str
    at_us: int

    @property
    def at_ms(self) -> int:
        return self.at_us // 1000


@dataclass(frozen=True)
class Closing:
    """Who ended the alarm, with which outcome; empty while it is open. Who asked the supervisor, and who came."""

    by: str
    outcome: str
    at_us: int
    asked_by: str = ""
    asked_ms: int = 0
    supervisor: str = ""


def notes_of(state: AlarmState, people: Mapping[str, str]) -> list[Note]:
    """Notes, latest first; `people` are titles by account."""
    return [
        Note(people[note.user], note.text, note.at_us // 1000, note.for_team)
        for note in reversed(state.lead.notes)
    ]


def reports_of(state: AlarmState, people: Mapping[str, str]) -> list[ShownReport]:
    """The report of each team that was sent."""
    return [_report(report, people) for report in all_reports(state)]


def report_of(state: AlarmState, people: Mapping[str, str]) -> ShownReport | None:
    """The report of the team that was sent last, None while it is not written."""
    return _report(state.team.report, people) if state.team.report else None


def _report(report: TeamReport, people: Mapping[str, str]) -> ShownReport:
    outcome, at_us = str(OUTCOMES.get(report.outcome, report.outcome)), report.again_at_us or report.at_us
    return ShownReport(people[report.by], report.outcome, outcome, report.text, at_us)


def closing_of(state: AlarmState, people: Mapping[str, str]) -> Closing:
    """How it ended."""
    closing = state.closing
    return Closing(
        by=people.get(closing.closed_by, ""),
        outcome=str(OUTCOMES.get(closing.outcome, closing.outcome)),
        at_us=closing.closed_at_us,
        asked_by=people.get(closing.supervisor_asked_by, ""),
        asked_ms=closing.supervisor_asked_at_us // 1000,
        supervisor=people.get(closing.supervisor, ""),
    )


def called(receiver: str) -> str:
    """A system as people know it, with the team and its zone where a team is told by itself."""
    system, zone, call_sign = a.team_in(receiver)
    return f"{system} {call_sign} ({zone})" if call_sign else system


def details_told(event: a.SystemTold, _context: object) -> list[str]:
    about = str(_ABOUT.get(event.about, event.about))
    if event.why == a.NO_DEVICE:
        return [called(event.receiver), about, gettext("the zone has no such patrol: nothing was sent")]
    taken = gettext("not taken") if event.why else gettext("taken by a machine there")
    return [called(event.receiver), about, taken]


def details_answered(event: a.SystemAnswered, _context: object) -> list[str]:
    word = gettext("answered by a person there") if event.word == a.ANSWERED else gettext("shown there")
    return [text for text in (called(event.receiver), word, event.by, event.reference) if text]


def details_of_unit(event: a.SystemSaidUnit, _context: object) -> list[str]:
    return [called(event.receiver), event.unit, str(UNITS.get(event.word, event.word))]
