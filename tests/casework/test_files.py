"""Files of people: sealed at rest, whole when read, gone with their key."""

import sqlite3
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from egide.casework.file.facts import BeneficiaryFacts
from egide.casework.models import Beneficiary, Case, Weapon
from egide.casework.service import NoSuchFile, do_add, home_of, names_of, read_content
from egide.common.sealing import UnsealError
from egide.journal.sealing.keys import KeyErased, KeyStore
from tests.support.pages import GENT, LIEGE, MONS, Pages


def test_the_four_files_of_the_demo_lie_in_four_zones_and_are_recognisably_invented(pages: Pages) -> None:
    files = pages.files
    assert [(one.case.managing_zone, one.case.managing_centre, one.language) for one in files] == [
        ("5324", "HAI", "fr"),
        ("5415", "OVL", "nl"),
        ("5277", "LIE", "fr"),
        ("5292", "LIE", "de"),
    ]
    for one in files:
        file = read_content(one.case.id)
        people = [
            file.beneficiary.name,
            *(who.name for who in file.perpetrators),
            *(c.name for c in file.children),
        ]
        assert all("(démo)" in name or "(demo)" in name.lower() for name in people)
        assert file.weapons and file.measures and file.places


def test_a_file_is_read_as_it_was_written(pages: Pages) -> None:
    file = read_content(pages.files[LIEGE].case.id)
    assert [who.relation for who in file.perpetrators] == ["Frère", "Cousin, agit pour le frère"]
    assert [place.non_disclosed for place in file.places] == [True]
    assert [measure.kind for measure in file.measures] == ["contact-ban", "place-ban"]


def test_nothing_about_a_person_can_be_read_in_the_database(pages: Pages) -> None:
    assert pages.files
    stored = pages.stored()
    for word in ("Alix", "Exemple", "Couteau", "Voorbeeld", "Gent", "Spécimen", "Musterweg", "(démo)"):
        assert word.encode() not in stored, word


def test_a_sealed_row_cannot_be_moved_to_another_row(pages: Pages) -> None:
    case = pages.files[MONS].case
    knife, rifle = Weapon.objects.filter(case=case)
    rifle.sealed = knife.sealed
    rifle.save()
    with pytest.raises(UnsealError):
        read_content(case.id)


def test_a_sealed_row_cannot_be_moved_to_another_case(pages: Pages) -> None:
    Weapon.objects.filter(case=pages.files[MONS].case).update(case=pages.files[GENT].case)
    with pytest.raises(UnsealError):
        read_content(pages.files[GENT].case.id)


@pytest.mark.files("looks for it in the files")
def test_without_its_key_a_file_is_gone(pages: Pages) -> None:
    case = pages.files[MONS].case
    with sqlite3.connect(pages.config.data_dir / "keys.db") as keys:
        keys.execute("DELETE FROM case_key WHERE case_id = ?", (case.id,))
    with pytest.raises(KeyErased):
        KeyStore.open(pages.config).record_key(case.id)


def test_a_file_has_exactly_one_beneficiary(pages: Pages) -> None:
    case = pages.files[MONS].case
    other = BeneficiaryFacts(name="X (démo)", born=date(1990, 1, 1), languages="")
    with pytest.raises(IntegrityError), transaction.atomic():
        do_add(case, Beneficiary, other)


def test_names_are_found_for_many_cases_at_once_and_unknown_ones_are_left_out(pages: Pages) -> None:
    ids = [one.case.id for one in pages.files]
    assert names_of([*ids, "0" * 16]) == {one.case.id: one.name for one in pages.files}


def test_what_is_not_there_is_said_so(pages: Pages) -> None:
    with pytest.raises(NoSuchFile):
        read_content("0" * 16)
    assert Case.objects.count() == 0
    home = home_of(pages.files[MONS].case.id)
    assert home is not None and home.area.radius_m == 300
