"""An emergency account as the house makes it: asked for, agreed to, both halves taken."""

import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client

from egide.access.models import AccountRequest, EmergencyHalf, EmergencyUse, User
from tests.support.pages import Pages, text_of

NAME = "emergency-5324"
SIGN_IN = "/sign-in/emergency"
WANTED = {
    "name": NAME,
    "title": "Emergency · Mons/Quévy",
    "language": "en",
    "role": "zone-officer",
    "place": "5324",
    "first": "zone-1",
    "second": "zone-2",
}


@dataclass
class Emergency:
    """The people around one, each signed in, and the two halves by whom they were given to."""

    pages: Pages
    admin: Client
    officer: Client
    holders: dict[str, Client]
    halves: dict[str, str]

    @property
    def user(self) -> User:
        return User.objects.get(name=NAME)

    def use(self) -> EmergencyUse:
        """The one opening that there was."""
        return EmergencyUse.objects.get()

    def give(self, client: Client, half: str, name: str = NAME) -> HttpResponse:
        """Type a half in this browser."""
        reply: HttpResponse = client.post(SIGN_IN, {"name": name, "half": half})
        return reply

    def give_both(self, client: Client | None = None) -> Client:
        """Two people in one browser, one after the other."""
        browser = client or self.pages.client()
        for half in self.halves.values():
            self.give(browser, half)
        return browser


def people(pages: Pages) -> Emergency:
    """Everybody, before anything was asked."""
    holders = {
        name: pages.client(pages.user(name, role="zone-officer", zone="5324"))
        for name in ("zone-1", "zone-2")
    }
    admin = pages.client(pages.user("admin-1", role="administrator"))
    return Emergency(
        pages, admin, pages.client(pages.user("dpo-1", role="data-protection")), holders, halves={}
    )


def ask(house: Emergency, **fields: str) -> HttpResponse:
    reply: HttpResponse = house.admin.post("/accounts/emergency", WANTED | fields)
    return reply


def agree(house: Emergency, client: Client | None = None) -> HttpResponse:
    asked = AccountRequest.objects.filter(user__name=NAME).latest("id")
    reply: HttpResponse = (client or house.officer).post(f"/accounts/requests/{asked.pk}/agree")
    return reply


def take(house: Emergency, holder: str) -> HttpResponse:
    half = EmergencyHalf.objects.get(user__name=NAME, holder=holder)
    reply: HttpResponse = house.holders[holder].post(f"/emergency/halves/{half.pk}")
    return reply


def half_on(page: HttpResponse) -> str:
    found = re.search(r'id="emergency-half">([^<]+)<', page.content.decode())
    assert found, text_of(page)
    return found[1]


def take_both(house: Emergency) -> None:
    house.halves = {name: half_on(take(house, name)) for name in house.holders}


def sealed(pages: Pages) -> Emergency:
    """An emergency account of which both halves lie in their envelopes."""
    house = people(pages)
    assert ask(house).status_code == 302
    assert agree(house).status_code == 302
    take_both(house)
    return house


def is_open(client: Client) -> bool:
    """Whether this browser works as the emergency account."""
    return client.get("/zone/").status_code == 200
