"""A chat in which things come in no order, or for nobody: nothing is lost or overtaken, nobody reads another's."""

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from egide.alarm import events as a
from egide.alarm.events.elsewhere import number_for
from egide.boards import telling
from egide.connectors.cad.fetching import do_note_raised
from egide.connectors.dispatch.due import due
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED
from egide.connectors.ng112.chat import Word
from egide.entrypoints.worker.talking import hear
from tests.boards.test_cad import move
from tests.boards.test_talk_by_sip import TALKS, next_said, raised_to, word
from tests.connectors.ng112.lying import answer_to, lying
from tests.support.pages import GENT, MONS, Pages, near, text_of
from tests.support.telling import Told, close

ADDRESS = "sip:psap@control.example"


def did(alarm: str, kind: str, number: str) -> Word:
    return Word(number_for(TALKS.name, alarm), kind, "", number, ADDRESS)


def next_kind(pages: Pages, alarm: str) -> str:
    state = pages.journal.last_known_alarm(alarm)
    assert state is not None
    facts = due(state, TALKS, 0, pages.clock.now_us())
    return facts.type if facts is not None else ""


def test_a_chat_of_the_right_form_that_is_nobody_s_or_another_s_is_none(pages: Pages) -> None:
    other = replace(TALKS, name="other")
    mine = raised_to(pages, TALKS)
    pages.clock.advance_s(60)
    theirs = raised_to(pages, other)
    pages.clock.advance_s(60)
    elsewhere = pages.alarm(pages.phone(GENT), near(pages.files[GENT]), centre="OVL")
    before = len(list(pages.journal.read(after=0)))
    for number in (
        "0" * 32,
        number_for(other.name, mine),
        number_for(other.name, theirs),
        number_for(TALKS.name, elsewhere),
        mine,
        number_for(TALKS.name, mine).upper(),
    ):
        assert (
            hear(Word(number, a.CHAT_SAID, "Where is she?", "1", ADDRESS), TALKS, telling, do_note_raised)
            == 481
        )
    assert len(list(pages.journal.read(after=0))) == before
    assert hear(word(TALKS, mine), TALKS, telling, do_note_raised) == 200
    client = pages.client(pages.user())
    assert "Is he there?" in text_of(client.get(f"/desk/alarms/{mine}"))
    assert "Is he there?" not in text_of(client.get(f"/desk/alarms/{theirs}"))


def test_words_that_come_before_our_message_is_noted_as_taken_are_kept_and_prove_it(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    assert hear(did(alarm, a.CHAT_BEGUN, "1"), replace(TALKS, name="other"), telling, do_note_raised) == 481
    assert hear(did(alarm, a.CHAT_BEGUN, "0"), TALKS, telling, do_note_raised) == 200
    assert hear(word(TALKS, alarm), TALKS, telling, do_note_raised) == 200
    state = pages.journal.last_known_alarm(alarm)
    assert state is not None
    (told,) = state.told
    assert told.receiver == TALKS.name and told.taken_at_us and len(told.words) == 2
    assert next_kind(pages, alarm) != RAISED


def test_a_stop_before_any_start_is_noted_and_opens_nothing(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    assert hear(did(alarm, a.CHAT_OVER, "1"), TALKS, telling, do_note_raised) == 200
    pages.send(alarm, a.TextReceived, pages.phone(MONS), body=b"safe")
    assert next_said(pages, alarm, TALKS) == ""
    page = text_of(pages.client(pages.user()).get(f"/desk/alarms/{alarm}"))
    assert "chat ended" in page and "answered by a person" not in page
    # A START that was overtaken by its STOP opens it: whoever reads nobody has to say so again.
    assert hear(did(alarm, a.CHAT_BEGUN, "0"), TALKS, telling, do_note_raised) == 200
    assert next_said(pages, alarm, TALKS) == "safe"


def test_after_their_stop_the_alarm_goes_on_for_them_and_a_word_takes_the_chat_up_again(pages: Pages) -> None:
    alarm = raised_to(pages, TALKS)
    for one in (did(alarm, a.CHAT_BEGUN, "1"), did(alarm, a.CHAT_OVER, "2")):
        assert hear(one, TALKS, telling, do_note_raised) == 200
    pages.send(alarm, a.TextReceived, pages.phone(MONS), body=b"here")
    pages.clock.advance_s(5)
    move(pages, alarm)
    # Where she is goes on being told; what she says does not.
    assert next_kind(pages, alarm) == MOVED and next_said(pages, alarm, TALKS) == ""
    # The STOP once more, as it was, ends nothing that was begun since.
    assert hear(word(TALKS, alarm, "Still here", "3"), TALKS, telling, do_note_raised) == 200
    assert hear(did(alarm, a.CHAT_OVER, "2"), TALKS, telling, do_note_raised) == 200
    assert next_said(pages, alarm, TALKS) == "here"
    close(pages, alarm)
    assert next_kind(pages, alarm) == CLOSED
    assert hear(did(alarm, a.CHAT_BEGUN, "4"), TALKS, telling, do_note_raised) == 403


def latitude(request: bytes) -> float:
    found = re.search(rb"<gml:pos>([0-9.]+) ", request)
    return float(found[1]) if found else 0.0


def test_a_position_that_is_refused_or_comes_late_never_follows_a_newer_one(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("egide.connectors.ng112.road.DEADLINE_S", 60.0)
    now = ["200 OK"]

    def answer(request: bytes) -> Iterator[bytes]:
        yield answer_to(request, now[-1])

    with lying(answer) as server:
        alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
        told = Told(pages, replace(TALKS, url=server.url, more={"sender": "sip:egide@police.example"}))
        told.turn()
        pages.clock.advance_s(60)
        # One that is refused is not said again once there is a newer one, and an older one that comes late never is.
        for status, metres, age_s in (
            ("503 Unavailable", 100, 0),
            ("488 Not Here", 200, 0),
            ("200 OK", 300, 0),
            ("200 OK", 150, 40),
            ("200 OK", 400, 0),
        ):
            now.append(status)
            pages.clock.advance_s(5)
            move(pages, alarm, north_m=metres, age_s=age_s)
            told.turn(60)
        came = [latitude(one) for one in server.came]
    places = [
        round(near(pages.files[MONS], north_m=metres).lat_e7 / 1e7, 7) for metres in (0, 100, 200, 300, 400)
    ]
    assert came == places and told.teller.failing == 0
    assert all(b"uid:msgtype:260:" in one for one in server.came[1:])
    assert told.noted(alarm) == [("raised", "", 1)]
