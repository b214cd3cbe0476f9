"""Where something is, written as an address: the house that is meant, or a question, and nothing is lost."""

from pathlib import Path

import pytest

from egide.casework import models as m
from egide.casework.file.facts import Area
from egide.casework.service import read_content
from egide.common.clock import SystemClock
from egide.demo.plan import do_import_plan
from egide.geography.addresses.importing import do_import
from egide.geography.ground import distance_m
from tests.casework.people import Office, text_of
from tests.geography.addresses.conftest import best_row, write_best

HOME = {"kind": "home", "address": "rue de l exemple 12 mons", "position": "", "radius": "60"}
BAN = {"kind": "place-ban", "issuer": "Tribunal", "starts": "2026-11-02"}
AT_E7 = (504_518_000, 39_571_000)


@pytest.fixture
def mapped(office: Office) -> Office:
    """Offices of an authority that has imported its addresses."""
    do_import_plan(office.pages.config.addresses_file, SystemClock())
    return office


def away_m(area: Area | None) -> float:
    assert area is not None
    return distance_m(area.lat_e7, area.lon_e7, *AT_E7)


@pytest.mark.parametrize(
    "typed",
    ["rue de l exemple 12 mons", "Rue de l’Exemple 12, 7000 Mons", "7000 exemple 12", "12 r. exmple mons"],
)
def test_a_place_needs_no_degrees_where_its_address_is_known(mapped: Office, typed: str) -> None:
    case = mapped.file()
    reply = mapped.officer.post(f"/files/{case.id}/place/add", HOME | {"address": typed})
    assert reply.status_code == 302
    place = read_content(case.id).places[-1].facts
    assert away_m(place.area) < 2 and place.area.radius_m == 60, "exact, and no circle of a whole town"
    assert place.address == typed, "as the officer wrote it"


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("exmple 12 mons", "fr"),
        ("rue de l ex", "fr"),
        ("voorbeldstraat gent", "nl"),
        ("gent vorbeeldstr", "nl"),
    ],
)
def test_as_somebody_types_the_address_that_is_meant_comes_first(
    mapped: Office, typed: str, language: str
) -> None:
    mapped.officer.cookies["egide_language"] = language
    reply = mapped.officer.post("/files/addresses", {"text": typed})
    found = reply.json()["found"]
    assert found and ("Exemple" in found[0] or "Voorbeeldstraat" in found[0])


def test_too_little_too_much_and_rubbish_find_nothing_and_harm_nothing(mapped: Office) -> None:
    for text in ("", "ex", "   ", "%%%", '" OR 1=1 --', "\x00\x00\x00", "é" * 5000):
        reply = mapped.officer.post("/files/addresses", {"text": text})
        assert reply.status_code == 200 and reply.json() == {"found": []}
    assert mapped.officer.post("/files/addresses").json() == {"found": []}


def test_nobody_but_those_who_write_files_is_told_addresses(mapped: Office) -> None:
    for other in (mapped.magistrate, mapped.clerk, mapped.client("op", "operator", centre="HAI")):
        assert other.post("/files/addresses", {"text": "exemple mons"}).status_code == 404
    assert mapped.officer.get("/files/addresses?text=exemple").status_code == 405


def test_without_a_list_nothing_is_suggested(office: Office) -> None:
    case = office.file()
    assert "suggesting.js" not in office.officer.get(f"/files/{case.id}/place/add").content.decode()
    assert office.officer.post("/files/addresses", {"text": "exemple mons"}).json() == {"found": []}


def test_what_is_written_of_the_position_counts_more_than_the_address(mapped: Office) -> None:
    case = mapped.file()
    given = HOME | {"position": "50.46, 3.96"}
    assert mapped.officer.post(f"/files/{case.id}/place/add", given).status_code == 302
    assert away_m(read_content(case.id).places[-1].facts.area) > 800


def test_who_moves_has_the_circle_of_the_new_address(mapped: Office) -> None:
    case = mapped.file()
    given = HOME | {"address": "Ancienne rue 1", "position": "50.46000, 3.96000"}
    assert mapped.officer.post(f"/files/{case.id}/place/add", given).status_code == 302
    row = m.Place.objects.filter(case=case).latest("id")
    url = f"/files/{case.id}/place/{row.id}"

    def edited(address: str) -> float:
        now = m.Place.objects.get(id=row.id)
        form = given | {"address": address, "version": str(now.version)}
        assert mapped.officer.post(url, form).status_code == 302
        return away_m(
            next(one.facts.area for one in read_content(case.id).places if one.facts.address == address)
        )

    assert edited("Ancienne rue 1 bis") > 800, "not in the list: what was written stays"
    assert edited("Rue de l'Exemple 12, 7000 Mons") < 2


