"""An exchange of UCRI2, or a control room behind it, that is away, slow, wrong or lies: the alarm goes on.

What they say counts for what was handed to them alone.
"""

import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from egide.alarm.events.elsewhere import number_for
from egide.connectors.calling import CallRefused
from egide.connectors.dispatch.due import due
from egide.connectors.dispatch.facts import LOOKED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import Receiver, problems
from egide.connectors.ucri2 import road
from egide.connectors.ucri2.hearing import STRANGE
from egide.connectors.ucri2.incident import uuid_of
from egide.connectors.ucri2.queue import Unreadable
from egide.entrypoints.worker.hearing import hearers_of
from egide.entrypoints.worker.telling import FETCHES_US, Fetching
from egide.entrypoints.worker.turns import AGAIN_AFTER_S
from egide.journal.now.signs import Signs
from tests.support.certificates import Authority
from tests.support.dispatch_system import settings_file
from tests.support.pages import Pages, text_of
from tests.support.telling import Clock
from tests.support.ucri2.exchange import OTHERS, ControlRoom, Exchange, enveloped, exchange
from tests.support.ucri2.handing import FIRST, NAME, Handed, receiver_of


def test_an_exchange_that_is_away_slow_or_refuses_is_tried_again_under_the_same_number(
    handed: Handed,
) -> None:
    handed.hand()
    handed.ucrm.behave(send=503)
    handed.told.turn()
    assert handed.told.noted(handed.alarm) == [("raised", "refused-503-491", 1)]
    assert "does not take the copy yet" in handed.line
    handed.ucrm.behave(wait_s=6)
    handed.told.turn(AGAIN_AFTER_S[0])
    handed.ucrm.behave()
    handed.told.turn(AGAIN_AFTER_S[1])
    assert len({one["said"]["messageId"] for one in handed.ucrm.came}) == 1
    assert handed.told.noted(handed.alarm)[-1] == ("raised", "", 3)


def test_a_token_that_ended_is_asked_for_anew(handed: Handed, there: ControlRoom) -> None:
    handed.turn()
    handed.hand()
    handed.turn()
    handed.ucrm.behave(forgets=1)
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    assert "a person there accepts" in handed.line


def test_a_copy_that_does_not_arrive_is_told_and_can_be_handed_over_again(handed: Handed) -> None:
    handed.ucrm.behave(delivers=502)
    handed.hand()
    handed.turn()
    assert "the copy did not arrive there: call them" in handed.line
    handed.ucrm.behave()
    handed.pages.clock.advance_s(5)
    handed.hand()
    handed.turn()
    assert "their system has the copy" in handed.line


@pytest.mark.parametrize(
    ("delivers", "said"), [(200, "their system has the copy"), (502, "did not arrive there: call them")]
)
def test_what_became_of_a_copy_counts_though_it_is_heard_before_our_call_came_back(
    handed: Handed, delivers: int, said: str
) -> None:
    if delivers != 200:
        handed.ucrm.behave(delivers=delivers)
    handed.hand()
    state = handed.pages.journal.alarm(handed.alarm)
    assert state is not None
    facts = due(state, handed.receiver, 0, handed.pages.clock.now_us())
    assert facts is not None
    road.send(facts, handed.receiver, Clock())
    handed.hear()
    assert said in handed.line
    handed.turn()
    assert said in handed.line


