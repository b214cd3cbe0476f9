"""The duty book says the same in four languages, in the words of the screens, with commands that exist."""

import re

import click
import pytest
from babel.messages.pofile import read_po

from egide.entrypoints.cli import main
from tools.tree import ROOT

LANGUAGES = ("en", "fr", "nl", "de")
# Keys with a name of their own in each language.
NAMED_KEYS = {"Space": "Space", "Espace": "Space", "Spatie": "Space", "Leertaste": "Space"}
MARKED_AS_EXAMPLES = {"key", "touche", "toets", "Taste"}
SITUATIONS = 10


def text_of(language: str) -> str:
    # A narrow space before a colon is the same word.
    return (ROOT / "docs" / "duty" / f"{language}.md").read_text(encoding="utf-8").replace("\u202f", " ")


def words_of(language: str) -> set[str]:
    """All that can stand on a screen in this language."""
    path = (
        ROOT
        / "src"
        / "egide"
        / "locale"
        / ("de" if language == "en" else language)
        / "LC_MESSAGES"
        / "django.po"
    )
    with path.open("rb") as file:
        found = [
            message.id if language == "en" else message.string for message in read_po(file) if message.id
        ]
    return {text.replace("\u202f", " ") for text in found if isinstance(text, str)}


def codes_of(language: str) -> list[str]:
    found = re.findall(r"`([^`]+)`", text_of(language))
    return [NAMED_KEYS.get(code, code) for code in found if code not in MARKED_AS_EXAMPLES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_bold_words_stand_on_a_screen_just_so(language: str) -> None:
    body = text_of(language).partition("\n## ")[2]
    bold = set(re.findall(r"\*\*([^*]+)\*\*", body))
    assert len(bold) >= 25 and bold - words_of(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_has_its_ten_situations(language: str) -> None:
    parts = text_of(language).split("\n## ")[1:]
    numbers = [re.findall(r"^### (\d+)\. ", part, re.MULTILINE) for part in parts]
    assert numbers == [[str(n) for n in range(1, SITUATIONS + 1)]] * 2


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_keys_commands_and_steps_are_the_same_in_each_language(language: str) -> None:
    assert codes_of(language) == codes_of("en")
    steps = [re.findall(r"^(\d)\. ", text_of(name), re.MULTILINE) for name in ("en", language)]
    assert steps[0] == steps[1]


def test_its_commands_exist() -> None:
    commands = {code.split()[1] for code in codes_of("en") if code.startswith("egide ")}
    assert (
        {"status", "backup", "restore", "journal"} <= commands <= set(main.list_commands(click.Context(main)))
    )
