"""The call-back: the same on desk, zone and team; what must never be used stands before the number (rule 8)."""

import re
from dataclasses import replace
from typing import Any

import msgspec
from django.test import Client

from egide.alarm.events import CancelReceived
from egide.boards.service import Briefing, brief
from egide.boards.shown.call_back import call_back_of
from egide.casework.file.reading import FileContent
from egide.protocol.envelope import Trigger
from tests.boards.shown.test_radio import HERE, ON, fullest
from tests.boards.teams import following, officer, readings, with_team
from tests.support.pages import MONS, Pages, text_of
from tests.support.standing import standing

WORD, NUMBER = "parapluie", "tel:+32400000001"


def block(reply: Any) -> str:
    """The block of a page, or of a fragment."""
    assert reply.status_code == 200
    found = re.search(r'<section id="call-back".*?</section>', reply.content.decode(), re.S)
    assert found is not None
    return found[0]


def everywhere(pages: Pages, alarm: str) -> dict[str, str]:
    """Where it is shown."""
    client = pages.client(pages.user("op-2"))
    zone, team = officer(pages), following(pages, alarm)
    return {
        "desk": block(client.get(f"/response/alarms/{alarm}/briefing")),
        "zone": block(zone.post(f"/zone/alarms/{alarm}/call-back")),
        "officer": block(zone.get(f"/zone/alarms/{alarm}/file/")),
        "team": block(team.get(f"/team/{alarm}/")),
    }


def test_desk_zone_and_team_read_the_same_what_must_never_be_used_before_the_number(pages: Pages) -> None:
    shown = everywhere(pages, with_team(pages))
    assert len(set(shown.values())) == 1
    page = shown["desk"]
    told = (
        "l’adresse électronique commune",
        "en semaine, 9 h à 15 h",
        NUMBER,
        WORD,
        "français",
        "<li>Bérénice Exemple (démo)",
    )
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    # Dialling is a link, also for whom to warn and inside of a sentence.
    assert page.count('href="tel:+32400000101"') == 2


def test_under_duress_ringing_is_not_what_is_offered_first(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = with_team(pages, phone=phone)
    before = file_key(following(pages, alarm), alarm)
    pages.send(alarm, CancelReceived, phone, trigger=Trigger.DURESS)
    for page in everywhere(pages, alarm).values():
        first, _, folded = page.partition("<details>")
        assert "Under duress: do not ring now." in first and "tel:" not in first
        assert NUMBER in folded and "open" not in page[len(first) : len(first) + 20]
    # A page that is open already reads the file anew.
    assert file_key(following(pages, alarm), alarm) != before


def file_key(client: Client, alarm: str) -> str:
    found = re.search(r'data-file-key="([^"]*)"', client.get(f"/team/{alarm}/").content.decode())
    assert found is not None
    return found[1]


def test_the_zone_reads_it_on_record_and_only_whose_alarm_it_is(pages: Pages) -> None:
    alarm = with_team(pages)
    mine, other = officer(pages), officer(pages, zone="5415")
    before = len(readings(pages))
    assert "Call-back" in text_of(mine.get("/zone/"))
    assert len(readings(pages)) == before
    assert WORD in text_of(mine.post(f"/zone/alarms/{alarm}/call-back"))
    assert len(readings(pages)) == before + 1
    assert other.post(f"/zone/alarms/{alarm}/call-back").status_code == 404
    assert len(readings(pages)) == before + 1


def test_the_word_stands_in_no_address_and_on_no_list(pages: Pages) -> None:
    alarm = with_team(pages)
    client = pages.client(pages.user("op-2"))
    for url in ("/desk/", "/desk/board", f"/desk/alarms/{alarm}", f"/response/alarms/{alarm}/radio"):
        assert WORD not in client.get(url).content.decode()
    assert WORD not in officer(pages).get("/zone/").content.decode()
    page = client.get(f"/response/alarms/{alarm}/briefing").content.decode()
    assert page.count(WORD) == 1 and f"<b>{WORD}</b>" in page


def test_a_number_that_must_never_be_used_is_no_link() -> None:
    own = {"phone": "+32 400 12 34 56", "unsafe_contact": "jamais le 0400/12.34.56, il répond"}
    other = own | {"unsafe_contact": "avant le 01/02/2026"}
    for person, is_never in ((own, True), (other, False)):
        told = call_back_of(briefed(fullest(), **person), standing())
        assert told.is_never_her_number is is_never


def briefed(file: FileContent, **person: str) -> Briefing:
    changed = msgspec.structs.replace(file.beneficiary, **person)
    return brief(replace(file, beneficiary=changed), HERE, ON)
