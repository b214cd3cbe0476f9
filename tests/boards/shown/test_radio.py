"""What is read out by radio: a first breath of twenty seconds, and nothing lost between it and the rest (rule 3)."""

import re
from datetime import date

import pytest
from django.utils.translation import override

from egide.alarm.events import Place, Route
from egide.alarm.state import Fix
from egide.boards.service import brief
from egide.boards.shown.radio import RadioText, radio_text, reading_s
from egide.casework.file import facts as f
from egide.casework.file.reading import FileContent, PlaceInFile
from egide.protocol.envelope import Position, Source
from tests.support.standing import standing

LANGUAGES = ("fr", "nl", "de", "en")
ON = date(2026, 3, 14)
HOME = f.Area(lat_e7=504_518_000, lon_e7=39_571_000, radius_m=300)
AWAY = f.Area(lat_e7=506_362_000, lon_e7=55_836_000, radius_m=100)
HERE = Position(HOME.lat_e7, HOME.lon_e7, 12, 1, Source.SATELLITE)
BY_HAND = Position(HOME.lat_e7, HOME.lon_e7, 20, 0, Source.MANUAL)
SECRET = "Rue Cachée 9, 7000 Mons"

WEAPONS = (
    ("Couteau de cuisine à lame de vingt centimètres", "PV MO.00.DÉMO.1/2026"),
    ("Fusil de chasse à deux canons, sans permis", "déclaration de la sœur d’Alix Exemple (démo)"),
    ("Pistolet d’alarme modifié", "renseignement de quartier, inspecteur Modèle (démo)"),
    ("Batte de baseball dans le coffre de la voiture", "PV MO.00.DÉMO.7/2026"),
    ("Chien dressé à l’attaque", "voisine du rez-de-chaussée (démo)"),
    ("Acide, menace écrite", "SMS remis au poste le jour même"),
)
PERPETRATORS = (
    f.PerpetratorFacts(
        name="Bruno Modèle (démo)",
        born=date(1988, 4, 2),
        relation="Ex-compagnon",
        description="1,86 m, barbe, tatouage à la main droite",
        vehicle="Peugeot grise 1-DEM-000",
        likely_places="Travaille de nuit, zoning des Exemples",
        addictions="Cocaïne",
        personality=(
            f.Sourced(text="Violent sous alcool", source="déclaration d’Alix Exemple", on=date(2026, 1, 9)),
        ),
    ),
    f.PerpetratorFacts(name="Denis Spécimen (démo)", acts_for="Bruno Modèle", vehicle="scooter rouge"),
    f.PerpetratorFacts(name="Éric Spécimen (démo)", relation="Cousin", description="mince, blouson noir"),
)
INSTRUCTIONS = (
    f.Sourced(text="Approcher à deux, sans sirène.", source="Insp. pr. Modèle (démo)", on=ON, verified=True),
    f.Sourced(text="Ne pas sonner en façade.", source="Comm. Denkbeeld (démo)", on=ON),
)


def fullest() -> FileContent:
    return FileContent(
        case="c1",
        managing_zone="5324",
        managing_centre="HAI",
        office="mons",
        facts=f.CaseFacts(instructions=INSTRUCTIONS),
        beneficiary=f.BeneficiaryFacts(
            name="Alix Exemple (démo)",
            born=date(1992, 11, 4),
            languages="français",
            agreed_word="parapluie",
            silence="Ne peut pas parler pendant l’alarme. Écrire ; un message lu suffit.",
        ),
        perpetrators=PERPETRATORS,
        weapons=tuple(
            f.WeaponFacts(text=text, source=source, on=ON, known=not n, verified=not n)
            for n, (text, source) in enumerate(WEAPONS)
        ),
        places=(
            PlaceInFile(
                f.PlaceFacts(kind="home", address="Rue de l’Exemple 12, 7000 Mons", area=HOME), False
            ),
            PlaceInFile(f.PlaceFacts(kind="work", address="Quai du Modèle 4, 4020 Liège", area=AWAY), False),
            PlaceInFile(f.PlaceFacts(kind="other", address=SECRET, area=HOME), True),
        ),
    )


def read(
    file: FileContent, at: Position | None, language: str = "fr", basis: str = "position", **state: object
) -> RadioText:
    route = Route(
        zone="5324",
        centre="HAI",
        managing_zone="5324",
        basis=basis if at else "home",
        position=at,
        place=Place(name="Mons", distance_m=1200, bearing_deg=135, compass="SE") if at else None,
    )
    trail = (Fix(at, 0),) if at else ()
    with override(language):
        return radio_text(brief(file, at, date(2026, 11, 27)), standing(route=route, trail=trail, **state))


