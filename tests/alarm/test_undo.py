"""What was just said is undone for ten seconds by who said it, by nobody once others went on from it (0045)."""

import pytest
from django.http import HttpResponse
from django.test import Client

from egide.alarm import events as a
from egide.alarm.undoing import UNDO_S, UNDOABLE
from egide.events.base import Event
from tests.alarm.test_correction import told_to_her
from tests.boards.teams import act, following, officer, operator, said, state, tap, with_team
from tests.evaluation.test_records import built, one_life
from tests.support.installation import Installation
from tests.support.pages import MONS, Pages, near, text_of

CLOSING = {"outcome": "arrest", "reason": "because"}


def taken(pages: Pages) -> tuple[str, Client]:
    """An alarm that op-1 sees, and has just taken."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    desk = pages.client(pages.user("op-1"))
    act(pages, alarm, a.ShownOnBoard(user="op-1", centre="HAI"))
    assert desk.post(f"/desk/alarms/{alarm}/acknowledge").status_code == 200
    return alarm, desk


def undo(pages: Pages, browser: Client, alarm: str, page: str = "desk") -> HttpResponse:
    """Take back what this browser's person could take back last."""
    version = state(pages, alarm).undoable[-1].version if state(pages, alarm).undoable else 0
    reply: HttpResponse = browser.post(f"/{page}/alarms/{alarm}/undo", {"version": str(version)})
    return reply


def word_of(pages: Pages, alarm: str) -> str:
    """The alarm's state in the small table that phones and watch read."""
    row = pages.journal.connection.execute("SELECT state FROM alarm WHERE alarm = ?", (alarm,)).fetchone()
    return str(row[0])


def test_an_alarm_that_was_taken_by_a_slip_rings_again_and_both_stay_in_the_journal(pages: Pages) -> None:
    alarm, desk = taken(pages)
    assert 'id="undo-offer"' in desk.get(f"/desk/alarms/{alarm}").content.decode()
    rang_since_us = state(pages, alarm).rings_since_us
    assert undo(pages, desk, alarm).status_code == 200
    found = state(pages, alarm)
    assert (found.lead.acknowledged_by, found.lead.first_acknowledged_at_us) == ("", 0)
    assert found.rings_since_us == rang_since_us and found.state == word_of(pages, alarm) == "shown"
    assert pages.installation.kinds(f"alarm:{alarm}")[-2:] == ["AlarmAcknowledged", "StepUndone"]
    page = desk.get(f"/desk/alarms/{alarm}").content.decode()
    assert "undo-offer" not in page and 'id="act-acknowledge"' in page


def test_the_servers_clock_decides_and_only_who_said_it_undoes(pages: Pages) -> None:
    alarm, desk = taken(pages)
    other = pages.client(pages.user("op-2"))
    refused = undo(pages, other, alarm)
    assert refused.status_code == 422 and "cannot be undone any more" in text_of(refused)
    assert "undo-offer" not in other.get(f"/desk/alarms/{alarm}").content.decode()
    assert desk.post(f"/desk/alarms/{alarm}/undo", {"version": "1"}).status_code == 422
    pages.clock.advance_s(UNDO_S + 1)
    refused = undo(pages, desk, alarm)
    assert refused.status_code == 422 and "ten seconds" in text_of(refused)
    assert state(pages, alarm).lead.acknowledged_by == "op-1"


@pytest.mark.parametrize(
    "after",
    [
        a.TeamNamed(user="officer-5324", zone="5324", call_sign="M 12"),
        a.StepMissed(step="team-named", rung=1, action="louder", due_at_us=1),
        a.PushTried(road="webpush", wake="w", to="zone", unit="5324", device="d", step="", rung=0),
        a.HelpNeeded(by="team:M 12"),
    ],
)
def test_what_people_phones_or_the_ladder_acted_on_is_not_unsaid(pages: Pages, after: Event) -> None:
    alarm, desk = taken(pages)
    assert (
        desk.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"}).status_code == 200
    )
    version = str(state(pages, alarm).undoable[-1].version)
    act(pages, alarm, after)
    assert desk.post(f"/desk/alarms/{alarm}/undo", {"version": version}).status_code == 422
    assert state(pages, alarm).lead.zone_reference == "Insp. 21"


