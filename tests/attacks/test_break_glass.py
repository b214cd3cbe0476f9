"""Somebody opens files that are not theirs: by counting numbers, by guessing, with a friend, or barred (rule 41)."""

import html
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from django.conf import settings
from django.test import Client

from egide.access.models import User
from egide.alarm.events import AlarmClosed
from egide.boards.waking.planning import plan
from egide.casework import models as m
from egide.casework.file.reading import read_file
from egide.events.register import FileAsked, FileOpened
from egide.outbox.copy import copy_waiting
from egide.rollout.service import do_load_reference
from tests.support.pages import MONS, Pages, text_of

WHY = "Her sister called: she has left the house with him"
ASK = "/files/by-reason"


def bare(reply) -> str:  # type: ignore[no-untyped-def]
    """A page without what differs at each look, such as its token."""
    return re.sub(r'[A-Za-z0-9]{64}|nonce="[^"]*"', "", reply.content.decode())


class Place:
    """Somebody of Gent who has no right to a file of Mons, the zone that keeps it, and the officer who reviews."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        # Before anything else is written, so that the files are a copy.
        self.file = pages.files[MONS]
        do_load_reference()
        person = read_file(self.file.case.id).beneficiary.facts
        assert person.born is not None
        self.name = person.name
        self.asked = {"name": person.name, "born": person.born.isoformat(), "why": WHY}
        self.stranger = self.client("gent-1", "zone-officer", zone="5415")
        self.keeper = self.client("mons-1", "zone-officer", zone="5324")
        self.reference = self.client("mons-ref", "reference-officer", zone="5324")
        self.officer = self.client("dpo-1", "data-protection")

    def client(self, name: str, role: str, **place: str) -> Client:
        return self.pages.client(self.pages.user(name, role=role, **place))

    def again(self, name: str) -> Client:
        """A browser of somebody who signs in anew."""
        return self.pages.client(User.objects.get(name=name))

    def events(self, kind: str) -> list:  # type: ignore[type-arg]
        journal = self.pages.journal
        copy_waiting(self.pages.config, journal)
        return [journal.open_event(row) for row in journal.every() if row.kind == kind]


@pytest.fixture
def place(pages: Pages) -> Place:
    return Place(pages)


def test_numbers_do_not_stand_in_a_row(place: Place) -> None:
    numbers = sorted(int(case.number.partition("-")[2]) for case in m.Case.objects.all())
    assert all(later - earlier > 1 for earlier, later in pairwise(numbers))


def test_he_guesses_and_learns_nothing_from_the_answer(place: Place) -> None:
    settings.EGIDE = replace(settings.EGIDE, asks_per_shift=50)
    m.BarredReader.objects.create(case_id=place.file.case.id, mark="user:cousin")
    cousin = place.client("cousin", "zone-officer", zone="5415")
    wrong = [
        (place.stranger, place.asked | {"born": "1980-01-01"}),
        (place.stranger, place.asked | {"name": "Nobody Invented"}),
        (place.stranger, place.asked),
        (cousin, place.asked),
    ]
    seen = []
    for number, (client, asked) in enumerate(wrong):
        user = (
            place.client(f"asker-{number}", "zone-officer", zone="5415")
            if client is place.stranger
            else client
        )
        reply = user.post(ASK, asked)
        assert reply.status_code == 302 and reply["Location"] == ASK
        seen.append(re.sub(r"asker-\d|cousin", "", bare(user.get(ASK)), flags=re.IGNORECASE))
    assert len(set(seen)) == 1 and "No answer yet. There may be no such file." in html.unescape(seen[0])
    assert place.events("FileOpened") == []
    # The zone is asked once, and by nobody who is barred.
    waiting = text_of(place.keeper.get("/files/asked"))
    assert waiting.count(WHY) == 1 and "Asker-2" in waiting
    assert len(place.events("FileAskedInVain")) == 2
    assert [event.is_barred for event in place.events("FileAsked")] == [False, True]


def test_a_file_that_is_being_erased_reads_and_counts_like_none(place: Place) -> None:
    place.pages.installation.keys.destroy(place.file.case.id)
    assert place.stranger.post(ASK, place.asked).status_code == 302
    assert m.Asking.objects.get().case == "" and len(place.events("FileAskedInVain")) == 1


def test_what_is_too_short_or_no_day_is_said_and_costs_no_ask(place: Place) -> None:
    for wrong in ({"why": "because"}, {"born": "soon"}, {"born": "2099-01-01"}, {"name": ""}):
        reply = place.stranger.post(ASK, place.asked | wrong)
        assert reply.status_code == 422 and "What you typed is kept" in text_of(reply), wrong
    assert not m.Asking.objects.exists()


def test_he_tries_as_often_as_he_likes(place: Place) -> None:
    for _time in range(3):
        assert place.stranger.post(ASK, place.asked | {"born": "1980-01-01"}).status_code == 302
    last = place.stranger.post(ASK, place.asked)
    assert last.status_code == 429 and "asked as often as one may" in text_of(last)
    assert place.events("FileAsked") == [] and m.Asking.objects.count() == 3
    place.pages.clock.advance_s(12 * 3600 + 1)
    assert place.again("gent-1").post(ASK, place.asked).status_code == 302
    assert len(place.events("FileAsked")) == 1
    # The officer who reviews sees who asked in vain, and for nobody's file.
    seen = text_of(place.again("dpo-1").get("/start"))
    assert "Gent-1 asked 4 times for a file that they were not given" in seen


def test_he_is_alone(place: Place) -> None:
    assert place.stranger.post(ASK, place.asked).status_code == 302
    asking = m.Asking.objects.get()
    opening = {"do": "open", "asking": asking.id}
    assert place.stranger.post(ASK, opening).status_code == 422
    # Nobody who has no right to the file says yes, himself least of all.
    friend = place.client("gent-2", "zone-officer", zone="5415")
    operator = place.client("op-9", "operator")
    for client in (place.stranger, friend, operator, place.officer):
        assert client.post("/files/asked", {"asking": asking.id, "answer": "yes"}).status_code == 404
    assert place.stranger.post(ASK, opening).status_code == 422
    assert place.keeper.post("/files/asked", {"asking": asking.id, "answer": "perhaps"}).status_code == 404
    assert place.keeper.post("/files/asked", {"asking": asking.id, "answer": "yes"}).status_code == 302
    assert "You may read it, once" in text_of(place.stranger.get(ASK))
    assert friend.post(ASK, opening).status_code == 422
    shown = place.stranger.post(ASK, opening)
    page = text_of(shown)
    assert shown.status_code == 200 and place.name in page
    assert "/measure/add" not in shown.content.decode()
    # Once, and to read only.
    assert place.stranger.post(ASK, opening).status_code == 422
    assert place.stranger.get(f"/files/{place.file.case.id}/").status_code == 404
    (event,) = place.events("FileOpened")[-1:]
    assert isinstance(event, FileOpened)
    assert (event.user, event.why, event.second, event.alarm) == ("gent-1", WHY, "mons-1", None)
    for client in (place.reference, place.officer):
        assert "A file was opened for a stated reason" in text_of(client.get("/account"))
        told = text_of(client.get("/readings/exceptional"))
        assert WHY in told and "Mons-1 said yes to it before." in told


@pytest.mark.parametrize("how", ["refused", "late", "barred"])
def test_a_yes_that_is_none_any_more_opens_nothing(place: Place, how: str) -> None:
    place.stranger.post(ASK, place.asked)
    asking = m.Asking.objects.get()
    answer = "no" if how == "refused" else "yes"
    place.keeper.post("/files/asked", {"asking": asking.id, "answer": answer})
    if how == "late":
        place.pages.clock.advance_s(3601)
    elif how == "barred":
        m.BarredReader.objects.create(case_id=place.file.case.id, mark="zone:5415")
    assert place.again("gent-1").post(ASK, {"do": "open", "asking": asking.id}).status_code == 422
    assert [event for event in place.events("FileOpened") if event.user == "gent-1"] == []
    if how == "refused":
        assert "No answer yet. There may be no such file." in text_of(place.stranger.get(ASK))


def test_while_an_alarm_is_open_it_opens_at_once_and_the_zone_is_told_at_once(place: Place) -> None:
    alarm = place.pages.alarm(place.pages.phone(MONS))
    head = place.pages.journal.head()
    shown = place.stranger.post(ASK, place.asked)
    assert shown.status_code == 200 and place.name in text_of(shown)
    rows = place.pages.journal.read(head)
    opened = [row for row in rows if row.kind == "FileOpened"]
    assert [(row.zones, row.stream) for row in opened] == [(("5324",), f"case:{place.file.case.id}")]
    (event,) = (place.pages.journal.open_event(row) for row in opened)
    assert isinstance(event, FileOpened) and event.alarm == alarm and event.second == ""
    assert "An alarm of this file was open." in text_of(place.officer.get("/readings/exceptional"))
    # Closed, it takes a second person again.
    place.pages.installation.act(alarm, AlarmClosed(user="op", outcome="arrest", reason="-"))
    assert place.stranger.post(ASK, place.asked).status_code == 302
    assert isinstance(place.events("FileAsked")[0], FileAsked)


def test_the_zone_hears_of_it_on_every_page_and_its_devices_are_woken(place: Place) -> None:
    place.stranger.post(ASK, place.asked)
    for client in (place.keeper, place.reference):
        for address in ("/start", "/account", "/zone/", "/zone/alarms"):
            assert "Somebody asks to read a file of yours." in text_of(client.get(address)), address
    for client in (place.stranger, place.officer):
        assert "Somebody asks" not in text_of(client.get("/start"))
    # Nothing is told before it can be seen: a page that is told looks once.
    assert "FileAsked" not in [row.kind for row in place.pages.journal.every()]
    assert place.events("FileAsked")
    row = next(row for row in place.pages.journal.every() if row.kind == "FileAsked")
    assert row.zones == ("5324",)
    # Nobody set a device up; with one it is woken (tests/boards/waking/test_waking_files.py).
    assert plan(row) == []


def test_a_barred_colleague_of_the_zone_hears_of_no_ask(place: Place) -> None:
    m.BarredReader.objects.create(case_id=place.file.case.id, mark="user:mons-1")
    place.stranger.post(ASK, place.asked)
    for address in ("/start", "/account", "/zone/", "/files/asked"):
        page = text_of(place.keeper.get(address))
        assert "Somebody asks" not in page and WHY not in page
    asking = m.Asking.objects.get()
    assert place.keeper.post("/files/asked", {"asking": asking.id, "answer": "yes"}).status_code == 404


def test_files_of_before_are_found_too_and_names_in_any_order(place: Place) -> None:
    m.Beneficiary.objects.update(mark="")
    words = place.name.split()
    turned = " ".join(reversed([word for word in words if not word.startswith("(")])).upper()
    assert place.stranger.post(ASK, place.asked | {"name": turned}).status_code == 302
    assert len(place.events("FileAsked")) == 1
    assert not m.Beneficiary.objects.filter(mark="").exists()


def test_the_reason_lies_under_seal(place: Place) -> None:
    place.stranger.post(ASK, place.asked)
    assert WHY.encode() not in bytes(m.Asking.objects.get().sealed)


@pytest.mark.parametrize("role", ["administrator", "evaluator", "data-protection", "coordinator", "support"])
def test_who_has_nothing_to_do_with_files_finds_no_form(place: Place, role: str) -> None:
    client = place.client("somebody", role)
    assert client.get(ASK).status_code == 404 and client.post(ASK, place.asked).status_code == 404
    assert client.get("/files/asked").status_code == 404
