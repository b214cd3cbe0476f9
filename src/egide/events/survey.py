"""Surveys: invitations and answers, on streams `survey:MARK` whose random mark leads to no file and no account."""

from egide.events.base import Event


class SurveyInvited(Event, frozen=True):
    """Somebody was invited. `role` is "beneficiary" or "officer"; `zone` the police zone, empty where none is told."""

    questionnaire: str
    version: int
    role: str
    zone: str = ""


class SurveyAnswered(Event, frozen=True):
    """The invitation of this stream was answered, once. `answers` holds codes of choices by question, never a text."""

    questionnaire: str
    version: int
    role: str
    answers: dict[str, str]
    zone: str = ""
