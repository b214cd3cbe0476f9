"""Legal references and the authentic language of documents, from one dated file (safety rule 30)."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data"
EDITION = "2026-12"


class Reference(msgspec.Struct, frozen=True):
    """One reference, by language, for these documents. `dated` is the day of the text, or its year where no more is
    known; `applies_from` the day since when it holds, where that is another."""

    dated: str
    documents: tuple[str, ...]
    text: dict[str, str]
    applies_from: str = ""


class Legal(msgspec.Struct, frozen=True):
    """One edition. `checked` is the day on which counsel checked it, empty when nobody did."""

    edition: str
    checked: str
    authentic: dict[str, tuple[str, ...]]
    reference: tuple[Reference, ...]

    def references(self, document: str, language: str) -> list[str]:
        """What stands under a document of this kind."""
        return [one.text[language] for one in self.reference if document in one.documents]

    def authentic_language(self, office: str, persons: str) -> str:
        """The one language in which a document of `office` is authentic; `persons` where the office has it."""
        offered = self.authentic.get(office, ("fr",))
        return persons if persons in offered else offered[0]


@cache
def read_legal() -> Legal:
    """The references of the edition in force."""
    return msgspec.convert(tomllib.loads((DATA / f"legal-{EDITION}.toml").read_text("utf-8")), Legal)