def test_a_street_without_a_number_is_a_question_and_no_guess(mapped: Office) -> None:
    case = mapped.file()
    before = m.Place.objects.filter(case=case).count()
    for address, said in (
        ("rue de l'exemple", "may be: Rue de l’Exemple, 7000 Mons"),
        ("rue de l'exemple 9999", "may be: Rue de l’Exemple, 7000 Mons"),
        ("Rue Inventée 1, 7000 Mons", "is no address or place that is known here"),
        ("??", "is no address or place that is known here"),
    ):
        reply = mapped.officer.post(f"/files/{case.id}/place/add", HOME | {"address": address})
        page = text_of(reply)
        assert reply.status_code == 422 and said in page, address
        assert "with the number of the house" in page or "Degrees always work" in page
        # Beside what is wrong.
        assert 'id="id_address_error"' in reply.content.decode()
    assert m.Place.objects.filter(case=case).count() == before


def test_one_house_of_several_is_taken_by_its_whole_address(office: Office, tmp_path: Path) -> None:
    towns = {"7000": (50.4500, "Mons"), "4000": (50.6362, "Liège")}
    rows = [
        best_row(
            "3",
            lat,
            streets=("", "Rue du Test", ""),
            municipality=("", town, ""),
            postcode=code,
            postnames=(town, ""),
        )
        for code, (lat, town) in towns.items()
    ]
    listed = write_best(tmp_path / "openaddress-betest.csv", rows)
    do_import([listed], office.pages.config.addresses_file, SystemClock())
    case = office.file()
    url = f"/files/{case.id}/place/add"
    page = text_of(office.officer.post(url, HOME | {"address": "test 3"}))
    assert "Rue du Test 3, 7000 Mons" in page and "Rue du Test 3, 4000 Liège" in page
    assert office.officer.post(url, HOME | {"address": "rue du TEST 3, 4000 LIEGE"}).status_code == 302
    assert read_content(case.id).places[-1].facts.area.lat_e7 == 506_362_000


def test_a_ban_is_drawn_around_an_address(mapped: Office) -> None:
    case = mapped.file()
    rows = {
        "areas-0-place": "Rue de l'Exemple 12, 7000 Mons",
        "areas-0-metres": "150",
        "areas-0-label": "École",
    }
    rows |= {"areas-1-place": "exemple 12 mons", "areas-1-metres": "", "areas-1-label": ""}
    assert mapped.officer.post(f"/files/{case.id}/measure/add", BAN | rows).status_code == 302
    measure = read_content(case.id).measures[-1]
    first, second = (measure.area, *measure.more_areas)
    assert first is not None and away_m(first) < 2 and (first.radius_m, first.label) == (150, "École")
    # No map bears the address of a house, which may be one that nobody is to know.
    assert away_m(second) < 2 and (second.radius_m, second.label) == (300, "")


def test_without_a_list_places_and_degrees_go_on(office: Office) -> None:
    case = office.file()
    url = f"/files/{case.id}/place/add"
    page = text_of(office.officer.post(url, HOME))
    assert "“rue de l exemple 12 mons” is no address or place that is known here" in page
    assert office.officer.post(url, HOME | {"position": "cuesmes"}).status_code == 302
    office.pages.config.addresses_file.parent.mkdir()
    office.pages.config.addresses_file.write_bytes(b"rubbish")
    assert office.officer.post(url, HOME).status_code == 422
    assert office.officer.post(url, HOME | {"position": "50.45, 3.95"}).status_code == 302


def test_who_may_not_write_the_file_asks_nothing_of_the_list(mapped: Office) -> None:
    case = mapped.file()
    for client in (
        mapped.client("ref-9", "reference-officer", zone="5415"),
        mapped.client("op-9", "operator", centre="HAI"),
        mapped.pages.client(),
    ):
        assert client.post(f"/files/{case.id}/place/add", HOME).status_code in (302, 403, 404)
    assert m.Place.objects.filter(case=case).count() == 1
