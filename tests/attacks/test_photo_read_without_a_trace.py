"""Somebody who may open a file fetches only the photo in it, by its address, and leaves no reading behind."""

import re

from django.test import Client

from egide.access.models import User
from egide.access.readings.page_views import LASTS_S
from egide.casework import models as m
from egide.casework.papers.keeping import PHOTO, PaperFacts, do_add_paper
from egide.events.register import FileOpened
from egide.outbox.copy import copy_waiting
from tests.boards.teams import following, readings, with_team
from tests.support.pages import MONS, Pages


def with_photo(pages: Pages, file: int = MONS) -> str:
    """The address of a perpetrator's photo in one of the files."""
    case = pages.files[file].case.id
    owner = m.Perpetrator.objects.filter(case_id=case).values_list("id", flat=True)[0]
    facts = PaperFacts(media="image/jpeg", sha256="00" * 32, by="ref-1")
    paper = do_add_paper(case, PHOTO, b"no real photo", facts, owner=owner)
    return f"/files/{case}/paper/{paper.id}"


def read_by(pages: Pages, user: str) -> int:
    """How many readings of the file this person has on record."""
    copy_waiting(pages.config, pages.journal)
    return sum(one.user == user for one in readings(pages))


def colleague(pages: Pages, name: str = "ref-1") -> Client:
    user = User.objects.filter(name=name).first()
    return pages.client(user or pages.user(name, role="reference-officer", zone="5324"))


def photo_on(page: str) -> str:
    """The address of the first photo that a page loads."""
    found = re.search(r'<img class="(?:photo|face)"\s+src="([^"]+)"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


def test_the_address_that_a_page_loaded_is_a_reading_for_anybody_else_and_a_minute_later(
    pages: Pages,
) -> None:
    address, client = with_photo(pages), colleague(pages)
    shown = photo_on(client.get(address.partition("paper/")[0]).content.decode())
    colleague(pages, "ref-2").get(shown)
    assert read_by(pages, "ref-2") == 1
    pages.clock.advance_s(LASTS_S + 1)
    client.get(shown)
    assert read_by(pages, "ref-1") == 2
    for made_up in ("x", "9" * 40, f"{pages.clock.now_us() // 1_000_000}.AAAA", "²."):
        client.get(f"{address}?view={made_up}")
    assert read_by(pages, "ref-1") == 6


def test_a_team_that_fetches_the_photo_alone_is_recorded_under_its_call_sign(pages: Pages) -> None:
    with_photo(pages)
    alarm = with_team(pages)
    client = following(pages, alarm)
    shown = photo_on(client.get(f"/team/{alarm}/").content.decode())
    before = read_by(pages, "team:M 12")
    assert client.get(shown).status_code == 200
    assert read_by(pages, "team:M 12") == before
    assert client.get(f"/team/{alarm}/photo?n=0").status_code == 200
    assert read_by(pages, "team:M 12") == before + 1


def test_an_operator_who_fetches_the_photo_alone_is_recorded(pages: Pages) -> None:
    with_photo(pages)
    alarm = with_team(pages)
    client = pages.client(User.objects.get(name="op-1"))
    assert client.get(f"/response/alarms/{alarm}/photo?n=0").status_code == 200
    last = readings(pages)[-1]
    assert isinstance(last, FileOpened) and (last.user, last.alarm) == ("op-1", alarm)
    shown = photo_on(client.get(f"/response/alarms/{alarm}/briefing").content.decode())
    count = len(readings(pages))
    client.get(shown)
    assert len(readings(pages)) == count
