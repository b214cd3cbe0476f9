"""The map on the page of a file: places and bans in force for its zone; for others what hides nobody; or no map."""

import html
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.store import do_add_row, do_remove_row
from egide.outbox.days import today
from tests.casework.people import SECRET_ADDRESS, Office, text_of

HIDDEN, WORK, SCHOOL, FAR = (
    (504_518_000, 39_571_000),
    (504_700_000, 39_900_000),
    (504_611_111, 39_611_111),
    (504_822_222, 39_822_222),
)


def area(at: tuple[int, int], radius_m: int, label: str = "") -> f.Area:
    return f.Area(lat_e7=at[0], lon_e7=at[1], radius_m=radius_m, label=label)


def add_place(case: m.Case, kind: str, address: str, at: tuple[int, int]) -> None:
    do_add_row(case, "place", f.PlaceFacts(kind=kind, address=address, area=area(at, 60)), "ref-1")


def add_ban(case: m.Case, *areas: f.Area, kind: str = "place-ban", **more: Any) -> None:
    given = {"issuer": "Tribunal (démo)", "starts": date(2026, 1, 1), **more}
    ban = f.MeasureFacts(kind=kind, area=areas[0] if areas else None, more_areas=areas[1:], **given)
    do_add_row(case, "measure", ban, "ref-1")


@pytest.fixture
def case(office: Office) -> m.Case:
    """A file with a hidden home, a place of work, and a ban around the home, a school and a friend's address."""
    case = office.file()
    add_place(case, "work", "Rue du Travail 1, 7000 Mons", WORK)
    add_ban(
        case,
        area(HIDDEN, 300, "Domicile"),
        area(SCHOOL, 250, "École"),
        area(FAR, 150, "Amie"),
        ends=date(2028, 6, 1),
    )
    return case


def page_of(client: Client, case: m.Case) -> str:
    reply = client.get(f"/files/{case.id}/")
    assert reply.status_code == 200
    return text_of(reply)


def drawn(page: str) -> dict[str, list[dict[str, Any]]]:
    """What the script is told to draw."""
    found = re.search(r'data-ground="([^"]*)"', page)
    told: dict[str, list[dict[str, Any]]] = json.loads(html.unescape(found[1])) if found else {}
    return told


def words(page: str) -> list[str]:
    """The lines below the map."""
    found = re.search(r'<ul class="circles">(.*?)</ul>', page, re.S)
    lines = re.findall(r"<li.*?</li>", found[1], re.S) if found else []
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in lines]


def spelt(at: tuple[int, int]) -> list[str]:
    """A position in every way in which a page may write it."""
    return [form for number in at for form in (str(number), str(number / 1e7), f"{number / 1e7:.5f}")]


def test_its_zone_sees_places_and_bans_drawn_and_the_same_in_words(office: Office, case: m.Case) -> None:
    page = page_of(office.officer, case)
    told = drawn(page)
    assert told["places"] == [
        {"lat": 50.4518, "lon": 3.9571, "radius": 200, "name": "◼ Home"},
        {"lat": 50.47, "lon": 3.99, "radius": 60, "name": "Work"},
    ]
    assert [(one["lat"], one["radius"], one["name"]) for one in told["bans"]] == [
        (50.4518, 300, "Place ban"), (50.4611111, 250, "Place ban"), (50.4822222, 150, "Place ban")
    ]  # fmt: skip
    assert words(page) == [
        f"Home · {SECRET_ADDRESS} · 200 m around ◼ Non-disclosed address",
        "Work · Rue du Travail 1, 7000 Mons · 60 m around",
        "Place ban · Domicile · 300 m around · Tribunal (démo), until 1 June 2028",
        "Place ban · École · 250 m around · Tribunal (démo), until 1 June 2028",
        "Place ban · Amie · 150 m around · Tribunal (démo), until 1 June 2028",
    ]
    # Without the script the words stand alone.
    assert re.search(r'<div id="ground-drawn" hidden>', page) and "No street map was imported" in page


def test_for_others_no_hidden_address_and_no_circle_of_a_ban_is_told_in_any_spelling(
    office: Office, case: m.Case
) -> None:
    for client in (office.magistrate, office.clerk):
        page = page_of(client, case)
        assert drawn(page) == {
            "places": [{"lat": 50.47, "lon": 3.99, "radius": 60, "name": "Work"}],
            "bans": [],
        }
        assert words(page) == ["Work · Rue du Travail 1, 7000 Mons · 60 m around"]
        for at in (HIDDEN, SCHOOL, FAR):
            assert not [form for form in spelt(at) if form in page], at
        assert "A non-disclosed address is drawn for the managing zone alone" in page
        assert "The circles of bans are drawn for the managing zone alone" in page


def test_where_all_is_hidden_there_is_no_map_for_others(office: Office) -> None:
    case = office.file()
    add_ban(case, area(HIDDEN, 300, "Domicile"))
    assert 'id="ground"' in page_of(office.officer, case)
    page = page_of(office.magistrate, case)
    assert 'id="ground"' not in page and "ground.js" not in page


def test_without_a_position_there_is_no_map(office: Office) -> None:
    case = office.file()
    place = m.Place.objects.get(case=case)
    do_remove_row(case, "place", place.id, place.version, "ref-1")
    add_ban(case, kind="contact-ban")
    page = page_of(office.officer, case)
    assert 'id="ground"' not in page and "ground.js" not in page
    add_ban(case, area(SCHOOL, 250))
    assert [one["radius"] for one in drawn(page_of(office.officer, case))["bans"]] == [250]


def test_a_ban_that_is_over_or_has_not_begun_is_not_drawn(office: Office) -> None:
    case = office.file()
    for number, (starts, ends) in enumerate(((-30, -1), (1, 30), (0, 0), (-1, 1))):
        add_ban(
            case,
            area(SCHOOL, 100 + number),
            kind="residence-ban",
            starts=today() + timedelta(days=starts),
            ends=today() + timedelta(days=ends),
        )
    told = drawn(page_of(office.officer, case))["bans"]
    assert [(one["radius"], one["name"]) for one in told] == [
        (102, "Temporary residence ban"), (103, "Temporary residence ban")
    ]  # fmt: skip


def test_who_may_not_read_the_file_finds_no_map(office: Office, case: m.Case) -> None:
    m.BarredReader.objects.create(case=case, mark="user:cousin")
    for client in (
        office.client("elsewhere", "reference-officer", zone="5330"),
        office.client("cousin", "reference-officer", zone="5324"),
        office.pages.client(),
    ):
        reply = client.get(f"/files/{case.id}/")
        assert reply.status_code in (302, 404) and b"ground" not in reply.content
