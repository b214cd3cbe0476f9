"""Safety rule 2 at the desk: who leads goes on leading until a named person of the new centre or zone accepts."""

import pytest

from egide.alarm.events import AlarmAcknowledged, StepMissed, ZoneConfirmed
from tests.boards.desk.reading import order_on, row_of
from tests.support.pages import LIEGE, MONS, Pages, near, text_of

pytestmark = pytest.mark.usefixtures("with_files")


def moved(pages: Pages) -> str:
    """Taken in Hainaut by op-1, led by the zone of Mons; the position is now in Liège."""
    pages.user("op-1")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    pages.installation.act(alarm, ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    pages.installation.route(alarm, zone="5277", centre="LIE", position=near(pages.files[LIEGE]))
    return alarm


def test_rule_02_both_centres_see_who_leads_and_the_new_one_rings_until_somebody_takes_over(
    pages: Pages,
) -> None:
    alarm = moved(pages)
    here, there = pages.client(pages.user("op-2")), pages.client(pages.user("op-lie", centre="LIE"))
    ours, theirs = here.get("/desk/board"), there.get("/desk/board")
    assert "CIC Liège is asked" in text_of(ours) and row_of(ours, alarm)["rings"] == "no"
    assert "To take over" in text_of(theirs) and "CIC Hainaut leads" in text_of(theirs)
    assert (row_of(theirs, alarm)["rings"], row_of(theirs, alarm)["asked"]) == ("yes", "yes")
    panel = there.get(f"/desk/alarms/{alarm}").content.decode()
    assert 'id="act-take-over" data-next' in panel and 'id="act-close"' not in panel
    page = here.get(f"/desk/alarms/{alarm}")
    assert "To be handed over to CIC Liège" in text_of(page) and "The position is now in Liège" in text_of(
        page
    )
    assert 'id="act-keep-centre"' in page.content.decode()


def test_rule_02_a_named_person_of_the_new_centre_takes_over_and_then_leads(pages: Pages) -> None:
    alarm = moved(pages)
    here, there = pages.client(pages.user("op-2")), pages.client(pages.user("op-lie", centre="LIE"))
    reply = there.post(f"/desk/alarms/{alarm}/take-over")
    assert reply.status_code == 200 and "You have this alarm" in text_of(reply)
    assert 'id="act-zone' in reply.content.decode()
    row = row_of(here.get("/desk/board"), alarm)
    assert (row["lead"], row["here"], row["taken-by"], row["rings"]) == (
        "CIC Liège",
        "no",
        "Op-Lie",
        "no",
    )
    refused = here.post(f"/desk/alarms/{alarm}/close", {"outcome": "arrest", "reason": "told by M 12"})
    assert refused.status_code == 409 and "Another centre leads this alarm" in text_of(refused)
    state = pages.journal.alarm(alarm)
    assert state is not None and (state.lead.centre, state.lead.acknowledged_by) == ("LIE", "op-lie")


def test_rule_02_two_who_take_over_at_once_the_second_reads_who_was_first(pages: Pages) -> None:
    alarm = moved(pages)
    first, second = (pages.client(pages.user(name, centre="LIE")) for name in ("lie-1", "lie-2"))
    assert first.post(f"/desk/alarms/{alarm}/take-over").status_code == 200
    late = second.post(f"/desk/alarms/{alarm}/take-over")
    assert late.status_code == 409 and "Already taken by Lie-1" in text_of(late)
    assert pages.installation.kinds(f"alarm:{alarm}").count("HandoverAccepted") == 1


def test_rule_02_keeping_takes_the_question_back_and_who_comes_too_late_reads_it(pages: Pages) -> None:
    alarm = moved(pages)
    here, there = pages.client(pages.user("op-2")), pages.client(pages.user("op-lie", centre="LIE"))
    kept = here.post(f"/desk/alarms/{alarm}/keep-centre")
    assert kept.status_code == 200 and "To be handed over" not in text_of(kept)
    late = there.post(f"/desk/alarms/{alarm}/take-over")
    assert late.status_code == 409 and "no longer asked" in text_of(late)
    row = row_of(there.get("/desk/board"), alarm)
    assert (row["rings"], row["asked"]) == ("no", "no")
    assert 'id="act-take-over"' not in there.get(f"/desk/alarms/{alarm}").content.decode()


def test_rule_02_the_zone_that_leads_keeps_the_alarm_and_everybody_reads_where_the_position_is(
    pages: Pages,
) -> None:
    alarm = moved(pages)
    client = pages.client(pages.user("op-2"))
    assert 'id="act-keep-zone"' in client.get(f"/desk/alarms/{alarm}").content.decode()
    text = text_of(client.post(f"/desk/alarms/{alarm}/keep-zone"))
    assert "Mons/Quévy · 5324 goes on leading; the position is in Liège · 5277." in text
    assert "somebody of the new zone" not in text


def test_rule_02_a_centre_is_asked_by_hand_and_leads_only_once_it_took_over(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    here, there = pages.client(pages.user("op-2")), pages.client(pages.user("op-nam", centre="NAM"))
    assert there.get(f"/desk/alarms/{alarm}").status_code == 404
    refused = here.post(f"/desk/alarms/{alarm}/offer", {"centre": ""})
    assert refused.status_code == 422 and "Choose another centre" in text_of(refused)
    here.post(f"/desk/alarms/{alarm}/offer", {"centre": "NAM"})
    assert order_on(there.get("/desk/board")) == [alarm]
    assert "Take over from CIC Hainaut" in text_of(there.get(f"/desk/alarms/{alarm}"))
    state = pages.journal.alarm(alarm)
    assert state is not None and state.lead.centre == "HAI"


@pytest.mark.parametrize("word", ["ZZZ", "hai", "LIE NAM", "x" * 500])
def test_a_centre_that_does_not_exist_is_not_asked(pages: Pages, word: str) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    reply = pages.client(pages.user()).post(f"/desk/alarms/{alarm}/offer", {"centre": word})
    assert reply.status_code == 422
    assert "HandoverOffered" not in pages.installation.kinds(f"alarm:{alarm}")


def test_rule_02_a_copy_rings_at_the_neighbour_who_may_take_over(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    missed = StepMissed(step="acknowledged", rung=3, action="neighbour", due_at_us=1, centre="BRW")
    pages.installation.act(alarm, missed)
    there = pages.client(pages.user("op-brw", centre="BRW"))
    row = row_of(there.get("/desk/board"), alarm)
    assert (row["rings"], row["asked"], row["here"]) == ("yes", "no", "no")
    assert "until somebody here takes the alarm over" in text_of(there.get(f"/desk/alarms/{alarm}"))
    there.post(f"/desk/alarms/{alarm}/take-over")
    state = pages.journal.alarm(alarm)
    assert state is not None and (state.lead.centre, state.lead.acknowledged_by) == ("BRW", "op-brw")


def test_rule_05_a_handover_that_waits_stands_with_what_nobody_took(pages: Pages) -> None:
    alarm = moved(pages)
    pages.clock.advance_s(5)
    new = pages.alarm(pages.phone(LIEGE), near(pages.files[LIEGE]), centre="LIE", zone="5277")
    pages.installation.act(new, AlarmAcknowledged(user="op-lie"))
    pages.clock.advance_s(5)
    waits = pages.alarm(pages.phone(LIEGE), near(pages.files[LIEGE]), centre="LIE", zone="5277")
    there = pages.client(pages.user("op-lie", centre="LIE"))
    assert order_on(there.get("/desk/board")) == [alarm, waits, new]
