"""Folds trainings, sign-offs and surveys."""

from datetime import date, timedelta

from egide.evaluation.records import needs as n
from egide.evaluation.records.gathering.taking import Taking, takes
from egide.rollout.rules import MAGISTRATE, OFFICE, ZONE, certificate_span


class Rollout(Taking):
    """Certificates of people, by the body that they stand for; sign-offs of bodies."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, str], set[date]] = {}
        self._signed: dict[str, list[tuple[date, date | None]]] = {}

    @takes("TrainingRecorded")
    def trained(self, stream: str, at_us: int, kind: str, event: n.TrainingRecorded) -> None:
        body = OFFICE if event.course == MAGISTRATE else ZONE
        # An event from before units were recorded counts for nobody here.
        for person, unit in zip(event.persons, event.units, strict=False):
            self._passed.setdefault((f"{body}:{unit}", person), set()).add(event.on)

    @takes("SignedOff")
    def signed_off(self, stream: str, at_us: int, kind: str, event: n.SignedOff) -> None:
        self._signed.setdefault(event.subject, []).append((event.on, None))

    @takes("SignOffWithdrawn")
    def withdrawn(self, stream: str, at_us: int, kind: str, event: n.SignedOff) -> None:
        spans = self._signed.get(event.subject, [])
        if spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], event.on)

    def certificate_rows(self) -> list[tuple[str, str, date, date]]:
        """(subject, person, first day, first day without): never two at once for one person."""
        rows = []
        for (subject, person), days in self._passed.items():
            ordered = sorted(days)
            for day, following in zip(ordered, [*ordered[1:], date.max], strict=True):
                last = certificate_span(day).last
                assert last is not None
                rows.append((subject, person, day, min(last + timedelta(days=1), following)))
        return rows

    def sign_off_columns(self) -> dict[str, list[object]]:
        rows = [(subject, *span) for subject, spans in self._signed.items() for span in spans]
        return {
            name: [row[index] for row in rows] for index, name in enumerate(("subject", "begins", "ends"))
        }


class Kept(Taking):
    """Rows that stayed when their case was erased."""

    def __init__(self) -> None:
        self.tables: list[dict[str, str]] = []

    @takes("RecordsKept")
    def kept(self, stream: str, at_us: int, kind: str, event: n.RecordsKept) -> None:
        self.tables.append(event.tables)


class Surveys(Taking):
    """Invitations and answers, by the mark in the name of their stream."""

    def __init__(self) -> None:
        self._invited: dict[str, tuple[int, n.SurveyInvited]] = {}
        self._answered: dict[str, tuple[int, n.SurveyAnswered]] = {}

    @takes("SurveyInvited")
    def invited(self, stream: str, at_us: int, kind: str, event: n.SurveyInvited) -> None:
        self._invited.setdefault(stream, (at_us, event))

    @takes("SurveyAnswered")
    def answered(self, stream: str, at_us: int, kind: str, event: n.SurveyAnswered) -> None:
        self._answered.setdefault(stream, (at_us, event))

    def survey_columns(self) -> dict[str, list[object]]:
        rows = [
            (
                stream.partition(":")[2],
                e.questionnaire,
                e.version,
                e.role,
                e.zone,
                at,
                self._answered.get(stream),
            )
            for stream, (at, e) in self._invited.items()
        ]
        names = ("invitation", "questionnaire", "version", "role", "zone", "invited")
        columns: dict[str, list[object]] = {
            name: [row[index] for row in rows] for index, name in enumerate(names)
        }
        return columns | {"answered": [row[6][0] if row[6] else None for row in rows]}

    def answer_columns(self) -> dict[str, list[object]]:
        rows = [
            (stream.partition(":")[2], e.questionnaire, e.version, e.role, e.zone, at, question, choice)
            for stream, (at, e) in self._answered.items()
            for question, choice in sorted(e.answers.items())
        ]
        names = ("invitation", "questionnaire", "version", "role", "zone", "answered", "question", "choice")
        return {name: [row[index] for row in rows] for index, name in enumerate(names)}
