"""A shift is handed over with what stands then, signed by two people, and kept in the log of the centre alone."""

import re

import pytest

from egide.access.models import User
from egide.alarm import events as a
from egide.events.shifts import ShiftHandedOver, ShiftTakenOver
from tests.boards.teams import act, with_team
from tests.support.pages import MONS, Pages, near, text_of

PAGE = "/shift/"


def events(pages: Pages, centre: str = "HAI") -> list[object]:
    return [pages.journal.open_event(row) for row in pages.journal.stream(f"shift:{centre}")]


def test_what_stands_is_handed_over_by_one_and_taken_over_by_another_each_an_event(pages: Pages) -> None:
    running = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    ended = with_team(pages, 2)
    act(pages, ended, a.AlarmClosed("op-1", "arrest", "over"))
    one, other = pages.client(User.objects.get(name="op-1")), pages.client(pages.user("op-2"))
    shown = text_of(one.get(PAGE))
    assert "Alix" in shown and "Waiting for a report" in shown and "No shift was handed over yet." in shown
    assert one.post(PAGE, {"note": "  The <second> telephone is broken.  "}).status_code == 302
    (handed,) = events(pages)
    assert isinstance(handed, ShiftHandedOver)
    assert (handed.user, handed.note) == ("op-1", "The <second> telephone is broken.")
    assert handed.open == (running,) and handed.waiting == (ended,)
    mine, theirs = one.get(PAGE), other.get(PAGE)
    assert 'id="sign-shift"' not in mine.content.decode() and "waits for the signature" in text_of(mine)
    assert "The <second> telephone is broken." in text_of(theirs)
    found = re.search(r'action="(/shift/\d+\?centre=HAI)"', theirs.content.decode())
    assert found is not None
    assert one.post(found[1]).status_code == 302 and len(events(pages)) == 1
    assert "Somebody else takes over" in text_of(one.get(PAGE))
    assert other.post(found[1]).status_code == 302
    taken = events(pages)[1]
    assert isinstance(taken, ShiftTakenOver) and (taken.user, taken.handed) == ("op-2", 1)
    third = pages.client(pages.user("op-3"))
    assert third.post(found[1]).status_code == 302 and len(events(pages)) == 2
    assert "has taken this shift over already" in text_of(third.get(PAGE))
    assert "Taken over by Op-2" in text_of(one.get(PAGE))


def test_without_a_word_it_is_handed_over_too_and_the_log_has_the_latest_first(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    for note in ("first", "", "third"):
        client.post(PAGE, {"note": note})
    log = text_of(client.get(PAGE)).split("Log of the centre")[1]
    assert log.index("third") < log.index("first") and log.count("Nobody has signed it yet.") == 3


@pytest.mark.parametrize(("length", "status"), [(2000, 302), (2001, 422)])
def test_what_is_too_long_is_said_and_stays(pages: Pages, length: int, status: int) -> None:
    client = pages.client(pages.user("op-1"))
    reply = client.post(PAGE, {"note": "x" * length})
    assert reply.status_code == status and len(events(pages)) == (status == 302)
    if status == 422:
        assert "x" * length in reply.content.decode() and "2,000" in text_of(reply)


def test_nobody_of_elsewhere_reads_or_signs_it(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    client.post(PAGE, {"note": "for Hainaut alone"})
    other = pages.client(pages.user("liege", centre="LIE"))
    assert "for Hainaut alone" not in text_of(other.get(PAGE))
    assert other.get(f"{PAGE}?centre=HAI").status_code == 404
    assert other.post(f"{PAGE}1?centre=HAI").status_code == 404
    assert other.post(f"{PAGE}1?centre=LIE").status_code == 404
    assert other.post(f"{PAGE}?centre=HAI", {"note": "x"}).status_code == 404
    for role, place in (("zone-officer", {"zone": "5324"}), ("magistrate", {"office": "mons"})):
        stranger = pages.client(pages.user(role, role=role, **place))
        assert stranger.get(PAGE).status_code == stranger.post(f"{PAGE}1").status_code == 404
    assert len(events(pages)) == 1


@pytest.mark.files("a quota of the file")
def test_with_a_journal_that_takes_nothing_it_says_so(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    pages.fill_disk()
    for _ in range(40):
        reply = client.post(PAGE, {"note": "x" * 1500})
        if reply.status_code != 302:
            break
    assert reply.status_code == 503
