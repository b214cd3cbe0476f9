"""A person who signs in with their account of the authority: our pages by Django's client, the provider's by HTTPS."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from egide.access.authority import provider as ours
from egide.access.authority.marks import mark_of
from egide.access.models import User
from egide.common.clock import SetClock, SystemClock
from tests.support.openid.provider import CLIENT, SECRET, Provider, running_provider
from tests.support.pages import Pages

# What Django's test client calls itself.
ORIGIN = "http://testserver"
SUB = "4711"


class Person:
    """A browser and who sits before it."""

    def __init__(self, pages: Pages, provider: Provider, client: Client | None = None) -> None:
        self.client = client or pages.client()
        self.provider = provider
        self.there = requests.Session()
        self.there.trust_env = False
        self.there.verify = str(provider.pem)

    def sign_in(self, sub: str = SUB, begin: str = "/sign-in/authority", **said: str) -> HttpResponse:
        """All the way there and back; our last answer."""
        return self.come_back(self.address_back(sub, begin, **said))

    def address_back(self, sub: str = SUB, begin: str = "/sign-in/authority", **said: str) -> str:
        """Where the provider sends the browser to when the person has signed in there."""
        answer = self.client.get(begin)
        assert answer.status_code == 302, answer.content.decode()
        return self.answer_there(answer["Location"], sub, **said)

    def answer_there(self, address: str, sub: str = SUB, **said: str) -> str:
        """Answer the provider's forms until it sends the browser back to us; returns that address."""
        page = self.there.get(address, allow_redirects=False)
        for _step in range(20):
            if page.is_redirect:
                address = urljoin(address, page.headers["Location"])
                if address.startswith(ORIGIN):
                    return address
                page = self.there.get(address, allow_redirects=False)
                continue
            action = re.search(r'action="([^"]+)"', page.text)
            assert page.status_code == 200 and action, page.text
            hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
            address = urljoin(address, action[1])
            page = self.there.post(address, hidden or {"sub": sub, **said}, allow_redirects=False)
        raise AssertionError("the provider sends nobody back")

    def come_back(self, address: str) -> HttpResponse:
        """Follow it, as the browser does; our answer."""
        parts = urlsplit(address)
        answer: HttpResponse = self.client.get(f"{parts.path}?{parts.query}")
        return answer


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("openid"), ORIGIN) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider, in the settings of this test's installation; both have the clock of the machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.pem))
    # Requests reads these authorities for every call, and the tests are to trust none of them.
    for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    use(running, pages)
    running.calm()
    yield running
    ours.forget()


def run_from_now(clock: SetClock) -> None:
    """The clock goes on like the machine's, by which the provider dates what it signs; it can still be set forward."""
    begun_us = SystemClock().now_us()
    clock.__dict__["_now_us"] = begun_us
    clock.__dict__["now_us"] = lambda: SetClock.now_us(clock) + SystemClock().now_us() - begun_us


def use(provider: Provider, pages: Pages, factors: tuple[str, ...] = ("gold", "hwk")) -> None:
    """Set the installation up for this provider, as a process that has just begun."""
    ours.forget()
    run_from_now(pages.clock)
    settings.EGIDE = replace(
        settings.EGIDE,
        signin_issuer=provider.issuer,
        signin_client=CLIENT,
        signin_secret=SECRET,
        signin_factors=factors,
    )


def linked(pages: Pages, name: str = "op-1", sub: str = SUB, **fields: str) -> User:
    """An account that this person of the provider opens; only an invitation links one in life."""
    user = pages.user(name, **fields)
    link(user, sub)
    return user


def link(user: User, sub: str = SUB) -> None:
    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider="authority", uid=mark_of(sub), extra_data={})


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


__all__ = ["ORIGIN", "SUB", "Path", "Person", "is_in", "link", "linked", "provider", "running", "use"]
