"""The questions of the risk analysis: one file for each edition, in four languages. They structure and never decide."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
from django.conf import settings

from egide.casework.file.steps import Answer

DATA = Path(__file__).parent / "data"
_NAME = re.compile(r"[a-z0-9-]{1,20}")
LANGUAGES = ("fr", "nl", "de", "en")


class Question(msgspec.Struct, frozen=True):
    """One question. `kind` is "yes-no" (with a remark) or "text"; `text` by language."""

    id: str
    kind: str
    text: dict[str, str]


class Group(msgspec.Struct, frozen=True):
    """Questions under one heading."""

    title: dict[str, str]
    question: tuple[Question, ...]


class Questionnaire(msgspec.Struct, frozen=True):
    """One edition. `checked` is the day on which somebody held its wording against its source; "" where nobody did,
    None where its words are this software's own."""

    edition: str
    title: dict[str, str]
    group: tuple[Group, ...]
    checked: str | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for group in self.group for question in group.question)


@dataclass(frozen=True)
class ShownAnswer:
    """An answer beside its own question, in the reader's language."""

    question: str
    answer: str
    note: str


class NoSuchEdition(LookupError):
    """There is no questionnaire of this edition."""


@cache
def read_questionnaire(edition: str) -> Questionnaire:
    """The questionnaire of an edition. Raises NoSuchEdition."""
    path = DATA / f"questionnaire-{edition}.toml"
    if not _NAME.fullmatch(edition) or not path.exists():
        raise NoSuchEdition(edition)
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Questionnaire)


def in_force() -> Questionnaire:
    """That which this installation asks now."""
    return read_questionnaire(settings.EGIDE.questionnaire)


def questions_answered(edition: str, answers: tuple[Answer, ...], language: str) -> list[ShownAnswer]:
    """Answers beside the questions as that edition asked them. Raises NoSuchEdition."""
    questions = {question.id: question.text for question in read_questionnaire(edition).questions}
    return [ShownAnswer(questions[one.question][language], one.answer, one.note) for one in answers]