def test_who_answers_for_an_alarm_that_is_not_theirs_changes_nothing(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    liar = ControlRoom(handed.ucrm, "others")
    liar.answer(handed.incident, "accepted", FIRST)
    there.answer(uuid_of(number_for("other", handed.alarm)), "accepted", FIRST)
    there.answer("00000000-0000-0000-0000-000000000000", "accepted", FIRST)
    handed.turn()
    assert "their system has the copy" in handed.line and handed.ucrm.queued() == 0
    assert handed.kinds.count("NeighbourSaid") == 1


def test_an_alarm_that_was_never_handed_over_cannot_be_accepted(handed: Handed, there: ControlRoom) -> None:
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    assert "NeighbourSaid" not in handed.kinds and handed.ucrm.queued() == 0


STRANGE_THINGS = (
    "{",
    "[" * 3000,
    '{"sharedIncidentId": 1}',
    json.dumps({"sharedIncidentId": "x", "acknowledgedByDispatcherAt": FIRST, "status": "accepted"}),
    json.dumps({"sharedIncidentId": "0" * 32, "acknowledgedByDispatcherAt": "now", "status": "accepted"}),
    json.dumps({"sharedIncidentId": "0" * 32, "acknowledgedByDispatcherAt": FIRST, "status": "maybe"}),
    json.dumps(
        {
            "sharedIncidentId": "0" * 32,
            "acknowledgedByDispatcherAt": "9999-01-01T00:00:00Z",
            "status": "accepted",
        }
    ),
)


def test_what_cannot_be_read_stands_in_nobodys_way(handed: Handed, there: ControlRoom) -> None:
    handed.hand()
    handed.turn()
    for said in STRANGE_THINGS:
        there.say("acknowledgement", said)
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    assert "a person there accepts" in handed.line
    assert handed.heard.count(STRANGE) == len(STRANGE_THINGS) and handed.ucrm.queued() == 0


def test_entries_without_shape_leave_the_queue_with_the_next_and_an_incident_of_theirs_is_told(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    for entry in ("x", 7, {"sequenceId": "one"}, {"sequenceId": -1}):
        handed.ucrm.put(entry)
    handed.ucrm.put(enveloped("1.2.276.5.2", "1.2.276.5.1", "incident", "{}"))
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    assert "a person there accepts" in handed.line
    assert STRANGE in handed.heard and handed.ucrm.queued() == 0


def test_a_queue_that_is_too_large_or_no_queue_is_a_fault_and_a_smaller_piece_is_asked_for(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    there.answer(handed.incident, "accepted", FIRST)
    handed.ucrm.behave(bytes=3_000_000)
    with pytest.raises(Unreadable):
        handed.turn()
    handed.ucrm.behave(receive=500)
    with pytest.raises(CallRefused):
        handed.turn()
    handed.ucrm.behave()
    handed.turn()
    assert "a person there accepts" in handed.line


def test_what_could_not_be_taken_off_comes_again_and_changes_nothing(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    there.answer(handed.incident, "accepted", FIRST)
    handed.ucrm.behave(commit=500)
    with pytest.raises(CallRefused):
        handed.turn()
    handed.ucrm.behave()
    handed.turn()
    assert handed.kinds.count("NeighbourSaid") == 2 and handed.ucrm.queued() == 0


def test_under_tls_a_certificate_of_somebody_else_is_told_nothing(handed: Handed, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "stranger").mkdir()
    stranger = Authority(tmp_path / "stranger")
    with exchange(tmp_path / "secure", Authority(tmp_path / "theirs")) as secure:
        entry = secure.entry()
        wrong = entry | {"more": {**entry["more"], "authorities": str(stranger.pem)}}  # type: ignore[dict-item]
        facts = Facts(TEST, "", 1, 1)
        with pytest.raises(Refused) as refused:
            road.send(facts, msgspec.convert(wrong, Receiver), Clock())
        assert refused.value.why == "unreachable"
        road.send(facts, msgspec.convert(entry, Receiver), Clock())
        assert secure.came == []


def test_a_test_reaches_nobody_and_says_whether_the_exchange_knows_them(ucrm: Exchange) -> None:
    facts = Facts(TEST, "", 1, 1)
    road.send(facts, receiver_of(ucrm), Clock())
    with pytest.raises(Refused) as refused:
        road.send(facts, receiver_of(ucrm, to=OTHERS), Clock())
    assert refused.value.why == "not-registered" and ucrm.came == []
    ucrm.behave(incidents=0)
    with pytest.raises(Refused, match="not-registered"):
        road.send(facts, receiver_of(ucrm), Clock())
    ucrm.behave()
    ucrm.password_file.write_text("another", encoding="ascii")
    road.send(facts, receiver_of(ucrm), Clock())


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"url": "http://ucrm.example/"}, "expected https"),
    ({"fields": ["id"]}, "circle"),
    ({"fields": ["id", "circle", "address"]}, "there are id"),
    ({"more": {}}, "account"),
    ({"more": {"account": "e:f", "own": "1.2.3", "to": "1.2.4"}}, "colon"),
    ({"more": {"account": "e", "own": "1.2.x", "to": "1.2.4"}}, "an OID"),
    ({"more": {"account": "e", "own": "1.2.3", "to": "1.2.3"}}, "the same"),
    ({"more": {"account": "e", "own": "1.2.3", "to": "1.2.4", "language": "it"}}, "language"),
    ({"more": {"account": "e", "own": "1.2.3", "to": "1.2.4", "password": "x"}}, "more cannot be used"),
    (
        {"more": {"account": "e", "own": "1.2.3", "to": "1.2.4", "authorities": "/none.pem"}},
        "cannot be used",
    ),
)


def test_a_wrong_entry_is_named(pages: Pages, ucrm: Exchange, tmp_path: Path) -> None:
    for change, what in WRONG:
        path = settings_file(tmp_path, (ucrm.entry() | change,))
        (sentence,) = problems(replace(pages.installation.config, dispatch_systems=str(path)))
        assert what in sentence


def test_names_are_for_nobody_who_is_told_by_itself(pages: Pages, ucrm: Exchange, tmp_path: Path) -> None:
    entry = {"name": "ccic", "url": "https://cad.example", "secret_file": str(ucrm.password_file)}
    whole = entry | {"centres": ["HAI"], "fields": ["id", "names"]}
    config = replace(pages.installation.config, dispatch_systems=str(settings_file(tmp_path, (whole,))))
    assert any("names: there are" in sentence for sentence in problems(config))


def test_whoever_knows_the_password_answers_for_nobody_by_the_other_road(handed: Handed) -> None:
    reply = handed.pages.client().post(f"/dispatch/{NAME}/answers", b"{}", content_type="application/json")
    assert reply.status_code == 401
    assert re.fullmatch(r"[\w-]+", handed.ucrm.password_file.read_text())


def test_who_tries_the_road_reads_that_nothing_was_sent(handed: Handed) -> None:
    client = handed.pages.client(handed.pages.user("admin-1", role="administrator"))
    page = text_of(client.post(f"/systems/{NAME}/test", follow=True))
    assert f"{NAME} answers; nothing was sent." in page and handed.ucrm.came == []


def test_several_behind_one_exchange_are_heard_by_one_thread_and_an_exchange_that_is_away_is_missed(
    handed: Handed, tmp_path: Path
) -> None:
    entries = (handed.ucrm.entry(), handed.ucrm.entry("maastricht", OTHERS))
    config = replace(handed.pages.installation.config, dispatch_systems=str(settings_file(tmp_path, entries)))
    (thread,) = hearers_of(threading.Event(), config, handed.pages.clock)
    assert thread.name == f"hears {NAME}"
    signs, clock = Signs(config, handed.pages.clock), Clock()
    fetching = Fetching(signs, handed.receiver, clock)
    clock.pause_us += FETCHES_US - 1
    assert not fetching.is_missed()
    signs.note_last(f"{LOOKED}{NAME}", "looked")
    clock.pause_us += 1
    assert not fetching.is_missed()
    clock.pause_us += FETCHES_US
    assert fetching.is_missed()
