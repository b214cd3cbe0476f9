"""The zone's page beyond the first steps: who is responsible, what moved, what is loud, what is left to do."""

import re

import pytest
from django.test import Client

from egide.access.models import User
from egide.access.registries.tasks import tasks_of
from egide.access.service import scope_of
from egide.alarm import events as a
from egide.casework.models import BarredReader
from egide.events.base import Event
from egide.protocol.envelope import Position
from tests.support.installation import MANAGING_ZONE
from tests.support.pages import MONS, Pages, near, text_of


def officer(pages: Pages, zone: str = "5324") -> Client:
    return pages.client(pages.user(f"officer-{zone}", role="zone-officer", zone=zone))


def led_alarm(pages: Pages, *events: Event) -> str:
    """An alarm of the file of Mons that zone 5324 leads."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    if not User.objects.filter(name="op-1").exists():
        pages.user("op-1")
    confirmed = a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21")
    for event in (a.AlarmAcknowledged(user="op-1"), confirmed, *events):
        pages.installation.act(alarm, event)
    return alarm


def named(call_sign: str = "M 12", zone: str = "5324") -> a.TeamNamed:
    return a.TeamNamed(user="op-1", zone=zone, call_sign=call_sign)


CLOSED = a.AlarmClosed(user="op-1", outcome="perpetrator-gone", reason="He left before we came")


def test_rule_02_a_position_that_moved_asks_the_new_zone_and_leaves_the_old_one_leading(pages: Pages) -> None:
    alarm = led_alarm(pages, named())
    pages.installation.route(alarm, zone="5330", centre="HAI", position=near(pages.files[MONS]))
    new = text_of(officer(pages, "5330").get("/zone/"))
    assert "The position has moved into your zone. Mons/Quévy · 5324 leads until you confirm." in new
    assert "You lead until somebody there confirms." in text_of(officer(pages).get("/zone/"))
    officer_b = pages.client(pages.user("other", role="zone-officer", zone="5330"))
    officer_b.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 30"})
    after = text_of(officer_b.get("/zone/"))
    assert "has moved into your zone" not in after
    assert "Sent before M 12 · Mons/Quévy · 5324" in after


def test_rule_01_the_page_says_who_is_responsible_at_each_moment(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    client = officer(pages)
    pages.user("op-1")
    assert "Responsible now CIC Hainaut Zone" not in text_of(client.get("/zone/"))
    for event, said in (
        (a.AlarmAcknowledged(user="op-1"), "Responsible now CIC Hainaut · Op-1"),
        (a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"), "Mons/Quévy · 5324 · Insp. 21"),
        (named(), "Responsible now Mons/Quévy · 5324 · M 12"),
    ):
        pages.installation.act(alarm, event)
        assert said in text_of(client.get("/zone/alarms"))


def test_rule_01_when_the_centre_is_silent_the_zone_is_told_to_act_directly(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324")
    client = officer(pages)
    pages.clock.advance_s(16)
    pages.climb(alarm)
    assert "Act directly" not in text_of(client.get("/zone/"))
    pages.clock.advance_s(15)
    pages.climb(alarm)
    assert "Act directly CIC Hainaut has not taken this alarm. Send a team now" in text_of(
        client.get("/zone/")
    )
    pages.installation.act(alarm, a.AlarmAcknowledged(user="op-1"))
    assert "Act directly" not in text_of(client.get("/zone/"))


def test_rule_14_a_call_for_help_shows_where_the_team_is_and_who_has_seen_it(pages: Pages) -> None:
    alarm = led_alarm(pages, named())
    client = officer(pages)
    pages.installation.act(alarm, a.HelpNeeded(by="team:M 12", position=Position(504540000, 39520000, 12)))
    red = text_of(client.get("/zone/"))
    assert (
        "M 12 needs help" in red and "50.45400, 3.95200 · ± 12 m. Nobody at the centre has seen it yet" in red
    )
    pages.installation.act(alarm, a.HelpSeen(user="op-1"))
    assert "Seen by Op-1." in text_of(client.get("/zone/"))


def test_rule_11_a_closed_alarm_waits_for_its_report_at_the_zone_that_sent_the_team(pages: Pages) -> None:
    alarm = led_alarm(pages, named(), CLOSED)
    client = officer(pages)
    text = text_of(client.get("/zone/"))
    assert "Closed, the report is due" in text and "Team M 12." in text and "Perpetrator gone" in text
    assert "report is due" not in text_of(officer(pages, MANAGING_ZONE).get("/zone/"))
    pages.installation.act(alarm, a.TeamReported(by="team:M 12", outcome="perpetrator-gone", text="Told"))
    assert "report is due" not in text_of(client.get("/zone/"))


def test_rule_11_the_managing_zone_has_a_follow_up_that_is_done_once_with_words(pages: Pages) -> None:
    alarm = led_alarm(pages, named(), CLOSED)
    pages.installation.act(
        alarm, a.TeamReported(by="team:M 12", outcome="perpetrator-gone", text="Window broken")
    )
    client = officer(pages, MANAGING_ZONE)
    text = text_of(client.get("/zone/"))
    assert "After the alarm: for the managing zone" in text and "Report of M 12: Window broken" in text
    [task] = tasks_of(scope_of(pages.user("again", role="zone-officer", zone=MANAGING_ZONE)))
    assert task.title == "Alix Exemple (démo)" and task.url.endswith(alarm)
    address = f"/zone/alarms/{alarm}/follow-up"
    assert officer(pages).post(address, {"text": "Not ours"}).status_code == 404
    refused = client.post(address, {"text": " x"})
    assert (
        refused.status_code == 422
        and "Write a few words" in text_of(refused)
        and "> x</textarea>" in str(refused.content)
    )
    # By a slip: for ten seconds its timeline undoes it, and it is due again.
    page = client.post(address, {"text": "Visited, dog"}, follow=True)
    assert "Visited, dog" in text_of(page)
    version = re.search(
        rf'action="/zone/alarms/{alarm}/undo.*?name="version" value="(\d+)"', page.content.decode(), re.DOTALL
    )
    assert version is not None
    assert "managing zone" not in text_of(client.get("/zone/"))
    assert client.post(f"/zone/alarms/{alarm}/undo", {"version": version[1]}).status_code == 302
    assert "After the alarm: for the managing zone" in text_of(client.get("/zone/"))
    assert client.post(address, {"text": "Visited, lock changed"}).status_code == 302
    pages.clock.advance_s(11)
    assert f"{alarm}/undo" not in client.get(f"/zone/alarms/{alarm}/timeline").content.decode()
    assert "managing zone" not in text_of(client.get("/zone/"))
    again = client.post(address, {"text": "Once more, at length"})
    assert again.status_code == 422 and "Already done by Officer-5325" in text_of(again)
    assert "You had written: Once more, at length" in text_of(again)


def test_rule_11_a_follow_up_shows_the_report_of_each_team_that_was_sent(pages: Pages) -> None:
    alarm = led_alarm(pages, named())
    first = a.TeamReported(by="team:M 12", outcome="perpetrator-gone", text="Nobody there")
    later = a.TeamReported(by="team:M 14", outcome="perpetrator-gone", text="Window broken")
    for event in (first, named("M 14"), CLOSED, later):
        pages.installation.act(alarm, event)
    text = text_of(officer(pages, MANAGING_ZONE).get("/zone/"))
    assert "Report of M 12: Nobody there Report of M 14: Window broken" in text


def test_what_was_typed_stays_in_the_field_of_its_alarm_when_it_is_refused(pages: Pages) -> None:
    alarm = led_alarm(pages, named())
    pages.installation.act(alarm, a.TeamOnSite(by="team:M 12"))
    client = officer(pages)
    reply = client.post(f"/zone/alarms/{alarm}/team", {"call_sign": "M 14", "telephone": "0470 11 11 11"})
    assert reply.status_code == 422 and "on the spot already" in text_of(reply)
    other = led_alarm(pages)
    kept = client.post(f"/zone/alarms/{other}/team", {"call_sign": "M", "telephone": "0470 11 11 11"})
    assert 'value="0470 11 11 11"' in kept.content.decode() and 'value="M"' in kept.content.decode()


def test_a_centre_that_is_asked_to_take_over_stands_beside_the_one_that_leads(pages: Pages) -> None:
    alarm = led_alarm(pages)
    pages.installation.act(alarm, a.HandoverOffered(user="op-1", centre="BRW"))
    text = text_of(officer(pages).get("/zone/"))
    assert "is asked to take over; until then CIC Hainaut leads" in text


@pytest.mark.parametrize("mark", ["zone:5324", "user:officer-5324"])
def test_rule_27_an_alarm_of_a_file_that_bars_its_reader_does_not_exist(pages: Pages, mark: str) -> None:
    alarm = led_alarm(pages, named())
    client = officer(pages)
    assert "Alix" in text_of(client.get("/zone/"))
    BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark=mark)
    assert "No open alarm" in text_of(client.get("/zone/"))
    for path in ("link", "on-site", "confirm"):
        assert client.post(f"/zone/alarms/{alarm}/{path}").status_code == 404
    assert client.get(f"/zone/alarms/{alarm}/file/").status_code == 404
    assert "Alix" in text_of(pages.client(pages.user("op-9")).get(f"/response/alarms/{alarm}/briefing"))