def seconds(sentences: tuple[str, ...]) -> float:
    """How long somebody reads who says 150 words a minute, and a number of three digits or more digit by digit."""
    parts = " ".join(sentences).split()
    words = sum(1 for part in parts if re.search(r"\w", part))
    digits = sum(len(number) - 1 for number in re.findall(r"\d\d\d+", " ".join(sentences)))
    return (words + digits) / 150 * 60


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("at", [HERE, BY_HAND, None], ids=["there", "by hand", "nowhere"])
@pytest.mark.parametrize("is_coerced", [False, True])
def test_rule_03_the_first_breath_of_the_fullest_file_takes_twenty_seconds(
    language: str, at: Position | None, is_coerced: bool
) -> None:
    said = read(fullest(), at, language, duress=is_coerced)
    assert 10 <= seconds(said.first) <= 20, said.first
    assert len(" ".join(said.first).split()) <= 50
    # What the page says of it is as long.
    assert said.first_s == pytest.approx(seconds(said.first), abs=1)
    assert said.second_s == pytest.approx(seconds(said.second), abs=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_fullest_file_is_lost_between_both_parts(language: str) -> None:
    said = read(fullest(), HERE, language)
    text, second = " ".join((*said.first, *said.second)), " ".join(said.second)
    for weapon, source in WEAPONS:
        (line,) = (one for one in said.second if weapon in one)
        assert source in line and "14" in line and "2026" in line
    for one in PERPETRATORS:
        facts = (one.name, one.relation, one.description, one.vehicle, one.likely_places, one.addictions)
        assert all(fact in second for fact in (*facts, one.acts_for))
    assert "Violent sous alcool" in second and "déclaration d’Alix Exemple" in second
    assert "50.45180, 3.95710" in text
    assert "Rue de l’Exemple 12, 7000 Mons" in text and "Quai du Modèle 4, 4020 Liège" in text
    for told in INSTRUCTIONS:
        assert told.text.rstrip(".") in text and told.source in text
    assert "un message lu suffit" in text and "Alix Exemple (démo), 34" in text
    assert "…" not in text and SECRET not in text and "parapluie" not in text


def test_the_first_breath_begins_with_weapons_and_place_and_says_how_many_are_still_to_come() -> None:
    first = read(fullest(), HERE, "en").first
    assert re.match(r"Silent alarm\. Weapons: Couteau .*, [1-5] more to follow\.$", first[0]), first[0]
    assert any("Rue de l’Exemple 12" in line and "12 m" in line for line in first)
    few = fullest().weapons[1:2]
    short = FileContent(**{**vars(fullest()), "weapons": few, "perpetrators": (), "facts": f.CaseFacts()})
    said = read(short, HERE, "en")
    assert said.first[0] == f"Silent alarm. Weapons: {few[0].text} (suspected)."
    assert len([line for line in said.first if "Alix" in line or "Contact" in line]) == 2
    # With its source and date it is read out after all.
    assert any(few[0].source in line for line in said.second)


def test_a_position_that_nobody_measured_is_read_out_as_such_in_the_first_breath() -> None:
    words = "Entered by hand, not measured."
    (place,) = (line for line in read(fullest(), BY_HAND, "en").first if words in line)
    assert place.startswith("Position: Rue de l’Exemple 12")
    measured = read(fullest(), HERE, "en")
    assert words not in " ".join((*measured.first, *measured.second))


def test_without_a_position_the_address_of_the_file_comes_in_the_first_breath() -> None:
    first = " ".join(read(fullest(), None, "en").first)
    assert "Position not known." in first and "Address in the file: Rue de l’Exemple 12" in first


def test_what_alone_is_longer_than_a_breath_is_read_out_whole_in_the_second_part() -> None:
    long = " ".join(f"mot{n:02}" for n in range(90))
    weapon = f.WeaponFacts(text=long, source="PV 1", on=ON)
    said = read(FileContent(**{**vars(fullest()), "weapons": (weapon,)}), HERE, "en")
    assert seconds(said.first) <= 20 and said.first[0] == "Silent alarm. Weapons: 1 more to follow."
    assert any(long in line for line in said.second)


def test_duress_and_no_weapon_are_said_first() -> None:
    said = read(FileContent(**{**vars(fullest()), "weapons": ()}), HERE, "en", duress=True)
    assert said.first[0] == "Silent alarm, under duress. No weapon in the file."
    assert reading_s(said.first) <= 20