def test_a_press_between_is_no_answer_and_a_wake_up_that_failed_neither(pages: Pages) -> None:
    alarm, desk = taken(pages)
    desk.post(f"/desk/alarms/{alarm}/zone", {"zone": "5324", "reference": "Insp. 21"})
    missed = a.PushTried(
        road="webpush", wake="w", to="zone", unit="5324", device="d", step="", rung=0, why="gone"
    )
    act(pages, alarm, missed)
    pages.send(alarm, a.PressedAgain, pages.phone(MONS))
    presses = state(pages, alarm).press.presses
    assert undo(pages, desk, alarm).status_code == 200
    found = state(pages, alarm)
    assert (found.lead.zone, found.press.presses, found.lead.acknowledged_by) == ("", presses, "op-1")


def test_a_closing_by_a_slip_leaves_the_alarm_open_and_nothing_to_follow(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, a.TeamOnSite(by="team:M 12"))
    desk, managing = operator(pages), state(pages, alarm).origin.managing_zone
    assert desk.post(f"/desk/alarms/{alarm}/close", CLOSING).status_code == 200
    assert word_of(pages, alarm) == "closed" and pages.journal.follow_ups(managing)
    assert undo(pages, desk, alarm).status_code == 200
    assert state(pages, alarm).is_open and state(pages, alarm).lead.acknowledged_by == "op-1"
    assert word_of(pages, alarm) == "acknowledged" and not pages.journal.follow_ups(managing)
    assert state(pages, alarm).closing.reopened == 0


def test_a_press_after_a_closing_leaves_nothing_to_undo(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = with_team(pages, phone=phone)
    act(pages, alarm, a.TeamOnSite(by="team:M 12"))
    desk = operator(pages)
    desk.post(f"/desk/alarms/{alarm}/close", CLOSING)
    pages.send(alarm, a.PressedAgain, phone)
    assert undo(pages, desk, alarm).status_code == 422
    assert state(pages, alarm).closing.reopened == 1


def test_rule_40_a_team_undoes_its_tap_and_her_phone_is_told_what_holds(pages: Pages) -> None:
    alarm = with_team(pages)
    team = following(pages, alarm)
    tap(team, alarm, "under-way", 1)
    tap(team, alarm, "on-site", 2)
    assert told_to_her(pages.journal, alarm) == "on-site"
    page = team.get(f"/team/{alarm}/now").content.decode()
    version = str(state(pages, alarm).undoable[-1].version)
    assert f'data-undo="{version}"' in page
    for _again in range(2):
        assert tap(team, alarm, "undo", 3, version=version).status_code == 200
    assert told_to_her(pages.journal, alarm) == "under-way"
    assert not state(pages, alarm).team.on_site_at_us and state(pages, alarm).is_leaving_confirmed
    assert tap(team, alarm, "on-site", 4).status_code == 200
    late = str(state(pages, alarm).undoable[-1].version)
    pages.clock.advance_s(UNDO_S + 1)
    refused = tap(team, alarm, "undo", 5, version=late, age_s=str(UNDO_S))
    assert refused.status_code == 422 and "ten seconds" in said(refused)


def test_an_officer_undoes_a_team_that_was_named_by_a_slip(pages: Pages) -> None:
    alarm, _desk = taken(pages)
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    zone = officer(pages)
    zone.post(f"/zone/alarms/{alarm}/team", {"call_sign": "M 21"})
    assert (
        "M 21" in text_of(zone.get("/zone/"))
        and f"/zone/alarms/{alarm}/undo" in zone.get("/zone/").content.decode()
    )
    assert undo(pages, zone, alarm, "zone").status_code == 302
    assert state(pages, alarm).team.named is None and not pages.journal.unreported()
    page = zone.get("/zone/").content.decode()
    assert "M 21" not in page and f"/zone/alarms/{alarm}/undo" not in page


def test_what_leaves_the_house_or_ends_a_page_is_never_undone() -> None:
    never = (a.HelpNeeded, a.TeamReported, a.TextAsked, a.ListenStopped, a.HandoverAccepted, a.PhoneBlocked)
    assert not set(never) & set(UNDOABLE)
    assert not any(issubclass(kind, a.FromPhone) for kind in UNDOABLE)


def test_the_records_do_not_count_what_was_undone(installation: Installation) -> None:
    one_life(installation)
    [before] = built(installation)["alarms"].to_dicts()
    [alarm] = {row.alarm for row in installation.journal.read() if row.alarm}
    for step in (
        a.TeamOnSite(by="t"),
        a.ZoneConfirmed(user="op-1", zone="5271", reference="X"),
        a.AlarmClosed(user="op-1", outcome="injured", reason="slip"),
    ):
        found = installation.journal.alarm(alarm)
        assert found is not None
        installation.act(alarm, step)
        installation.act(alarm, a.StepUndone(by="op-1", undone=step.kind, version=found.version + 1))
    [after] = built(installation)["alarms"].to_dicts()
    assert after == before
