"""A team that is delayed: everybody reads the new time and why, and no deadline goes away."""

import pytest

from egide.alarm import events as a
from egide.alarm.ladder import by_wall_clock, decide_due
from tests.boards.teams import (
    act,
    following,
    offered,
    officer,
    operator,
    said,
    state,
    tap,
    text_of,
    with_team,
)
from tests.support.pages import Pages

LATE = {"minutes": "25", "reason": "Accident on the ring"}


def test_team_zone_and_desk_read_when_and_why_and_whose_word_it_is(pages: Pages) -> None:
    alarm = with_team(pages)
    team, desk = following(pages, alarm), operator(pages)
    assert "delayed" in offered(team, alarm)
    assert tap(team, alarm, "delayed", 1, **LATE).status_code == 200
    for reply in (
        desk.get(f"/desk/alarms/{alarm}"),
        officer(pages).get("/zone/"),
        team.get(f"/team/{alarm}/now"),
    ):
        assert "Expected, as told by the team or its zone:" in text_of(reply)
        assert "Accident on the ring" in text_of(reply)
    assert desk.post(f"/desk/alarms/{alarm}/delayed", LATE | {"reason": "By radio"}).status_code == 200
    assert "Expected, as told by the operator:" in text_of(team.get(f"/team/{alarm}/now"))


def test_rule_01_a_new_time_of_arrival_takes_no_deadline_away(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, a.TeamUnderWay(by="team:M 12"))
    before = state(pages, alarm)
    later_us = before.team.under_way_at_us + 1_300_000_000
    due = decide_due(before, by_wall_clock(later_us))
    act(pages, alarm, a.TeamDelayed(by="team:M 12", in_s=7200, reason="Far away"))
    assert decide_due(state(pages, alarm), by_wall_clock(later_us)) == due != []


def test_a_tap_that_waited_tells_the_time_that_was_meant_and_counts_once(pages: Pages) -> None:
    alarm = with_team(pages)
    team = following(pages, alarm)
    for _ in range(2):
        assert tap(team, alarm, "delayed", 1, age_s="600", **LATE).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("TeamDelayed") == 1
    delay = state(pages, alarm).team.delay
    assert delay is not None and delay.expected_at_us == delay.at_us + 15 * 60 * 1_000_000


def test_what_was_said_of_another_team_stands_no_more(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, a.TeamDelayed(by="team:M 12", in_s=900, reason="Accident"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    assert "Accident" not in text_of(officer(pages).get("/zone/"))


@pytest.mark.parametrize("minutes", ["", "0", "-5", "241", "1e3", "٣", "10.5", "99999999999"])
def test_a_time_that_is_none_is_refused_in_words_on_every_page(pages: Pages, minutes: str) -> None:
    alarm = with_team(pages)
    desk, team, zone = operator(pages), following(pages, alarm), officer(pages)
    form = LATE | {"minutes": minutes}
    for path, client in ((f"/desk/alarms/{alarm}/delayed", desk), (f"/zone/alarms/{alarm}/delayed", zone)):
        reply = client.post(path, form)
        assert reply.status_code == 422 and "Write a whole number of minutes" in text_of(reply)
    assert "Write a whole number of minutes" in said(tap(team, alarm, "delayed", 1, **form))
    assert "Accident on the ring" in zone.post(f"/zone/alarms/{alarm}/delayed", form).content.decode()
    assert "TeamDelayed" not in pages.installation.kinds(f"alarm:{alarm}")


def test_who_does_not_lead_or_was_replaced_or_has_arrived_says_nothing(pages: Pages) -> None:
    alarm = with_team(pages)
    team, desk = following(pages, alarm), operator(pages)
    neighbour = officer(pages, zone="5325")
    assert neighbour.post(f"/zone/alarms/{alarm}/delayed", LATE).status_code in (404, 422)
    far = pages.client(pages.user("far", centre="LIE"))
    assert far.post(f"/desk/alarms/{alarm}/delayed", LATE).status_code == 404
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    assert "delayed" not in offered(team, alarm)
    assert "M 14 was sent instead of you" in said(tap(team, alarm, "delayed", 1, **LATE))
    act(pages, alarm, a.TeamOnSite(by="officer-5324", told="zone"))
    refused = desk.post(f"/desk/alarms/{alarm}/delayed", LATE)
    assert refused.status_code == 422 and "on the spot already" in text_of(refused)
    assert "TeamDelayed" not in pages.installation.kinds(f"alarm:{alarm}")


def test_rule_02_a_centre_that_was_shown_a_copy_does_not_speak_for_the_one_that_leads(pages: Pages) -> None:
    alarm = with_team(pages)
    copy = a.StepMissed(step="acknowledged", rung=3, action="neighbour", due_at_us=1, centre="LIE")
    act(pages, alarm, copy)
    far = pages.client(pages.user("far", centre="LIE"))
    assert far.get(f"/desk/alarms/{alarm}").status_code == 200
    refused = far.post(f"/desk/alarms/{alarm}/delayed", LATE)
    assert refused.status_code in (409, 422) and "Another centre leads this alarm" in text_of(refused)
    assert "TeamDelayed" not in pages.installation.kinds(f"alarm:{alarm}")
