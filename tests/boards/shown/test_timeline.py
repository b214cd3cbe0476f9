"""One alarm, one timeline: every event, each report, also after closing, for everybody who may see it."""

import re

from django.test import Client

from egide.alarm import events as a
from egide.boards.shown.timeline import WORDS
from egide.events import REGISTRY
from tests.boards.teams import act, officer, operator, state, with_team
from tests.support.newer import unknown
from tests.support.pages import Pages, text_of

# What stands in no alarm's stream.
ELSEWHERE = {"FromPhone", "TestReceived", "LadderSet", "VerificationFailed", "HalfReceived"}


def kinds(page: Client, address: str) -> list[str]:
    return re.findall(r'data-kind="(\w+)"', page.get(address).content.decode())


def test_each_event_of_an_alarm_has_a_word() -> None:
    of_alarms = {name for name, kind in REGISTRY.items() if kind.__module__.startswith("egide.alarm.events")}
    assert set(WORDS) == of_alarms - ELSEWHERE


def test_every_event_and_both_reports_of_a_team_show_also_after_the_closing(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, a.TeamUnderWay(by="team:M 12"))
    act(pages, alarm, a.TeamOnSite(by="team:M 12"))
    zone = officer(pages)
    for number, text in enumerate(("Gone to the station", "Found at the station")):
        told = {
            "kind": "report",
            "id": f"0b0e8f4e-2d3c-4f6a-9a51-6f0f6a1f0c0{number}",
            "outcome": "arrest",
            "text": text,
        }
        assert zone.post(f"/zone/alarms/{alarm}/file/tap", told).status_code == 200
    desk = operator(pages)
    desk.post(f"/desk/alarms/{alarm}/close", {"outcome": "arrest", "reason": "as reported"})
    seen = kinds(desk, f"/desk/alarms/{alarm}/timeline")
    assert [kind for kind in pages.installation.kinds(f"alarm:{alarm}") if kind not in seen] == []
    for page in (desk.get(f"/desk/alarms/{alarm}/timeline"), zone.get(f"/zone/alarms/{alarm}/timeline")):
        words = text_of(page)
        assert "Gone to the station" in words and "Found at the station" in words
        assert "in the place of the one before" in words and "as reported" in words
    assert state(pages, alarm).team.report.text == "Found at the station"  # type: ignore[union-attr]
    for page, address in ((desk, "/desk/closed"), (zone, "/zone/closed")):
        assert f"alarms/{alarm}/timeline" in page.get(address).content.decode()
    pages.clock.advance_s(8 * 86_400)
    assert alarm not in operator(pages).get("/desk/closed").content.decode()
    assert operator(pages).get(f"/desk/alarms/{alarm}/timeline").status_code == 200


def test_a_correction_shows_before_and_after_and_an_undone_step_is_there_without_a_trace_of_shame(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    desk = operator(pages)
    desk.post(f"/desk/alarms/{alarm}/under-way")
    pages.clock.advance_s(60)
    desk.post(f"/desk/alarms/{alarm}/on-site")
    address = f"/desk/alarms/{alarm}/timeline"
    fragment = desk.get(address, headers={"X-Egide-Fragment": "1"})
    assert re.findall(r'data-step="([\w-]+)"', fragment.content.decode()) == ["under-way", "on-site"]
    version = str(state(pages, alarm).undoable[-1].version)
    desk.post(f"/desk/alarms/{alarm}/undo", {"version": version})
    form = {"step": "under-way", "so": "not", "minutes": "", "reason": "Other team"}
    desk.post(f"/desk/alarms/{alarm}/correct", form)
    words = text_of(desk.get(address))
    assert re.search(r"Under way: before \d\d:\d\d:\d\d, now not yet · Other team", words)
    assert "On site · Op-1 undone by Op-1" in words and "Undone · Op-1 On site" in words


def test_rule_47_what_this_version_cannot_read_is_flagged(pages: Pages) -> None:
    alarm = with_team(pages)
    act(pages, alarm, unknown())
    page = operator(pages).get(f"/desk/alarms/{alarm}/timeline")
    assert "cannot read" in text_of(page) and 'class="unread"' in page.content.decode()


def test_who_only_stands_beside_reads_no_timeline(pages: Pages) -> None:
    alarm = with_team(pages)
    near = (a.Candidate("5271", 0.2),)
    route = a.Route(zone="5324", centre="HAI", managing_zone="5325", basis="position", candidates=near)
    act(pages, alarm, a.AlarmRouted(route=route))
    beside, far = officer(pages, zone="5271"), pages.client(pages.user("far", centre="LIE"))
    assert "Alarm close to this zone" in text_of(beside.get("/zone/"))
    assert beside.get(f"/zone/alarms/{alarm}/timeline").status_code == 404
    assert far.get(f"/desk/alarms/{alarm}/timeline").status_code == 404
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="because"))
    assert alarm not in beside.get("/zone/closed").content.decode()


def test_positions_that_follow_each_other_are_one_line(pages: Pages) -> None:
    phone = pages.phone()
    alarm = with_team(pages, phone=phone)
    for _each in range(3):
        pages.send(alarm, a.PositionReceived, phone)
    page = operator(pages).get(f"/desk/alarms/{alarm}/timeline")
    assert "Position from the phone ×3" in text_of(page)
