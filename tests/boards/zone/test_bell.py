"""Safety rules 4 and 43: for whom of the zones the bell rings, with which figure, and when it is louder."""

import re

from egide.access.models import User
from egide.alarm import events as a
from egide.alarm.events import Candidate
from egide.events.base import Event
from egide.protocol.envelope import Trigger
from tests.boards.zone.test_zone import alarm_at, officer
from tests.support.pages import MONS, Pages, near

SHARES = (Candidate("5324", 0.8), Candidate("5330", 0.2))


def bell(pages: Pages, zone: str = "5324") -> str:
    """What the zone's page rings: the figure, with "!" when it is louder; "-" where the alarm has no card."""
    user = User.objects.filter(name=f"officer-{zone}").first()
    client = pages.client(user or pages.user(f"officer-{zone}", role="zone-officer", zone=zone))
    page = client.get("/zone/").content.decode()
    found = re.search(r'data-bell="(\w*)"\s+data-late="(\w*)"', page)
    return "-" if found is None else found[1] + ("!" if found[2] and found[1] else "")


def act(pages: Pages, alarm: str, *events: Event) -> None:
    for event in events:
        pages.installation.act(alarm, event)


def bells(pages: Pages, *zones: str) -> list[str]:
    return [bell(pages, zone) for zone in zones]


def test_rule_43_it_rings_in_the_zone_of_the_position_until_somebody_there_is_named(pages: Pages) -> None:
    alarm = alarm_at(pages, candidates=SHARES)
    assert bells(pages, "5324", "5330", "5415") == ["alarm", "", "-"]
    act(pages, alarm, a.AlarmAcknowledged(user="op-1"))
    assert bell(pages) == "alarm", "that the centre has it informs nobody in the zone"
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    assert bells(pages, "5324", "5330") == ["", ""]


def test_it_is_louder_by_the_ladder_and_rings_again_for_what_the_zone_owes(pages: Pages) -> None:
    alarm = alarm_at(pages)
    pages.clock.advance_s(31)
    pages.climb(alarm)
    assert bell(pages) == "alarm!"
    act(
        pages,
        alarm,
        a.AlarmAcknowledged(user="op-1"),
        a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
    )
    assert bell(pages) == ""
    pages.clock.advance_s(600)
    pages.at_board("op-1")
    pages.climb(alarm)
    assert bell(pages) == "alarm!", "no team is named"
    act(pages, alarm, a.TeamNamed(user="o", zone="5324", call_sign="M 12"))
    assert bell(pages) == ""


def test_duress_and_a_team_in_danger_have_their_own_figures(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
    pages.send(alarm, a.CancelReceived, phone, trigger=Trigger.DURESS)
    assert bell(pages) == "duress"
    act(
        pages,
        alarm,
        a.ZoneConfirmed(user="o", zone="5324", reference="Insp. 21"),
        a.TeamNamed(user="o", zone="5324", call_sign="M 12"),
        a.HelpNeeded(by="team:M 12"),
    )
    assert bell(pages) == "help"
    act(pages, alarm, a.HelpSeen(user="op-1"))
    assert bell(pages) == ""


def test_rule_03_without_a_patrol_it_rings_at_the_neighbours_and_no_more_there(pages: Pages) -> None:
    alarm = alarm_at(pages, candidates=SHARES)
    act(
        pages,
        alarm,
        a.ZoneConfirmed(user="o", zone="5324", reference="Insp. 21"),
        a.NoPatrolFree(user="o", zone="5324"),
    )
    assert bells(pages, "5324", "5330") == ["", "alarm"]


def test_rule_02_it_rings_where_the_position_has_moved_to(pages: Pages) -> None:
    alarm = alarm_at(pages, candidates=SHARES)
    act(pages, alarm, a.ZoneConfirmed(user="o", zone="5324", reference="Insp. 21"))
    pages.installation.route(alarm, zone="5330", centre="HAI", position=near(pages.files[MONS]))
    assert bells(pages, "5324", "5330") == ["", "alarm"]


def test_the_test_of_the_sound_is_on_record_for_the_zone(pages: Pages) -> None:
    client = officer(pages)
    assert client.post("/zone/sound").status_code == 204
    assert pages.installation.kinds("board:5324") == ["SoundTested"]


def test_duress_stands_above_what_says_send_a_team(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
    pages.send(alarm, a.CancelReceived, phone, trigger=Trigger.DURESS)
    pages.clock.advance_s(31)
    pages.climb(alarm)
    act(
        pages,
        alarm,
        a.TeamNamed(user="o", zone="5324", call_sign="M 12"),
        a.HelpNeeded(by="team:M 12"),
    )
    page = officer(pages).get("/zone/").content.decode()
    under, sends, helped = (page.index(text) for text in ("Under duress.", "Send a team now", "needs help"))
    assert under < sends < helped
