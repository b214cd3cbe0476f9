"""What an alarm found enters the file as facts that the managing zone has yet to confirm: its outcome, the reports, and
where her position lay inside of a ban's circle.

Alarms without intervention leave nothing here: presses are never held against her (safety rule 32).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from egide.access.registries.tasks import Level, Task
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import titles
from egide.access.templatetags.units import moment
from egide.alarm.changing import all_reports
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.state import AlarmState
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import store
from egide.casework.file.files import numbers_seen_by
from egide.casework.file.reading import FileRow
from egide.casework.file.rules import INSIDE, TOUCHES, areas_of, is_in_force, relate
from egide.casework.life.alarms import states_of
from egide.events.casework import FindingAnswered
from egide.journal.alarms import positions_of
from egide.outbox.days import day_of
from egide.outbox.service import clock, journal, offer
from egide.protocol.envelope import Position

# Outcomes that say that something happened to her, or was about to.
FOUND = (
    "arrest",
    "perpetrator-gone",
    "nobody-seen-but-fear-founded",
    "injured",
    "killed",
    "child-taken",
)


class NoSuchFinding(LookupError):
    """There is nothing of this alarm to confirm: none found, or somebody answered already."""


@dataclass(frozen=True)
class InBan:
    """A measure in force with an area in which her position lay while the alarm ran, first at `at_us`; `is_sure` where
    no point of the position's circle lay outside."""

    row: str
    version: int
    facts: f.MeasureFacts
    at_us: int
    accuracy_m: int
    is_sure: bool


@dataclass(frozen=True)
class Finding:
    """What one closed alarm found. `reports`: who wrote it, and the words."""

    alarm: str
    at_us: int
    outcome: str
    reports: tuple[tuple[str, str], ...]
    bans: tuple[InBan, ...]

    @property
    def text(self) -> str:
        """As a statement of the file, for the officer to put right."""
        told = gettext("Alarm of %(at)s: %(outcome)s.") % {"at": moment(self.at_us), "outcome": self.outcome}
        return "\n".join([told, *(f"{who} · {words}" for who, words in self.reports)])


def findings_of(case: m.Case, measures: Sequence[FileRow[f.MeasureFacts]]) -> list[Finding]:
    """Those that nobody has answered yet, the latest first. Raises JournalError."""
    answered = set(m.AnsweredFinding.objects.filter(case=case).values_list("alarm", flat=True))
    found = [state for state in states_of(case.id) if state.closing.outcome in FOUND]
    return [_finding(state, measures) for state in found if state.alarm not in answered]


def finding_of(case: m.Case, alarm: str, measures: Sequence[FileRow[f.MeasureFacts]]) -> Finding:
    """That of one alarm. Raises NoSuchFinding, JournalError."""
    for found in findings_of(case, measures):
        if found.alarm == alarm:
            return found
    raise NoSuchFinding(alarm)


def tasks_of(scope: Scope) -> Iterator[Task]:
    """One line for each alarm whose facts a zone of this officer has to confirm, as long as it has to follow it up."""
    for zone in sorted(scope.places(ZONE_OFFICER, REFERENCE_OFFICER)):
        states = journal().last_known_alarms(journal().follow_ups(zone))
        found = {state.alarm: state for state in states if state.closing.outcome in FOUND}
        seen = numbers_seen_by(scope, {state.case for state in found.values()})
        answered = m.AnsweredFinding.objects.filter(alarm__in=list(found)).values_list("alarm", flat=True)
        for alarm in sorted(found.keys() - set(answered), key=lambda one: found[one].closing.closed_at_us):
            state = found[alarm]
            if state.case in seen:
                yield Task(
                    title=seen[state.case],
                    url=reverse("file-finding", args=[state.case, alarm]),
                    word=gettext("After an alarm: what it found becomes a fact of the file, or is left out"),
                    since_us=state.closing.closed_at_us,
                    level=Level.URGENT,
                    places=(f"zone:{zone}",),
                )


@transaction.atomic
def do_take(
    case: m.Case, finding: Finding, content: f.AntecedentFacts, breached: Iterable[InBan], by: str
) -> None:
    """Into the file: the statement as the officer wrote it, and a breach of each of these measures. Raises
    NoSuchFinding where somebody else was faster, Stale where a measure was changed meanwhile."""
    _do_answer(case, finding.alarm, by, taken=True)
    store.do_add_row(case, "antecedent", content, by)
    for ban in breached:
        breach = f.Breach(on=day_of(ban.at_us), source=content.source)
        now = msgspec.structs.replace(ban.facts, breaches=(*ban.facts.breaches, breach))
        store.do_change_row(case, "measure", ban.row, ban.version, now, by)


@transaction.atomic
def do_leave(case: m.Case, finding: Finding, by: str) -> None:
    """It stays out of the file; the register of alarms keeps it. Raises NoSuchFinding."""
    _do_answer(case, finding.alarm, by, taken=False)


def _do_answer(case: m.Case, alarm: str, by: str, *, taken: bool) -> None:
    row, is_new = m.AnsweredFinding.objects.get_or_create(
        case=case, alarm=alarm, defaults={"taken": taken, "by": by, "at_us": clock().now_us()}
    )
    if not is_new:
        raise NoSuchFinding(row.alarm)
    offer(FindingAnswered(case=case.id, user=by, alarm=alarm, taken=taken), f"case:{case.id}", case.id)


def _finding(state: AlarmState, measures: Sequence[FileRow[f.MeasureFacts]]) -> Finding:
    reports = all_reports(state)
    people = titles([report.by for report in reports])
    outcome = state.closing.outcome
    return Finding(
        alarm=state.alarm,
        at_us=state.received_at_us,
        outcome=gettext(OUTCOMES[outcome]),
        reports=tuple((people[report.by], report.text) for report in reports),
        bans=tuple(_bans(state, measures)),
    )


def _bans(state: AlarmState, measures: Sequence[FileRow[f.MeasureFacts]]) -> Iterator[InBan]:
    """The closing ends it: where she went afterwards says nothing of him."""
    on = day_of(state.received_at_us)
    in_force = [row for row in measures if is_in_force(row.facts, on) and areas_of(row.facts)]
    if not in_force:
        return
    way = [
        one for one in positions_of(journal().history(state.alarm)) if one[0] <= state.closing.closed_at_us
    ]
    for row in in_force:
        if (found := _first_in(row, way)) is not None:
            yield found


def _first_in(row: FileRow[f.MeasureFacts], way: list[tuple[int, Position]]) -> InBan | None:
    """Where it lay inside for sure first, else where it may have."""
    for wanted in (INSIDE, TOUCHES):
        for at_us, position in way:
            if any(relate(area, position).where == wanted for area in areas_of(row.facts)):
                return InBan(
                    row.id, row.version, row.facts, at_us, position.accuracy_m, is_sure=wanted == INSIDE
                )
    return None
