"""Officers enrol, see and end a kit's devices that are no phones on a page: the key once, and nothing for others."""

import re

import pytest
from django.test import Client

from egide.events.sources import SourceEnrolled
from egide.fleet.models import Kit
from egide.fleet.pages.source_kinds import KINDS
from egide.fleet.sources import shown_of_kit
from egide.outbox.service import journal
from egide.protocol.sources import ROADS
from tests.fleet.files import House, build_house
from tests.fleet.test_fleet_pages import member
from tests.fleet.test_sources import KEY, given
from tests.support.pages import Pages, text_of
from tests.support.sources import ADDRESS, Button

TYPED = {"kind": "bthome", "name": ADDRESS, "key": KEY.hex(" "), "place": "50.4550, 3.9520", "radius": "40"}


@pytest.fixture
def house(pages: Pages) -> House:
    return build_house(pages)


@pytest.fixture
def kit(house: House) -> Kit:
    return house.prepare()


@pytest.fixture
def officer(house: House, kit: Kit) -> Client:
    return member(house.pages, "zone-officer", "5324", "keeps-kits")


def page_of(client: Client, kit: Kit, query: str = "") -> str:
    return " ".join(text_of(client.get(f"/kits/{kit.id}/sources{query}")).split())


def answer(client: Client, kit: Kit, **typed: str) -> str:
    """What the form answers to something wrong."""
    response = client.post(f"/kits/{kit.id}/sources", TYPED | typed)
    assert response.status_code == 422
    return response.content.decode()


def test_a_button_is_enrolled_heard_and_taken_off_and_its_key_is_never_shown(
    house: House, kit: Kit, officer: Client
) -> None:
    assert "No other device reports" in page_of(officer, kit)
    assert "/sources" in officer.get(f"/kits/{kit.id}/").content.decode()
    assert "Key of the device" in page_of(officer, kit, "?kind=bthome")
    assert officer.post(f"/kits/{kit.id}/sources", TYPED).status_code == 302
    house.copy()
    page = officer.get(f"/kits/{kit.id}/sources").content.decode()
    assert KEY.hex() not in page and KEY.hex(" ") not in page
    said = page_of(officer, kit)
    assert ADDRESS.upper() in said and "50.45500, 3.95200 (± 40 m)" in said
    assert "Never heard yet" in said
    (one,) = shown_of_kit(house.officer, kit.id)
    button = Button(one.source, kit.id, kit.case_id, key=KEY)
    assert given(house, button, button.held()) == "received"
    assert "Never heard yet" not in page_of(officer, kit) and "heard ·" in page_of(officer, kit)
    assert "Take it off now?" in page_of(officer, kit)
    assert officer.post(f"/kits/{kit.id}/sources/{one.source}/end").status_code == 302
    house.copy()
    said = page_of(officer, kit)
    assert "taken off: nothing of it is taken any more" in said and "Take it off now?" not in said
    assert given(house, button, button.held()) == "unknown-source"


def test_a_tracker_has_neither_key_nor_place(house: House, kit: Kit, officer: Client) -> None:
    form = page_of(officer, kit, "?kind=traccar")
    assert "as its service knows it" in form and "Key of the device" not in form
    typed = {"kind": "traccar", "name": "356938035643809"}
    assert officer.post(f"/kits/{kit.id}/sources", typed).status_code == 302
    house.copy()
    assert "356938035643809" in page_of(officer, kit)


def test_an_alarm_device_says_how_often_it_works(house: House, kit: Kit, officer: Client) -> None:
    typed = {"kind": "dc09", "name": "47ab", "key": "ab" * 32, "place": "50.4550, 3.9520", "every": "60"}
    for every in ("9", "86401", "often"):
        response = officer.post(f"/kits/{kit.id}/sources", typed | {"every": every})
        assert response.status_code == 422 and "Between 10 and 86400 seconds" in text_of(response)
    assert officer.post(f"/kits/{kit.id}/sources", typed).status_code == 302
    house.copy()
    (one,) = shown_of_kit(house.officer, kit.id)
    (enrolled,) = [row for row in journal().stream(f"source:{one.source}")]
    event = journal().open_event(enrolled)
    assert isinstance(event, SourceEnrolled)
    assert (event.name, event.every_s, len(event.key)) == ("47AB", 60, 32)


def test_what_is_wrong_stands_at_its_field_and_a_key_that_was_typed_does_not_come_back(
    kit: Kit, officer: Client
) -> None:
    for wrong, field in (
        ({"name": "here"}, "name"),
        ({"key": "00"}, "key"),
        ({"key": "no key"}, "key"),
        ({"place": ""}, "place"),
        ({"place": "nowhere at all"}, "place"),
        ({"radius": "6000"}, "radius"),
    ):
        page = answer(officer, kit, **wrong)
        assert f'id="{field}-error"' in page, wrong
        assert KEY.hex(" ") not in page and 'type="password"' in page
        assert re.search(r'<input id="key"[^>]*value=', page) is None
    assert "Choose what kind of device" in answer(officer, kit, kind="telepathy")


def test_a_kit_that_came_back_takes_no_device(house: House, kit: Kit, officer: Client) -> None:
    Kit.objects.filter(id=kit.id).update(state="returned")
    assert "Enrol another device" not in page_of(officer, kit)
    assert "given back or lost" in answer(officer, kit)


def test_who_may_not_keep_the_kit_sees_nothing_and_does_nothing(house: House, kit: Kit) -> None:
    pages = house.pages
    far = member(pages, "zone-officer", "5329", "far")
    for other in (
        far,
        pages.client(pages.user()),
        member(pages, "administrator"),
        member(pages, "coordinator"),
    ):
        assert other.get(f"/kits/{kit.id}/sources").status_code in (403, 404)
        assert other.post(f"/kits/{kit.id}/sources", TYPED).status_code in (403, 404)
        assert other.post(f"/kits/{kit.id}/sources/0011223344556677/end").status_code in (403, 404)
    assert pages.client().get(f"/kits/{kit.id}/sources").status_code == 302
    house.copy()
    assert shown_of_kit(house.officer, kit.id) == []


def test_a_device_of_another_kit_cannot_be_ended_here(kit: Kit, officer: Client) -> None:
    response = officer.post(f"/kits/{kit.id}/sources/0011223344556677/end")
    assert response.status_code == 422 and "No such device reports" in text_of(response)


def test_each_road_has_its_row_in_the_table_of_kinds() -> None:
    assert KINDS.keys() == set(ROADS)
