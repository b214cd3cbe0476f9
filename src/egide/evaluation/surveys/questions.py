"""The questions of the surveys: one file for each audience and edition, in four languages, with answers to choose."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data"
BENEFICIARIES, OFFICERS = "beneficiaries", "officers"
AUDIENCES = (BENEFICIARIES, OFFICERS)
EDITION = "2026-11"
_NAME = re.compile(r"\d{4}-\d{2}")


class Option(msgspec.Struct, frozen=True):
    """One answer to choose; `text` by language."""

    id: str
    text: dict[str, str]


class Question(msgspec.Struct, frozen=True):
    """One question; `text` by language."""

    id: str
    text: dict[str, str]
    option: tuple[Option, ...]


class Survey(msgspec.Struct, frozen=True):
    """One edition for one audience."""

    edition: str
    audience: str
    question: tuple[Question, ...]

    def known(self, given: Mapping[str, str]) -> dict[str, str]:
        """What of `given` answers these questions; an answer that is not one of the offered ones is left out."""
        offered = {one.id: {option.id for option in one.option} for one in self.question}
        return {id: given[id] for id in offered if given.get(id, "") in offered[id]}


class NoSuchSurvey(LookupError):
    """There is no questionnaire for this audience in this edition."""


@cache
def read_survey(audience: str, edition: str = EDITION) -> Survey:
    """The questionnaire of an edition. Raises NoSuchSurvey."""
    path = DATA / f"survey-{audience}-{edition}.toml"
    if audience not in AUDIENCES or not _NAME.fullmatch(edition) or not path.exists():
        raise NoSuchSurvey(f"{audience} {edition}")
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Survey)


def editions(audience: str) -> list[str]:
    """All editions for an audience, newest first."""
    found = (path.stem.removeprefix(f"survey-{audience}-") for path in DATA.glob(f"survey-{audience}-*.toml"))
    return sorted(found, reverse=True)
