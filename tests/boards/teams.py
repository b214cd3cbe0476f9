"""What tests of a team's link and page begin with: an alarm with a team, a link, a phone that opened it."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from egide.access.models import User
from egide.access.service import scope_of
from egide.alarm import events as a
from egide.alarm.state import AlarmState
from egide.boards import links
from egide.events.base import Event
from egide.events.register import FileOpened
from egide.protocol.envelope import Position
from tests.support.installation import Phone
from tests.support.pages import MONS, Pages, near, text_of

TAP = "0b0e8f4e-2d3c-4f6a-9a51-6f0f6a1f0c0"
DAY_S = 86_400


def officer(pages: Pages, zone: str = "5324", name: str = "", language: str = "en") -> Client:
    """The browser of an officer of this zone."""
    name = name or f"officer-{zone}"
    user = User.objects.filter(name=name).first() or pages.user(name, role="zone-officer", zone=zone)
    return pages.client(user, language)


def operator(pages: Pages) -> Client:
    """The browser of the operator who has the alarm."""
    return pages.client(User.objects.get(name="op-1"))


def with_team(
    pages: Pages, file: int = MONS, north_m: int = 0, phone: Phone | None = None, at: Position | None = None
) -> str:
    """An alarm that a centre has taken, whose zone has named the team M 12; at the file's home unless it is `at`."""
    at = at or near(pages.files[file], north_m=north_m)
    alarm = pages.alarm(phone or pages.phone(file), at, zone="5324")
    if not User.objects.filter(name="op-1").exists():
        pages.user("op-1")
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 12"))
    return alarm


def act(pages: Pages, alarm: str, event: Event) -> None:
    """Something happens to the alarm."""
    pages.installation.act(alarm, event)


def make_link(pages: Pages, alarm: str) -> tuple[str, str]:
    """Path and code of a fresh link, as the operator's screen shows them."""
    made = links.do_make_link(scope_of(User.objects.get(name="op-1")), alarm)
    return "/team/" + made.url.split("/team/")[1], made.code


def phone(pages: Pages, path: str, language: str = "en") -> Client:
    """A phone that opened the link."""
    client = pages.client(language=language)
    reply = client.post(path)
    assert reply.status_code == 302, text_of(reply)
    return client


def following(pages: Pages, alarm: str, language: str = "en") -> Client:
    """A phone that follows the alarm by a link of its own."""
    return phone(pages, make_link(pages, alarm)[0], language)


def tap(client: Client, alarm: str, kind: str, number: int = 0, **more: str) -> HttpResponse:
    """One tap of the phone."""
    reply: HttpResponse = client.post(f"/team/{alarm}/tap", {"kind": kind, "id": f"{TAP}{number}", **more})
    return reply


def offered(client: Client, alarm: str) -> list[str]:
    """What the team's page lets its phone tap now."""
    found = re.search(r'data-offered="([^"]*)"', client.get(f"/team/{alarm}/now").content.decode())
    assert found is not None
    return found[1].split()


def said(reply: Any) -> str:
    """What the answer to a tap says."""
    return str(reply.json()["said"])


def state(pages: Pages, alarm: str) -> AlarmState:
    """The alarm as its events add up."""
    found = pages.journal.alarm(alarm)
    assert found is not None
    return found


def readings(pages: Pages, file: int = MONS) -> list[FileOpened]:
    """Who read this file, in order."""
    return [
        event
        for row in pages.journal.stream(f"case:{pages.files[file].case.id}")
        if isinstance(event := pages.journal.open_event(row), FileOpened)
    ]
