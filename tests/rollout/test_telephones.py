"""Numbers of zones, centres and neighbours abroad: who keeps them, what is no number, and when one is old (rule 7)."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from egide.access.rules import Post, scope_for
from egide.demo.telephones import do_load_demo_telephones
from egide.outbox.days import today
from egide.outbox.models import OutboxRow
from egide.rollout.models import TelephoneNumber
from egide.rollout.rules import OLD_AFTER_DAYS
from egide.rollout.service import ABROAD, CENTRE, ZONE, do_load_reference, kept_by, telephones_of
from tests.support.pages import Pages

MONS = "/rollout/numbers/zone/5324/"


def with_numbers(pages: Pages) -> Pages:
    """The zones and centres of the reference, each with an invented number."""
    pages.begin("telephones", _begin)
    return pages


def _begin(_pages: Pages) -> None:
    do_load_reference()
    do_load_demo_telephones()


def who(pages: Pages, role: str, place: str = "") -> Client:
    user = pages.user(f"{role}-1", role="operator")
    user.memberships.all().delete()
    user.memberships.create(role=role, place=place)
    return pages.client(user)


def numbers(kind: str, place: str, country: str = "") -> list[str]:
    return [one.number for one in telephones_of(kind, [place], country)[place]]


def test_rule_07_a_border_centre_holds_the_number_of_the_country_asked_for(pages: Pages) -> None:
    with_numbers(pages)
    assert numbers(ABROAD, "LIE", "DE") == ["+49 000 000 0110"]
    # A country without a number gives every number that is held: any of them can pass on.
    assert len(numbers(ABROAD, "LIE", "GB")) == 3
    assert numbers(ABROAD, "BRU") == []


def test_loading_the_demo_twice_changes_nothing(pages: Pages) -> None:
    with_numbers(pages)
    before = list(TelephoneNumber.objects.values_list())
    do_load_demo_telephones()
    assert list(TelephoneNumber.objects.values_list()) == before


@pytest.mark.parametrize(
    ("role", "place", "kept"),
    [
        ("coordinator", "", {"zone:5324", "zone:5415", "centre:HAI", "centre:OVL", "abroad:HAI"}),
        ("supervisor", "HAI", {"zone:5324", "centre:HAI", "abroad:HAI"}),
        ("reference-officer", "5324", {"zone:5324"}),
        ("operator", "HAI", set()),
        ("zone-officer", "5324", set()),
        ("administrator", "", set()),
    ],
)
def test_who_keeps_which_numbers(pages: Pages, role: str, place: str, kept: set[str]) -> None:
    with_numbers(pages)
    scope = scope_for("x", "X", [Post(role, place)])
    asked = ((ZONE, ("5324", "5415")), (CENTRE, ("HAI", "OVL")), (ABROAD, ("HAI",)))
    assert {f"{kind}:{one}" for kind, places in asked for one in kept_by(scope, kind, places)} == kept


def test_a_reference_officer_adds_changes_checks_and_takes_out_a_number_of_the_own_zone(pages: Pages) -> None:
    with_numbers(pages)
    TelephoneNumber.objects.filter(kind=ZONE, place="5324").delete()
    officer = who(pages, "reference-officer", "5324")
    assert "No number is kept." in officer.get(MONS).content.decode()
    assert officer.post(MONS, {"name": "Dispatching", "number": "+32 (0)65 00 00 00"}).status_code == 302
    row = TelephoneNumber.objects.get(kind=ZONE, place="5324")
    page = officer.get(f"{MONS}?change={row.id}").content.decode()
    assert 'href="tel:+3265000000"' in page and "never rung yet" in page
    assert 'value="Dispatching"' in page and "Change Dispatching" in page
    changed = {"id": row.id, "name": "Dispatching", "number": "+32 65 00 00 11", "checked": "yes"}
    assert officer.post(MONS, changed).status_code == 302
    assert numbers(ZONE, "5324") == ["+32 65 00 00 11"]
    TelephoneNumber.objects.update(checked_on=today() - timedelta(days=OLD_AFTER_DAYS + 1))
    assert telephones_of(ZONE, ["5324"])["5324"][0].is_old
    assert officer.post(MONS, {"id": row.id, "check": "yes"}).status_code == 302
    assert not telephones_of(ZONE, ["5324"])["5324"][0].is_old
    assert officer.post(MONS, {"id": row.id, "out": "yes"}).status_code == 302
    assert numbers(ZONE, "5324") == []
    # Each change is on record, with who made it.
    assert OutboxRow.objects.filter(kind="TelephoneNumberKept").count() == 4


def test_others_read_and_nobody_writes_what_is_not_theirs(pages: Pages) -> None:
    with_numbers(pages)
    typed = {"name": "Other", "number": "+32 65 00 00 00"}
    before = TelephoneNumber.objects.count()
    operator = who(pages, "operator", "HAI")
    assert operator.get(MONS).status_code == 200
    assert "Keep the number" not in operator.get(MONS).content.decode()
    for client in (operator, who(pages, "reference-officer", "5415"), who(pages, "supervisor", "OVL")):
        assert client.post(MONS, typed).status_code == 404
    assert who(pages, "magistrate", "mons").get("/rollout/numbers/").status_code == 404
    assert TelephoneNumber.objects.count() == before


def test_the_coordinator_keeps_the_number_of_the_federal_unit_which_is_no_zone(pages: Pages) -> None:
    with_numbers(pages)
    url = "/rollout/numbers/zone/federal/"
    coordinator = who(pages, "coordinator")
    assert "Federal unit" in coordinator.get("/rollout/numbers/").content.decode()
    assert coordinator.post(url, {"name": "DAS", "number": "+32 2 000 00 00"}).status_code == 302
    assert "+32 2 000 00 00" in numbers(ZONE, "federal")
    assert who(pages, "supervisor", "HAI").post(url, {"name": "X1", "number": "101"}).status_code == 404
    assert coordinator.get("/rollout/numbers/zone/9999/").status_code == 404


@pytest.mark.parametrize(
    ("path", "typed", "wrong"),
    [
        ("zone/5324", {"name": "x", "number": "+32 65 00 00 00"}, "name"),
        ("zone/5324", {"name": "Dispatching", "number": "by radio"}, "number"),
        ("zone/5324", {"name": "Dispatching", "number": "+32 65 00 00 00 00 00 00 00"}, "number"),
        ("zone/5324", {"name": "Dispatching (démo) 5324", "number": "101"}, "name"),
        ("abroad/HAI", {"name": "Nord", "number": "+33 1 00 00 00 00"}, "country"),
        ("abroad/HAI", {"name": "Nord", "number": "0033 1 00 00 00 00", "country": "FR"}, "number"),
    ],
)
def test_what_is_no_number_is_said_beside_its_field_and_nothing_typed_is_lost(
    pages: Pages, path: str, typed: dict[str, str], wrong: str
) -> None:
    with_numbers(pages)
    before = TelephoneNumber.objects.count()
    reply = who(pages, "coordinator").post(f"/rollout/numbers/{path}/", typed)
    page = reply.content.decode()
    assert reply.status_code == 422 and f'id="{wrong}-error"' in page and f'href="#{wrong}"' in page
    assert f'value="{typed["number"]}"' in page
    assert TelephoneNumber.objects.count() == before


def test_the_list_shows_a_centre_with_its_neighbours_and_zones_and_what_is_old_or_missing(
    pages: Pages,
) -> None:
    with_numbers(pages)
    page = who(pages, "zone-officer", "5415").get("/rollout/numbers/").content.decode()
    assert "Dispatching (démo) 5415" in page and "CIC (démo) OVL" in page and "Meldkamer (demo)" in page
    assert page.count("last rung on") > 10 and page.count('class="ends"') >= 1
    assert "Dispatching (démo) 5324" not in page
    others = who(pages, "operator", "LIE").get("/rollout/numbers/").content.decode()
    assert "No number is kept." in others


def test_numbers_are_imported_with_a_preview_whole_or_not_at_all(pages: Pages) -> None:
    with_numbers(pages)
    client = who(pages, "coordinator")
    head = "kind;place;name;number;country;checked"
    no_place = "zone;0000;Dispatching;+32 65 00 00 00;;"
    no_country, no_number = "abroad;HAI;Nord;+33 1 00 00 00 00;;", "centre;HAI;CIC;x;;2999-01-01"
    page = send(client, head, no_place, no_country, no_number)
    for said in ("There is no zone or centre", "Choose the country", "no telephone number", "still to come"):
        assert said in page, said
    zone = "zone;5324;Dispatching (démo) 5324;+32 65 00 00 22;;2026-01-02"
    page = send(client, head, zone, "abroad;HAI;Nord;+33 1 00 00 00 00;FR;")
    draft = page.split('name="draft" value="')[1].split('"')[0]
    client.post("/rollout/import/numbers", {"draft": draft})
    assert telephones_of(ZONE, ["5324"])["5324"][0].checked_on == date(2026, 1, 2)
    assert numbers(ZONE, "5324") == ["+32 65 00 00 22"]
    assert "+33 1 00 00 00 00" in numbers(ABROAD, "HAI", "FR")


def send(client: Client, *lines: str) -> str:
    file = SimpleUploadedFile("numbers.csv", "\n".join(lines).encode())
    return str(client.post("/rollout/import/numbers", {"file": file}).content.decode())
