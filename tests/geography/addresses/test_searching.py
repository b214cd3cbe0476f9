"""An address is found as somebody types it, and whatever is typed is only text."""

import pytest

from egide.geography.addresses.book import AddressBook
from egide.geography.addresses.searching import search

ETRELLE_FR, ETRELLE_NL = "Chaussée d'Étrelle", "Etrellesteenweg"


@pytest.mark.parametrize(
    ("typed", "house"),
    [
        ("rue de l'exemple 12 mons", "Rue de l’Exemple 12, 7000 Mons"),
        ("12 rue de l’Exemple, 7000 Mons", "Rue de l’Exemple 12, 7000 Mons"),
        ("mons exemple 12", "Rue de l’Exemple 12, 7000 Mons"),
        ("12, r. exemp", "Rue de l’Exemple 12, 7000 Mons"),
        ("rue de l'exmple 12", "Rue de l’Exemple 12, 7000 Mons"),
        ("rue de l'exepmle 12 mons", "Rue de l’Exemple 12, 7000 Mons"),
        ("chée d'etrelle 7 ixelles", "Chaussée d'Étrelle 7, 1050 Ixelles"),
        ("etrellestwg 7 elsene", "Chaussée d'Étrelle 7, 1050 Ixelles"),
        ("etrelle steenweg 7", "Chaussée d'Étrelle 7, 1050 Ixelles"),
        ("7 chaussee etrele elsene", "Chaussée d'Étrelle 7, 1050 Ixelles"),
        ("av. gén. pomelo 12 a 1050", "Avenue du Général Pomélo 12A, 1050 Ixelles"),
        ("gen pomelolaan 12A", "Avenue du Général Pomélo 12A, 1050 Ixelles"),
        ("avenue du general pomelo 12 bte 3", "Avenue du Général Pomélo 12, 1050 Ixelles"),
        ("rue du 11 vendange 3", "Rue du 11 Vendange 3, 7000 MONS"),
        ("rue st-oeuf 5", "Rue Saint-Œuf 5, 7000 MONS"),
        ("blaubarstr. 8 eupen", "Blaubärstraße 8, 4700 Eupen"),
        ("Blaubärstrasse 8", "Blaubärstraße 8, 4700 Eupen"),
        ("burg. verzinpln 4 gent", "Burgemeester Verzinplein 4, 9000 GENT"),
        ("voorbeeldstr 3", "Voorbeeldstraat 3, 9000 Gent"),
        ("vorbeeldstraat 3 gent", "Voorbeeldstraat 3, 9000 Gent"),
    ],
)
def test_a_house_is_found_first(
    known: AddressBook, monkeypatch: pytest.MonkeyPatch, typed: str, house: str
) -> None:
    monkeypatch.setenv("EGIDE_LANG", "fr")
    found = search(known, typed)
    assert found, typed
    assert (found[0].level, found[0].text) == ("house", house)


def test_it_is_said_in_the_readers_language(known: AddressBook, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, text in (
        ("fr", "Chaussée d'Étrelle 7, 1050 Ixelles"),
        ("nl", "Etrellesteenweg 7, 1050 Elsene"),
    ):
        monkeypatch.setenv("EGIDE_LANG", language)
        assert search(known, "etrelle 7")[0].text == text


def test_a_house_that_is_not_in_the_list_is_never_made_up(known: AddressBook) -> None:
    found = search(known, "rue du spécimen 999 liège")
    assert found[0].level == "street"
    assert found[0].number == ""
    assert found[0].text == "Rue du Spécimen, 4000 Liège"


def test_what_is_not_typed_yet_is_no_house(known: AddressBook) -> None:
    assert search(known, "rue du 11 vendange")[0].level == "street"


def test_a_place_is_found_by_name_and_code(known: AddressBook) -> None:
    for typed in ("Eupen", "eupe", "4700", "4700 Eupen"):
        assert (search(known, typed)[0].level, search(known, typed)[0].text) == ("place", "4700 Eupen")


def test_each_key_press_of_an_address_keeps_its_street(known: AddressBook) -> None:
    """From the first letters that say something on, it is among the ten."""
    text = "chaussée d'etrelle 12 ixelles"
    for length in range(len("chaussée d'et"), len(text) + 1):
        assert any(match.street.get("nl") == ETRELLE_NL for match in search(known, text[:length])), text[
            :length
        ]


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", '"', "'", "*", "a*", '") OR (text:"', "NEAR(a b)", "exemple AND", "NOT exemple", "^exemple",
        "-1", "{a b}: c", "exemple; DROP TABLE house", "%", "\0", "\ud800", "🏠 12", "x" * 100_000, "1 " * 5_000,
        "-- 12", "a:b", "12/", "12/3 exemple", "12-14", "7000-1/2 mons", "(((((",
    ],
)  # fmt: skip
def test_a_querys_syntax_is_only_text(known: AddressBook, typed: str) -> None:
    assert isinstance(search(known, typed), list)
    assert search(known, "exemple 12 mons")[0].level == "house"
