"""An administrator makes an account for themselves, or takes over somebody's, to read files."""

import re
from copy import copy
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from egide.access.accounts.invitations import WRONG_CODES
from egide.access.models import AccountRequest, User
from egide.outbox.models import OutboxRow
from tests.support.pages import Pages

ZONE = "5324"
NEW_PASSWORD = "eleven green boats"
ASKED = {
    "name": "nobody-1",
    "title": "Nobody 1",
    "language": "fr",
    "role": "reference-officer",
    "place": ZONE,
}


class House:
    """Everybody who could be asked, each with a browser."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.admin = pages.client(pages.user("admin-1", role="administrator"))
        self.officer = pages.client(pages.user("dpo-1", role="data-protection"))
        self.reference = pages.client(pages.user("ref-1", role="reference-officer", zone=ZONE))
        self.elsewhere = pages.client(pages.user("ref-2", role="reference-officer", zone="5415"))
        self.magistrate = pages.client(pages.user("mag-1", role="magistrate", office="mons"))
        self.colleague = pages.client(pages.user("zone-1", role="zone-officer", zone=ZONE))


@pytest.fixture
def house(pages: Pages) -> House:
    return House(pages)


def asked_last() -> int:
    return AccountRequest.objects.latest("id").pk


def agree(client: Client, number: int | None = None) -> HttpResponse:
    reply: HttpResponse = client.post(f"/accounts/requests/{number or asked_last()}/agree")
    return reply


def half(page: HttpResponse, mark: str) -> str:
    found = re.search(rf'id="{mark}">([^<]+)<', page.content.decode())
    assert found, page.content.decode()
    return urlsplit(found[1]).path


def accept(client: Client, link: str, code: str = "") -> HttpResponse:
    form = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD, "code": code}
    reply: HttpResponse = client.post(link, form)
    return reply


def test_an_administrator_makes_nobody_who_agrees(house: House) -> None:
    """A data-protection officer of one's own would be a second person of one's own."""
    for role in ("data-protection", "administrator", "evaluator", "support"):
        house.admin.post("/accounts/invite", ASKED | {"name": f"own-{role}", "role": role, "place": ""})
        assert not User.objects.get(name=f"own-{role}").posts()
        for client in (house.admin, house.reference, house.magistrate):
            assert agree(client).status_code == 404, role
        assert agree(house.officer).status_code == 200, role


def test_only_the_person_who_answers_for_the_place_agrees(house: House) -> None:
    house.admin.post("/accounts/invite", ASKED)
    for client in (house.elsewhere, house.magistrate, house.colleague, house.admin):
        assert agree(client).status_code == 404
        assert "nobody-1" not in client.get("/accounts/requests").content.decode()
    assert agree(house.reference).status_code == 200
    assert agree(house.officer).status_code == 404, "decided"


def test_the_link_alone_opens_nothing_and_wrong_codes_void_it(house: House) -> None:
    house.admin.post("/accounts/invite", ASKED)
    link = half(agree(house.reference), "invitation-link")
    for number in range(WRONG_CODES):
        reply = accept(house.pages.client(), link, f"0000-0000-000{number}")
        assert reply.status_code == 422 and 'id="code-error"' in reply.content.decode()
    assert accept(house.pages.client(), link).status_code == 404
    assert not User.objects.get(name="nobody-1").has_usable_password()
    assert OutboxRow.objects.filter(kind="InvitationSpoiled").count() == 1


def test_the_code_alone_opens_nothing(house: House) -> None:
    code = half(house.admin.post("/accounts/invite", ASKED), "invitation-code")
    assert accept(house.admin, f"/invitation/{code}", code).status_code == 404


def test_a_new_start_ends_sessions_and_person_place_and_officer_are_told(house: House) -> None:
    house.admin.post("/accounts/zone-1/new-link")
    for client in (house.reference, house.officer):
        assert "New start: Zone-1" in client.get("/start").content.decode()
    assert agree(house.reference).status_code == 200
    assert house.colleague.get("/zone/").status_code == 302
    # Who decided knows; the other side takes note once.
    assert "New start: Zone-1" not in house.reference.get("/start").content.decode()
    assert "New start: Zone-1" in house.officer.get("/start").content.decode()
    assert house.elsewhere.post(f"/accounts/requests/{asked_last()}/note").status_code == 404
    assert house.officer.post(f"/accounts/requests/{asked_last()}/note").status_code == 302
    assert "New start: Zone-1" not in house.officer.get("/start").content.decode()
    signed_in = OutboxRow.objects.filter(kind="SignedIn")
    kinds = list(
        OutboxRow.objects.exclude(pk__in=signed_in).order_by("number").values_list("kind", flat=True)
    )
    assert kinds[:4] == ["AccountAsked", "AccountAnswered", "SessionsEnded", "AccountInvited"]
    assert kinds[-1] == "AccountNoted"


def test_anyone_who_answers_for_one_place_lets_nobody_into_another(house: House) -> None:
    """A new start opens everything that the account holds."""
    user = User.objects.get(name="zone-1")
    user.memberships.create(role="magistrate", place="mons")
    house.admin.post("/accounts/zone-1/new-link")
    assert agree(house.reference).status_code == 404
    assert agree(house.magistrate).status_code == 404
    assert agree(house.officer).status_code == 200


def test_a_post_that_came_after_the_asking_counts_too(house: House) -> None:
    house.admin.post("/accounts/zone-1/new-link")
    User.objects.get(name="zone-1").memberships.create(role="magistrate", place="mons")
    assert agree(house.reference).status_code == 404


def test_one_more_post_waits_for_the_place_that_it_opens(house: House) -> None:
    form = {"keep": [f"zone-officer {ZONE}"], "role": "zone-officer", "place": "5415"}
    assert house.admin.post("/accounts/zone-1/posts", form).status_code == 302
    assert len(User.objects.get(name="zone-1").posts()) == 1
    assert agree(house.reference).status_code == 404
    assert agree(house.elsewhere).status_code == 302
    assert len(User.objects.get(name="zone-1").posts()) == 2
    assert "One more post: Zone-1" in house.officer.get("/start").content.decode()


def test_what_was_refused_stays_refused(house: House) -> None:
    house.admin.post("/accounts/invite", ASKED)
    assert house.officer.post(f"/accounts/requests/{asked_last()}/refuse").status_code == 302
    assert agree(house.reference).status_code == 404
    assert not User.objects.get(name="nobody-1").posts()
    assert "New account: Nobody 1" in house.reference.get("/start").content.decode(), "the place is told"


def test_two_roles_that_are_held_alone_are_not_asked_for_one_after_the_other(house: House) -> None:
    house.admin.post("/accounts/invite", ASKED | {"role": "administrator", "place": ""})
    form = {"role": "data-protection", "place": ""}
    assert house.admin.post("/accounts/nobody-1/posts", form).status_code == 422
    assert AccountRequest.objects.count() == 1


def test_asking_for_much_hides_nothing_from_the_person_nor_from_the_place(house: House) -> None:
    house.admin.post("/accounts/mag-1/new-link")
    house.admin.post("/accounts/invite", ASKED)
    assert house.officer.post(f"/accounts/requests/{asked_last()}/refuse").status_code == 302
    later_us = AccountRequest.objects.latest("id").at_us + 1
    user = User.objects.get(name="zone-1")
    for state in ("open", "refused"):
        other = AccountRequest(
            user=user, kind="post", posts="operator HAI", by="admin-1", at_us=later_us, state=state
        )
        AccountRequest.objects.bulk_create([copy(other) for _time in range(250)])
    assert "Asked by admin-1" in house.magistrate.get("/files/").content.decode()
    page = house.reference.get("/start").content.decode()
    assert "New account: Nobody 1" in page and "1 account waits for your answer" in page
    page = house.reference.get("/accounts/requests").content.decode()
    assert "New account: Nobody 1" in page and "Take note" in page
