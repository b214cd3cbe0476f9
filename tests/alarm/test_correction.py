"""A wrong step is corrected, with a reason, by the person whose word it was; the figures take the right time."""

import pytest

from egide.alarm import events as a
from egide.alarm.ladder import running
from egide.journal.service import Journal
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
from tests.evaluation.test_records import built, one_life
from tests.support.installation import Installation
from tests.support.pages import Pages

NOT_YET = {"step": "on-site", "so": "not", "minutes": "", "reason": "The wrong button"}
EARLIER = {"step": "on-site", "so": "taken", "minutes": "5", "reason": "Forgot to tap"}


def told_to_her(journal: Journal, alarm: str) -> str:
    """The step that her phone is told of."""
    rows = journal.connection.execute("SELECT step FROM on_the_way WHERE alarm = ?", (alarm,)).fetchall()
    return str(rows[0][0]) if rows else ""


def test_a_team_takes_back_that_it_is_there_and_its_clock_goes_on(pages: Pages) -> None:
    alarm = with_team(pages)
    team, desk = following(pages, alarm), operator(pages)
    assert "correct" not in offered(team, alarm)
    assert tap(team, alarm, "under-way", 1).status_code == 200
    assert tap(team, alarm, "on-site", 2).status_code == 200
    assert tap(team, alarm, "correct", 3, **NOT_YET).status_code == 200
    found = state(pages, alarm)
    assert not found.is_arrival_confirmed and found.is_leaving_confirmed
    assert [step for step, _since in running(found)] == ["on-site"]
    assert "on-site" in offered(team, alarm)
    closing = {"outcome": "arrest", "reason": "because"}
    refused = desk.post(f"/desk/alarms/{alarm}/close", closing)
    assert refused.status_code == 422 and "No team was with the person" in text_of(refused)
    assert tap(team, alarm, "on-site", 4).status_code == 200
    assert desk.post(f"/desk/alarms/{alarm}/close", closing).status_code == 200


def test_rule_40_her_phone_is_told_no_more_than_what_still_holds(pages: Pages) -> None:
    alarm = with_team(pages)
    event = a.StepCorrected(by="t", step="on-site", was_at_us=0, reason="wrong", holds="under-way")
    act(pages, alarm, a.TeamUnderWay(by="team:M 12"))
    act(pages, alarm, a.TeamOnSite(by="team:M 12"))
    assert told_to_her(pages.journal, alarm) == "on-site"
    act(pages, alarm, event)
    assert told_to_her(pages.journal, alarm) == "under-way"


def test_rule_39_an_operator_corrects_an_operators_word_and_never_that_of_team_or_zone(pages: Pages) -> None:
    alarm = with_team(pages)
    desk = operator(pages)
    for step in ("under-way", "on-site"):
        assert desk.post(f"/desk/alarms/{alarm}/{step}").status_code == 200
    assert desk.post(f"/desk/alarms/{alarm}/correct", NOT_YET).status_code == 200
    assert not state(pages, alarm).team.on_site_at_us
    assert officer(pages).post(f"/zone/alarms/{alarm}/on-site").status_code == 302
    for form in (NOT_YET, EARLIER):
        refused = desk.post(f"/desk/alarms/{alarm}/correct", form)
        assert refused.status_code == 422 and "only they correct it" in text_of(refused)
    assert state(pages, alarm).is_arrival_confirmed


def test_rule_08_a_correction_typed_at_the_desk_makes_nobody_arrive(pages: Pages) -> None:
    alarm = with_team(pages)
    desk = operator(pages)
    desk.post(f"/desk/alarms/{alarm}/under-way")
    desk.post(f"/desk/alarms/{alarm}/on-site")
    pages.clock.advance_s(600)
    assert desk.post(f"/desk/alarms/{alarm}/correct", EARLIER).status_code in (200, 422)
    assert not state(pages, alarm).is_arrival_confirmed
    refused = desk.post(f"/desk/alarms/{alarm}/close", {"outcome": "arrest", "reason": "because"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (NOT_YET | {"step": "under-way"}, "does not fit with the other times"),
        (NOT_YET | {"step": "shown"}, "Choose one of the list"),
        (NOT_YET | {"step": ""}, "Choose one of the list"),
        (NOT_YET | {"so": "perhaps"}, "Choose one of the list"),
        (NOT_YET | {"reason": " "}, "Write a few words"),
        (EARLIER | {"minutes": ""}, "Write a whole number of minutes"),
        (EARLIER | {"minutes": "x"}, "Write a whole number of minutes"),
        (EARLIER | {"minutes": "240"}, "does not fit with the other times"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(pages: Pages, form: dict[str, str], words: str) -> None:
    alarm = with_team(pages)
    team = following(pages, alarm)
    tap(team, alarm, "under-way", 1)
    tap(team, alarm, "on-site", 2)
    refused = tap(team, alarm, "correct", 3, **form)
    assert refused.status_code == 422 and words in said(refused)
    assert "StepCorrected" not in pages.installation.kinds(f"alarm:{alarm}")


def test_who_does_not_lead_or_was_replaced_or_comes_after_the_report_corrects_nothing(pages: Pages) -> None:
    alarm = with_team(pages)
    team = following(pages, alarm)
    tap(team, alarm, "on-site", 1)
    assert officer(pages, zone="5325").post(f"/zone/alarms/{alarm}/correct", NOT_YET).status_code in (
        404,
        422,
    )
    far = pages.client(pages.user("far", centre="LIE"))
    assert far.post(f"/desk/alarms/{alarm}/correct", NOT_YET).status_code == 404
    act(pages, alarm, a.TeamReported(by="officer-5324", outcome="arrest", text="Done."))
    refused = officer(pages).post(f"/zone/alarms/{alarm}/correct", NOT_YET)
    assert refused.status_code == 422 and "The report is written already" in text_of(refused)
    assert "StepCorrected" not in pages.installation.kinds(f"alarm:{alarm}")


def test_the_records_take_the_corrected_time(installation: Installation) -> None:
    one_life(installation)
    [before] = built(installation)["alarms"].to_dicts()
    [alarm] = {row.alarm for row in installation.journal.read() if row.alarm}
    found = installation.journal.alarm(alarm)
    assert found is not None
    was_at_us = found.received_at_us + 200_000_000
    installation.act(alarm, a.StepCorrected(by="t", step="on-site", was_at_us=was_at_us, reason="wrong"))
    [after] = built(installation)["alarms"].to_dicts()
    assert (before["on_site_s"], after["on_site_s"], after["under_way_s"]) == (
        350,
        200,
        before["under_way_s"],
    )
    installation.act(alarm, a.StepCorrected(by="t", step="on-site", was_at_us=0, reason="wrong"))
    [gone] = built(installation)["alarms"].to_dicts()
    assert gone["on_site_s"] is None
