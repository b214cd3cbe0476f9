"""From the taken alarm to people on the spot, at the desk: who is informed, who goes, and what is late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import AlarmAcknowledged, StepMissed, TeamOnSite
from egide.alarm.state import Missed
from egide.boards.desk.rules import in_order, late_steps
from tests.boards.desk.reading import row_of
from tests.support.pages import GENT, LIEGE, MONS, Pages, near, text_of
from tests.support.standing import standing


def taken(pages: Pages) -> str:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    return alarm


def test_rule_03_a_zone_counts_as_informed_by_a_name_or_a_reference_alone(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user())
    url = f"/desk/alarms/{alarm}/zone"
    refused = client.post(url, {"zone": "5324", "reference": " "})
    assert refused.status_code == 422 and "nobody counts as informed" in text_of(refused)
    assert client.post(url, {"zone": "5999", "reference": "Insp. 21"}).status_code == 422
    reply = client.post(url, {"zone": "5324", "reference": "Insp. 21"})
    assert "Mons/Quévy · 5324 · Insp. 21" in text_of(reply)
    assert client.post(url, {"zone": "5324", "reference": "Insp. 21"}).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("ZoneConfirmed") == 1


def test_the_way_to_the_spot_is_recorded_step_by_step(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user())
    assert 'id="act-zone"' in client.get(f"/desk/alarms/{alarm}").content.decode()
    early = client.post(f"/desk/alarms/{alarm}/team", {"call_sign": "M 12"})
    assert early.status_code == 422 and "Inform the zone first" in text_of(early)
    client.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"})
    assert client.post(f"/desk/alarms/{alarm}/under-way").status_code == 422
    named = client.post(f"/desk/alarms/{alarm}/team", {"call_sign": "M 12", "telephone": "0470 00 00 00"})
    assert "M 12 · 0470 00 00 00" in text_of(named)
    assert 'class="main" id="act-under-way"' in named.content.decode()
    assert 'class="main" id="act-on-site"' in client.post(f"/desk/alarms/{alarm}/under-way").content.decode()
    arrived = client.post(f"/desk/alarms/{alarm}/on-site")
    assert 'class="main" id="act-ask-supervisor"' in arrived.content.decode(), "told by the operator alone"
    assert "as told by the operator, not yet by the team or its zone" in text_of(arrived)
    again = client.post(f"/desk/alarms/{alarm}/on-site")
    assert again.status_code == 200
    late_team = client.post(f"/desk/alarms/{alarm}/team", {"call_sign": "M 13"})
    assert late_team.status_code == 422 and "on the spot already" in text_of(late_team)
    assert pages.installation.kinds(f"alarm:{alarm}")[-4:] == [
        "ZoneConfirmed",
        "TeamNamed",
        "TeamUnderWay",
        "TeamOnSite",
    ]


def test_rule_03_no_patrol_free_leads_to_another_zone_or_a_federal_unit(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user())
    assert client.post(f"/desk/alarms/{alarm}/no-patrol").status_code == 422, "nobody was asked yet"
    client.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"})
    reply = client.post(f"/desk/alarms/{alarm}/no-patrol")
    assert "No patrol free: Mons/Quévy · 5324." in text_of(reply)
    assert 'class="main" id="act-zone"' in reply.content.decode()
    assert client.post(f"/desk/alarms/{alarm}/team", {"call_sign": "M 12"}).status_code == 422
    reply = client.post(f"/desk/alarms/{alarm}/zone", {"zone": "federal", "reference": "DAR 7"})
    assert "Federal unit · DAR 7" in text_of(reply)
    assert client.post(f"/desk/alarms/{alarm}/team", {"call_sign": "DAR 7"}).status_code == 200


def test_a_step_of_an_alarm_that_was_closed_meanwhile_says_who_closed_it(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user())
    pages.installation.act(alarm, TeamOnSite(by="op-1"))
    client.post(f"/desk/alarms/{alarm}/close", {"outcome": "arrest", "reason": "told by M 12"})
    reply = client.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"})
    assert reply.status_code == 409 and "Already closed by Op-1" in text_of(reply)


def test_steps_of_another_centres_alarm_do_not_exist(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(GENT), centre="OVL")
    client = pages.client(pages.user())
    for step in ("zone", "team", "under-way", "on-site"):
        assert client.post(f"/desk/alarms/{alarm}/{step}", {"zone": "5415"}).status_code == 404
    assert client.get(f"/response/alarms/{alarm}/radio").status_code == 404


def test_rule_01_what_is_late_stands_on_row_and_panel_in_words(pages: Pages) -> None:
    alarm = taken(pages)
    pages.clock.advance_s(125)
    pages.at_board("op-1")
    pages.climb(alarm)
    client = pages.client(pages.user())
    board = client.get("/desk/board")
    assert row_of(board, alarm)["late"] == "Zone informed"
    # It stands once, where it counts on: both clocks that are late are one line.
    assert "desk and supervisor · late by" in text_of(board) and "late: Zone informed" not in text_of(board)
    panel = client.get(f"/desk/alarms/{alarm}")
    assert "late by" in text_of(panel) and "the supervisor is notified" in text_of(panel)


def test_a_supervisor_sees_first_what_missed_a_deadline() -> None:
    waits = standing(alarm="waits", opened_at_us=1, received_at_us=1, rings_since_us=1)
    late = standing(
        alarm="late",
        opened_at_us=5,
        received_at_us=5,
        shown_at_us=6,
        acknowledged_by="op",
        acknowledged_at_us=6,
        first_acknowledged_at_us=6,
        missed=(Missed("zone-confirmed", 1, "louder", 60),),
    )
    duress = standing(alarm="duress", opened_at_us=9, received_at_us=9, duress=True)
    names = [state.alarm for state in in_order([waits, late, duress], supervisor=True)]
    assert names == ["duress", "late", "waits"]
    assert [state.alarm for state in in_order([waits, late, duress])] == ["duress", "waits", "late"]


@given(st.sampled_from(["shown", "acknowledged"]))
def test_a_step_that_was_done_after_all_is_not_late_any_more(step: str) -> None:
    missed = (Missed(step, 1, "louder", 60),)
    waiting = standing(alarm="a", received_at_us=1, rings_since_us=1, missed=missed)
    assert late_steps(waiting) == (step,)
    taken = standing(
        alarm="a", received_at_us=1, shown_at_us=2, acknowledged_at_us=2, acknowledged_by="op", missed=missed
    )
    assert late_steps(taken) == ()


def test_rule_02_a_neighbouring_centre_reads_that_its_row_is_a_copy_and_who_leads(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    missed = StepMissed(step="acknowledged", rung=3, action="neighbour", due_at_us=1, centre="BRW")
    pages.installation.act(alarm, missed)
    neighbour = pages.client(pages.user("op-brw", centre="BRW"))
    assert "Copy: CIC Hainaut leads" in text_of(neighbour.get("/desk/board"))
    assert "Copy:" not in text_of(pages.client(pages.user()).get("/desk/board"))
    refused = neighbour.post(f"/desk/alarms/{alarm}/acknowledge")
    assert refused.status_code == 409 and "Another centre leads this alarm" in text_of(refused)


def test_rule_02_the_zone_that_was_informed_leads_until_somebody_of_the_new_one_is_named(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user())
    client.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"})
    pages.installation.route(alarm, zone="5415", centre="OVL", position=near(pages.files[GENT]))
    text = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "The position is now in Gent · 5415" in text and "Mons/Quévy · 5324 leads until" in text
    client.post(f"/desk/alarms/{alarm}/zone", {"zone": "5415", "reference": "Wachtcommandant"})
    assert "The position is now in" not in text_of(client.get(f"/desk/alarms/{alarm}"))


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "Silent alarm. Weapons:"),
        ("fr", "Alarme silencieuse. Armes :"),
        ("nl", "Stil alarm. Wapens:"),
        ("de", "Stiller Alarm. Waffen:"),
    ],
)
def test_rule_03_the_radio_text_begins_with_the_weapons_in_every_language(
    pages: Pages, language: str, first: str
) -> None:
    alarm = taken(pages)
    pages.installation.route(alarm, centre="HAI", position=near(pages.files[MONS]))
    reply = pages.client(pages.user(), language).get(f"/response/alarms/{alarm}/radio")
    text = text_of(reply).strip()
    assert first in text.partition(" s ")[2][:60], text
    assert "FileOpened" in pages.installation.kinds(f"case:{pages.files[MONS].case.id}")


def test_a_non_disclosed_address_never_goes_over_the_air(pages: Pages) -> None:
    told = {}
    for file in (LIEGE, MONS):
        there = near(pages.files[file])
        alarm = pages.alarm(pages.phone(file), there, centre="HAI")
        client = pages.client(pages.user(f"op-{file}"))
        told[file] = text_of(client.get(f"/response/alarms/{alarm}/radio"))
        assert "Position" in told[file]
    assert "rue du Spécimen" not in told[LIEGE] and "Interphone" not in told[LIEGE]
    assert "Rue de l’Exemple 12" in told[MONS], told[MONS]
