"""What a team taps counts once, however often it is sent, and says what happened when it cannot count."""

import re

import pytest

from egide.access.service import titles
from egide.alarm import events as a
from tests.boards.teams import DAY_S, TAP, act, following, officer, said, state, tap, with_team
from tests.support.pages import MONS, Pages, text_of


def test_taps_are_recorded_with_who_and_how_long_they_waited(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    assert tap(client, alarm, "under-way", 1, age_s="240").status_code == 200
    assert tap(client, alarm, "on-site", 2).status_code == 200
    events = [pages.journal.open_event(row) for row in pages.journal.stream(f"alarm:{alarm}")]
    assert [(e.by, e.age_s) for e in events if isinstance(e, a.TeamUnderWay | a.TeamOnSite)] == [
        ("team:M 12", 240),
        ("team:M 12", 0),
    ]
    assert titles(["team:M 12"]) == {"team:M 12": "M 12"}


def test_rule_14_a_call_for_help_counts_once_also_when_it_was_answered_before_it_is_sent_again(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    where = {"lat_e7": "504540000", "lon_e7": "39520000", "accuracy_m": "12"}
    assert tap(client, alarm, "help", 1, **where).status_code == 200
    act(pages, alarm, a.HelpSeen(user="op-1"))
    assert tap(client, alarm, "help", 1, **where).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("HelpNeeded") == 1
    assert "Seen by Op-1" in text_of(client.get(f"/team/{alarm}/now"))
    assert tap(client, alarm, "help", 2, **where).status_code == 200
    assert "No answer from the dispatch centre yet" in text_of(client.get(f"/team/{alarm}/now"))


def test_rule_14_help_after_the_closing_opens_the_alarm_again_and_a_bad_position_holds_up_nothing(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert tap(client, alarm, "help", 1, lat_e7="x", lon_e7="9999999999", accuracy_m="-1").status_code == 200
    found = state(pages, alarm)
    assert found.is_open and found.help and found.help.position is None


def test_rule_14_a_team_that_was_replaced_can_still_call_for_help_and_not_move_the_others_clock(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    refused = tap(client, alarm, "under-way", 1)
    assert refused.status_code == 422 and "M 14 was sent instead of you" in said(refused)
    assert tap(client, alarm, "help", 2).status_code == 200
    act(pages, alarm, a.NoPatrolFree(user="op-1", zone="5324"))
    assert tap(client, alarm, "help", 3).status_code == 200


def test_a_tap_on_an_alarm_that_was_closed_meanwhile_says_by_whom_and_what_to_do(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    refused = tap(client, alarm, "on-site", 1)
    assert refused.status_code == 422
    assert said(refused).startswith("Op-1 closed the alarm meanwhile.")
    assert "report" in said(refused)


def test_a_report_of_another_is_refused_with_who_was_first_and_ones_own_takes_its_place(pages: Pages) -> None:
    alarm = with_team(pages)
    client, zone = following(pages, alarm), officer(pages)
    words = {"outcome": "arrest", "text": "One person taken along."}
    assert tap(client, alarm, "report", 1, **words).status_code == 200
    assert tap(client, alarm, "report", 1, **words).status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("TeamReported") == 1
    form = {"kind": "report", "id": TAP + "2", "outcome": "test", "text": "Another one"}
    other = zone.post(f"/zone/alarms/{alarm}/file/tap", form)
    assert other.status_code == 422 and said(other).startswith("M 12 wrote the report meanwhile.")
    assert tap(client, alarm, "report", 3, outcome="injured", text="He came back").status_code == 200
    found = state(pages, alarm).team
    assert found.report and (found.report.outcome, found.report.text) == ("injured", "He came back")
    assert [report.text for report in found.earlier_reports] == [words["text"]]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"kind": "report", "id": TAP + "1", "outcome": "", "text": "abc"}, "Choose an outcome"),
        ({"kind": "report", "id": TAP + "1", "outcome": "arrest", "text": " "}, "Write a few words"),
        ({"kind": "arrest", "id": TAP + "1"}, "could not be understood"),
        ({"kind": "on-site", "id": "x"}, "could not be understood"),
    ],
)
def test_what_a_tap_lacks_is_said(pages: Pages, form: dict[str, str], told: str) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    reply = client.post(f"/team/{alarm}/tap", form)
    assert reply.status_code == 422 and told in said(reply)


def test_what_was_tapped_in_time_arrives_after_the_link_has_ended_and_not_for_ever(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    pages.clock.advance_s(DAY_S + 60)
    assert tap(client, alarm, "on-site", 1, age_s="120").status_code == 200
    pages.clock.advance_s(DAY_S)
    assert tap(client, alarm, "help", 2).status_code == 410


@pytest.mark.files("a quota of the file")
def test_with_the_journal_down_a_tap_is_to_be_sent_again(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    pages.fill_disk()
    codes = set()
    for number in range(10, 50):
        where = {"lat_e7": str(number), "lon_e7": "0", "accuracy_m": "1"}
        codes.add(tap(client, alarm, "help", number, **where).status_code)
    assert codes <= {200, 503} and 503 in codes


def test_an_erased_case_ends_the_page(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    pages.installation.keys.destroy(pages.files[MONS].case.id)
    assert client.get(f"/team/{alarm}/").status_code == 404


def test_a_team_that_was_replaced_does_not_end_the_page_of_the_one_that_goes(pages: Pages) -> None:
    alarm = with_team(pages)
    first = following(pages, alarm)
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    second = following(pages, alarm)
    refused = tap(first, alarm, "report", 1, outcome="technical", text="We were called back.")
    assert refused.status_code == 422 and "M 14 was sent instead of you" in said(refused)
    assert second.get(f"/team/{alarm}/now").status_code == 200
    assert tap(second, alarm, "under-way", 2).status_code == 200
    assert tap(second, alarm, "report", 3, outcome="arrest", text="Taken along.").status_code == 200


def test_rule_09_a_team_on_its_way_back_keeps_its_page_when_the_alarm_is_pressed_again(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = with_team(pages, phone=phone)
    client = following(pages, alarm)
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    pages.send(alarm, a.PressedAgain, phone)
    assert state(pages, alarm).is_open
    assert client.get(f"/team/{alarm}/").status_code == 200
    assert tap(client, alarm, "help", 1).status_code == 200


def buttons(page: str) -> dict[str, dict[str, str]]:
    """What each button of a form says that a browser without the page's scripts can press: by its kind."""
    found = {}
    for form in re.findall(r"<form[^>]* action=\"[^\"]*/tap\".*?</form>", page, re.S):
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        for kind, more in re.findall(r'<button[^>]* name="kind" value="([^"]+)"([^>]*)>', form):
            if "hidden" not in more:
                found[kind] = hidden | {"kind": kind}
    return found


def test_before_the_scripts_have_come_the_buttons_work_by_themselves(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    page = client.get(f"/team/{alarm}/").content.decode()
    assert "disabled" not in page
    for _ in range(2):
        reply = client.post(f"/team/{alarm}/tap", buttons(page)["under-way"])
        assert (reply.status_code, reply.headers["Location"]) == (302, f"/team/{alarm}/")
    kinds = pages.installation.kinds(f"alarm:{alarm}")
    assert kinds.count("TeamUnderWay") == 1, "a page's button counts once, however often it is pressed"
    # An old page that the browser kept: another button of it counts all the same.
    assert client.post(f"/team/{alarm}/tap", buttons(page)["help"]).status_code == 302
    assert "HelpNeeded" in pages.installation.kinds(f"alarm:{alarm}")
    page = client.get(f"/team/{alarm}/").content.decode()
    assert "under-way" not in buttons(page) and "on-site" in buttons(page)
    words = {"outcome": "arrest", "text": "One person taken along."}
    assert client.post(f"/team/{alarm}/tap", buttons(page)["report"] | words).status_code == 302
    assert client.get(f"/team/{alarm}/").status_code == 410


def test_a_form_that_is_refused_says_why_on_a_page_with_the_way_back(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    form = buttons(client.get(f"/team/{alarm}/").content.decode())["under-way"]
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    refused = client.post(f"/team/{alarm}/tap", form)
    assert refused.status_code == 422 and "M 14 was sent instead of you" in text_of(refused)
    assert f'href="/team/{alarm}/"' in refused.content.decode()
