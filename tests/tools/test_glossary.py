"""The texts of pages and phone keep to the glossary: one term for one thing, plurals and elisions as they should be."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tools import messages
from tools.tree import ROOT

GLOSSARY: dict[str, Any] = tomllib.loads((messages.LOCALE / "glossary.toml").read_text(encoding="utf-8"))
LANGUAGES = ("fr", "nl", "de", "en")
# A line of the phone's texts: its key and its words.
PHONE_TEXT = re.compile(r'^  "([\w.-]+)": "((?:[^"\\]|\\.)*)",$', re.MULTILINE)
NUMBER = r"(%\(\w+\)[sd]|\{\w+(:\w+)?\})"
# "Blessé(s)", "Gewonde(n)": a plural is written out, or the sentence is put otherwise.
PLURAL_IN_BRACKETS = re.compile(r"\w\((s|e|es|x|n|en|in|innen)\)")
# Whatever a person, a place or a team is called may begin with a vowel.
NAMED = r"(by|who|name|title|place|centre|team|zone|city|street|title|perpetrator)"
# Words whose h or vowel takes no elision, and "-le" behind a verb.
NO_ELISION = (
    r"(onz|oui|un(ième)?\b|h(?!abi|eur|omme|on[on]|ôpit|istoi|oraire|uit?re|ypo|umain|ier|iver|armon|uile))"
)
ELISION = re.compile(
    rf"(?<![\w-])(de|le|la|que|je|me|te|se|ne|ce|jusque|lorsque|puisque) (?!{NO_ELISION})[aeiouyhéèêàâîôù]|"
    rf"(?<![\w-])(de|le|la|que|du|jusqu’à l[ea]) (%\({NAMED}\)s|\{{{NAMED}\}})",
    re.IGNORECASE,
)
CONTRACTED = re.compile(
    r"(?<![\w-])(de les|à les|à le(?= [a-zé]+ )|de le(?= [bcdfgjklmnpqrstvwxz]\w+ (de|du|des)\b))\b"
)


def texts(language: str) -> Iterator[tuple[str, str, bool]]:
    """Every text of a language: where it stands, its words, whether it is one of several plural forms."""
    for message in messages.read_catalogue(
        messages.catalogue_path(messages.LOCALE, _catalogue(language)), "fr"
    ):
        if not message.id:
            continue
        originals = list(message.id) if message.pluralizable else [str(message.id)]
        shown = originals if language == "en" else messages.strings(message)
        yield from ((originals[0], text, message.pluralizable) for text in shown)
    phone = (ROOT / "phone" / "src" / "locales" / f"{language}.ts").read_text(encoding="utf-8")
    yield from (
        (key, words, bool(re.search(r"\.(one|other)$", key))) for key, words in PHONE_TEXT.findall(phone)
    )


def _catalogue(language: str) -> str:
    """English is the language of the message ids: any catalogue has them."""
    return "fr" if language == "en" else language


def synonyms(language: str, text: str) -> list[str]:
    """Words of `text` that the glossary refuses, each with the term that stands instead."""
    return [
        f"{found[0]!r} for {concept['term'][language]!r}"
        for concept in GLOSSARY["concept"]
        for pattern in concept.get("not", {}).get(language, [])
        if (found := re.search(pattern, text, re.IGNORECASE))
    ]


def counted(language: str, original: str, text: str) -> list[str]:
    """A number that may be one, with a noun that is plural whatever the number."""
    if any(original.startswith(known) for known in GLOSSARY["never_one"]["texts"]):
        return []
    return [found[0] for found in re.finditer(rf"{NUMBER} {GLOSSARY['counted'][language]}\b", text)]


def test_the_glossary_names_every_concept_in_four_languages() -> None:
    for concept in GLOSSARY["concept"]:
        assert set(concept["term"]) == set(LANGUAGES), concept["name"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_thing_has_one_term(language: str) -> None:
    wrong = [(where, found) for where, text, _ in texts(language) if (found := synonyms(language, text))]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_are_written_out(language: str) -> None:
    assert [text for _, text, _ in texts(language) if PLURAL_IN_BRACKETS.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_noun_agrees_with_its_number(language: str) -> None:
    single = ((where, text) for where, text, is_plural in texts(language) if not is_plural)
    assert [(where, found) for where, text in single if (found := counted(language, where, text))] == []


def test_french_vowels_are_elided() -> None:
    wrong = [(text, found[0]) for _, text, _ in texts("fr") if (found := ELISION.search(text))]
    assert wrong == []
    assert [text for _, text, _ in texts("fr") if CONTRACTED.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Le poste de Opératrice",
        "le appui",
        "Le poste de %(by)s est coupé",
        "la équipe",
        "que elle",
        "de hier",
    ],
)
def test_a_missing_elision_is_found(text: str) -> None:
    assert ELISION.search(text)


@pytest.mark.parametrize(
    "text", ["le onze mai", "le hall", "la haute tension", "Remettez-le en personne", "de %(year)s"]
)
def test_no_elision_is_asked_for_where_french_has_none(text: str) -> None:
    assert not ELISION.search(text)


def test_a_forbidden_word_and_a_stiff_plural_are_found() -> None:
    assert synonyms("fr", "Pressions qui doivent aboutir") and synonyms("nl", "Ploeg onderweg")
    assert not synonyms("nl", "Set {kit}") and not synonyms("fr", "Code de porte")
    assert counted("fr", "", "il y a %(n)s secondes") and counted("en", "", "{n} days ago")
    assert PLURAL_IN_BRACKETS.search("Blessé(s)") and not PLURAL_IN_BRACKETS.search("%(n)s (%(s)s)")
