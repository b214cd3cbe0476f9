"""Where a team is: told by its own wish, read by desk and zone alone, and only while the alarm is open."""

import pytest
from django.http import HttpResponse
from django.test import Client

from egide.alarm import events as a
from egide.alarm.events import Candidate
from egide.alarm.state import AlarmState
from tests.boards.teams import act, following, officer, operator, state, with_team
from tests.support.pages import GENT, MONS, Pages, browser, near, text_of

NORTH_E7 = 89.93


def tell(
    client: Client, alarm: str, pages: Pages, north_m: int, age_s: int = 0, **more: object
) -> HttpResponse:
    home = pages.files[MONS].home
    given = {
        "lat_e7": home.lat_e7 + round(north_m * NORTH_E7),
        "lon_e7": home.lon_e7,
        "accuracy_m": 12,
        "age_s": age_s,
    }
    reply: HttpResponse = client.post(f"/team/{alarm}/here", given | more)
    return reply


def fixes(pages: Pages, alarm: str) -> list[tuple[str, int]]:
    found: AlarmState = state(pages, alarm)
    return [(fix.call_sign, fix.position.lat_e7) for fix in found.team.fixes]


def told(reply: HttpResponse) -> str:
    return text_of(reply)


def test_desk_and_zone_read_how_far_it_is_and_the_nearest_team_first(pages: Pages) -> None:
    alarm = with_team(pages)
    first = following(pages, alarm)
    assert tell(first, alarm, pages, 2_300).status_code == 204
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 14"))
    second = following(pages, alarm)
    assert tell(second, alarm, pages, 900).status_code == 204
    far = "M 12 2.3 km away in a straight line, 3 min of it at 60 km/h · ± 12 m · age"
    close = "M 14 900 m away in a straight line, 1 min of it at 60 km/h · ± 12 m · age"
    for text in (
        told(operator(pages).get(f"/desk/alarms/{alarm}")),
        told(officer(pages).get("/zone/")),
    ):
        assert 0 < text.index(close) < text.index(far)
    for client in (first, second):
        assert "straight line" not in told(client.get(f"/team/{alarm}/now"))
        assert "Position of the team" not in told(client.get(f"/team/{alarm}/timeline"))


def test_the_map_of_the_desk_has_it(pages: Pages) -> None:
    alarm = with_team(pages)
    tell(following(pages, alarm), alarm, pages, 2_300)
    page = operator(pages).get(f"/desk/alarms/{alarm}").content.decode().replace("&quot;", '"')
    home = pages.files[MONS].home
    lat = (home.lat_e7 + round(2_300 * NORTH_E7)) / 1e7
    assert f'"teams":[{{"lat":{lat},"lon":{home.lon_e7 / 1e7},"name":"M 12"}}]' in page


def test_a_neighbouring_zone_reads_nothing_of_it(pages: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.17))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=shares)
    pages.user("op-1")
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 12"))
    tell(following(pages, alarm), alarm, pages, 900)
    assert "straight line" in told(officer(pages).get("/zone/"))
    neighbour = told(officer(pages, "5330").get("/zone/"))
    assert "Alarm close to this zone" in neighbour and "straight line" not in neighbour


def test_of_what_comes_too_often_or_too_late_nothing_is_kept(pages: Pages) -> None:
    alarm = with_team(pages)
    team = following(pages, alarm)
    assert tell(team, alarm, pages, 2_300).status_code == 204
    kept = fixes(pages, alarm)
    for north_m, age_s in ((2_000, 0), (1_000, 5), (500, 121), (500, 99_999)):
        assert tell(team, alarm, pages, north_m, age_s).status_code == 204
        assert fixes(pages, alarm) == kept
    pages.clock.advance_s(9)
    tell(team, alarm, pages, 2_000)
    assert fixes(pages, alarm) == kept
    pages.clock.advance_s(1)
    tell(team, alarm, pages, 2_000)
    assert fixes(pages, alarm) != kept and len(fixes(pages, alarm)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"lat_e7": ""},
        {"lat_e7": "north"},
        {"lat_e7": 900_000_001},
        {"lon_e7": -1_800_000_001},
        {"accuracy_m": -1},
    ],
)
def test_what_is_no_position_is_refused(pages: Pages, more: dict[str, object]) -> None:
    alarm = with_team(pages)
    assert tell(following(pages, alarm), alarm, pages, 100, **more).status_code == 422
    assert fixes(pages, alarm) == []


def test_nobody_else_tells_it_and_nobody_after_the_end(pages: Pages) -> None:
    alarm, other = with_team(pages), with_team(pages, file=GENT)
    team = following(pages, alarm)
    assert tell(browser(), alarm, pages, 100).status_code == 404
    assert tell(team, other, pages, 100).status_code == 404
    assert officer(pages).post(f"/zone/alarms/{alarm}/file/here", {}).status_code == 404
    assert tell(team, alarm, pages, 100).status_code == 204
    act(pages, alarm, a.TeamOnSite(by="M 12"))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="false-alarm", reason="Essai", basis="team"))
    assert tell(team, alarm, pages, 50).status_code in (410, 422)
    assert "straight line" not in told(operator(pages).get(f"/desk/alarms/{alarm}"))
