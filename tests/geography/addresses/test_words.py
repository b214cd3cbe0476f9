"""How names and what is typed are taken apart and compared."""

import random

import pytest

from egide.geography.addresses.words import meanings, mistakes, readings, shortened, tokens, without_box


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chaussée d'Étrelle 12/3", ["chaussee", "d", "etrelle", "12/3"]),
        ("Rue Saint-Œuf", ["rue", "saint", "oeuf"]),
        ("Blaubärstraße", ["blaubarstrasse"]),
        ("12-14, av. L’Été", ["12-14", "av", "l", "ete"]),
        ('") OR * {x}: \0', ["or", "x"]),
        ("Ивана 🏠", []),
    ],
)
def test_words_are_of_letters_and_digits_alone(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_an_abbreviation_may_mean_several_words() -> None:
    assert set(meanings("ch")) == {"ch", "chaussee", "chemin"}
    assert "stationssteenweg" in meanings("stationsstwg")
    assert {"exempelstraat", "exempelstrasse"} <= set(meanings("exempelstr"))


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("rue exemple 12", (("12",), ["rue", "exemple"])),
        ("12 rue exemple", (("12",), ["rue", "exemple"])),
        ("rue exemple 12 a mons", (("12A", "12"), ["rue", "exemple", "a", "mons"])),
        ("rue exemple 12 7000 mons", (("12",), ["rue", "exemple", "7000", "mons"])),
        ("rue exemple 12 bte 3", (("12",), ["rue", "exemple"])),
        ("rue du 11 vendange 3", (("3",), ["rue", "du", "11", "vendange"])),
        ("rue exemple", ((), ["rue", "exemple"])),
    ],
)
def test_the_likeliest_number_is_the_houses(words: str, first: tuple[tuple[str, ...], list[str]]) -> None:
    assert readings(without_box(words.split()))[0] == first


def _changed(word: str) -> set[str]:
    """All that a mistake makes of a word of a, b and c."""
    parts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        word,
        *(a + b[1:] for a, b in parts),
        *(a + sign + b for a, b in parts for sign in "abc"),
        *(a + sign + b[1:] for a, b in parts if b for sign in "abc"),
        *(a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1),
    }


def test_mistakes_are_counted_as_trying_all_of_them_does() -> None:
    chance = random.Random(1)
    for _ in range(400):
        word, other = ("".join(chance.choices("abc", k=chance.randint(1, 6))) for _ in range(2))
        wanted = 0 if other.startswith(word) else 1 if any(map(other.startswith, _changed(word))) else 2
        assert mistakes(word, other, 1) == wanted, (word, other)


def test_a_mistaken_word_shares_a_shortened_one() -> None:
    """So the table finds it, also where the mistake shifts what is compared."""
    for word in ("voorbeeldstraat", "exemple", "musterweg"):
        for at in range(1, 6):
            for wrong in (
                word[:at] + word[at + 1 :],
                word[:at] + "x" + word[at:],
                word[:at] + "x" + word[at + 1 :],
            ):
                assert shortened(wrong) & shortened(word), wrong
