"""A copy of an alarm is handed to a control room of others by UCRI2: by hand alone, and a person there answers."""

import json

from egide.alarm import events as a
from egide.boards import telling
from egide.connectors.dispatch.receivers import FIELDS, NAMES
from egide.connectors.ucri2.hearing import SAID
from egide.entrypoints.worker.turns import AGAIN_AFTER_S
from tests.boards.test_cad import move
from tests.support.pages import GENT, MONS, Pages, near, text_of
from tests.support.telling import close
from tests.support.ucri2.exchange import ControlRoom
from tests.support.ucri2.handing import FIRST, NAME, SECOND, THIRD, Handed


def test_rule_02_an_operator_hands_over_a_copy_a_person_there_accepts_and_the_alarm_stays_ours(
    handed: Handed, there: ControlRoom
) -> None:
    before = handed.pages.journal.alarm(handed.alarm)
    assert handed.hand() == 200
    assert "does not take the copy yet: call them" in handed.line
    handed.told.turn()
    assert "their exchange took the copy" in handed.line
    handed.turn()
    assert "their system has the copy" in handed.line
    (incident,) = there.received()
    assert incident["sharedIncidentId"] == handed.incident
    there.answer(handed.incident, "accepted", FIRST, "Streife 12 fährt")
    handed.turn()
    assert "a person there accepts. The alarm stays ours" in handed.line and "Streife 12 fährt" in handed.line
    there.end(handed.incident, SECOND, "niemand angetroffen")
    handed.turn()
    assert "done for them" in handed.line and "niemand angetroffen" in handed.line
    after = handed.pages.journal.alarm(handed.alarm)
    assert before is not None and after is not None and after.is_open
    assert (after.lead, after.missed, after.centres) == (before.lead, before.missed, before.centres)
    timeline = " ".join(
        text_of(handed.pages.client(handed.operator).get(f"/desk/alarms/{handed.alarm}/timeline")).split()
    )
    for words in (
        "Copy handed to a control room of others",
        "accepted by a person there",
        "Streife 12 fährt",
    ):
        assert words in timeline
    assert handed.kinds.count("NeighbourSaid") == 3
    assert handed.heard.count(SAID) == 3 and handed.ucrm.queued() == 0


def test_nothing_is_told_that_nobody_handed_over(handed: Handed) -> None:
    handed.turn()
    move(handed.pages, handed.alarm)
    handed.turn()
    assert handed.ucrm.came == [] and handed.line == ""
    handed.hand()
    close(handed.pages, handed.alarm)
    handed.turn()
    # What was handed over and never arrived is told to nobody once the alarm is closed.
    assert handed.ucrm.came == []


def test_neither_a_position_nor_the_end_is_told_and_a_new_opening_needs_a_hand_again(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    handed.pages.clock.advance_s(5)
    move(handed.pages, handed.alarm)
    handed.turn()
    handed.pages.clock.advance_s(5)
    close(handed.pages, handed.alarm)
    handed.turn()
    handed.pages.clock.advance_s(5)
    position = near(handed.pages.files[MONS])
    handed.pages.send(handed.alarm, a.PressedAgain, handed.pages.phone(MONS), position=position)
    handed.turn()
    assert len(handed.ucrm.sent()) == 1
    assert "hand it over anew" in handed.line and "accepts" not in handed.line
    handed.hand()
    handed.turn()
    first, second = there.received()
    assert first["sharedIncidentId"] == second["sharedIncidentId"]
    assert len({one["messageId"] for one in handed.ucrm.sent()}) == 2


def test_a_refusal_shows_its_cause_and_what_was_said_before_is_no_answer_to_the_next(
    handed: Handed, there: ControlRoom
) -> None:
    handed.hand()
    handed.turn()
    there.answer(handed.incident, "rejected", SECOND, "keine\nStreife\x00 frei")
    handed.turn()
    assert "a person there refuses: see who goes" in handed.line and "keine Streife frei" in handed.line
    handed.pages.clock.advance_s(5)
    assert handed.hand() == 200
    # The same once more, and one from before it: by whatever way, they are old.
    there.answer(handed.incident, "rejected", SECOND, "keine Streife frei")
    there.answer(handed.incident, "accepted", FIRST)
    handed.turn()
    assert "refuses" not in handed.line and "accepts" not in handed.line
    there.answer(handed.incident, "accepted", THIRD)
    handed.turn()
    assert "a person there accepts" in handed.line


def test_a_second_press_of_the_key_sends_nothing_twice(handed: Handed) -> None:
    assert [handed.hand(), handed.hand()] == [200, 200]
    handed.turn()
    handed.hand()
    handed.turn()
    assert len(handed.ucrm.came) == 1 and handed.kinds.count("NeighbourAsked") == 1


def test_who_may_not_hand_over_does_not(handed: Handed) -> None:
    pages = handed.pages
    other = pages.user(name="op-9", centre="OVL")
    assert handed.hand(user=other) == 404
    assert handed.hand("nobody") == 422 and handed.hand("") == 422
    assert "NeighbourAsked" not in handed.kinds
    page = pages.client(handed.operator).get(f"/desk/alarms/{handed.alarm}").content.decode()
    assert 'id="act-neighbour"' in page and f'<option value="{NAME}">' in page


def test_without_a_neighbour_in_the_settings_there_is_no_button(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    page = pages.client(pages.user()).get(f"/desk/alarms/{alarm}").content.decode()
    assert 'id="act-neighbour"' not in page and 'id="act-offer"' in page


def test_names_cross_only_where_the_list_has_them(handed: Handed, there: ControlRoom) -> None:
    handed.hand()
    handed.turn()
    file = handed.pages.files[MONS]
    names = telling.people_of(file.case.id)
    assert names is not None and names[0] == file.name and names[1]
    said = json.dumps(there.received(), ensure_ascii=False)
    assert not any(name in said for name in (names[0], *names[1], file.case.id, handed.alarm))
    whole = Handed(handed.pages, handed.ucrm, fields=[*FIELDS, NAMES])
    whole.hand()
    whole.turn()
    (incident,) = there.received()
    assert incident["victimPersons"] == [{"name": file.name}]
    assert [one["name"] for one in incident["accusedPersons"]] == list(names[1])


def test_what_the_list_leaves_out_is_not_there(handed: Handed, there: ControlRoom) -> None:
    bare = Handed(handed.pages, handed.ucrm, fields=["id", "circle"])
    bare.hand()
    bare.turn()
    (incident,) = there.received()
    assert {"issue", "victimPersons", "accusedPersons"}.isdisjoint(incident)
    assert "desk/from" not in json.dumps(incident) and "Waffe" not in json.dumps(incident)
    handed.hand()
    handed.turn()
    (incident,) = there.received()
    assert "desk/from" in incident["additionalInformation"] and "Waffe" in incident["additionalInformation"]
    assert incident["protocolRemarks"][0]["silent"] is True


def test_an_alarm_without_a_position_is_handed_over_once_there_is_one(handed: Handed, pages: Pages) -> None:
    handed.alarm = pages.alarm(pages.phone(GENT), None)
    handed.hand()
    handed.turn()
    assert handed.told.noted(handed.alarm) == [("raised", "no-position", 1)]
    move(pages, handed.alarm, GENT)
    handed.turn(AGAIN_AFTER_S[0])
    assert len(handed.ucrm.sent()) == 1
