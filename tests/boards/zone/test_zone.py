"""The page of a police zone: what concerns it, who is informed, which team goes; nothing of other zones."""

import pytest

from egide.alarm.events import AlarmAcknowledged, AlarmClosed, Candidate
from tests.support.pages import GENT, MONS, Pages, near, text_of


def officer(pages: Pages, zone: str = "5324", language: str = "en"):  # type: ignore[no-untyped-def]
    return pages.client(pages.user(f"officer-{zone}", role="zone-officer", zone=zone), language)


def alarm_at(pages: Pages, zone: str = "5324", **route: object) -> str:
    """An alarm of the file of Mons whose position lies in `zone`."""
    return pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone=zone, **route)


def test_a_zone_confirms_by_name_names_its_team_and_follows_it(pages: Pages) -> None:
    alarm = alarm_at(pages)
    client = officer(pages)
    text = text_of(client.get("/zone/"))
    assert "Alix Exemple (démo)" in text and "This zone leads" in text and "has not taken it yet" in text
    refused = client.post(f"/zone/alarms/{alarm}/confirm", {"reference": " "})
    assert refused.status_code == 422 and "nobody counts as informed" in text_of(refused)
    early = client.post(f"/zone/alarms/{alarm}/team", {"call_sign": "M 12"})
    assert early.status_code == 422 and "Inform the zone first" in text_of(early)
    for step, form, told in (
        ("confirm", {"reference": "Insp. 21"}, "Mons/Quévy · 5324 · Insp. 21"),
        ("team", {"call_sign": "M 12", "telephone": "0470 00 00 00"}, "not under way yet"),
        ("under-way", {}, "Under way"),
        ("on-site", {}, "On site"),
    ):
        reply = client.post(f"/zone/alarms/{alarm}/{step}", form, follow=True)
        assert reply.status_code == 200 and told in text_of(reply)
    assert "M 12 · 0470 00 00 00 · On site" in text_of(client.get("/zone/alarms"))


def test_an_alarm_that_does_not_concern_the_zone_does_not_exist_for_it(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), zone="5324")
    client = officer(pages, "5415")
    assert "No open alarm" in text_of(client.get("/zone/"))
    for step in ("confirm", "team", "under-way", "on-site"):
        assert client.post(f"/zone/alarms/{alarm}/{step}", {"reference": "x y"}).status_code == 404
    assert pages.installation.kinds(f"alarm:{alarm}") == ["PressReceived", "AlarmRouted"]


@pytest.mark.parametrize("role", ["operator", "supervisor", "administrator"])
def test_the_zones_page_is_for_its_officers_alone(pages: Pages, role: str) -> None:
    client = pages.client(pages.user("other", role=role))
    assert client.get("/zone/").status_code == 404
    assert pages.client().get("/zone/alarms", headers={"X-Egide-Fragment": "1"}).status_code == 401


def test_a_neighbouring_zone_is_told_without_the_name(pages: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.17), Candidate("5328", 0.03))
    alarm_at(pages, candidates=shares)
    text = text_of(officer(pages, "5330").get("/zone/"))
    assert "Alarm close to this zone" in text and "Neighbouring zone" in text and "Alix" not in text
    assert "No open alarm" in text_of(officer(pages, "5328").get("/zone/")), "the circle hardly touches it"


def test_rule_02_exactly_one_zone_leads_and_only_the_zone_of_the_position_takes_over(pages: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.2))
    alarm = alarm_at(pages, candidates=shares)
    old, new = officer(pages), officer(pages, "5330")
    old.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 21"})
    refused = new.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 30"})
    assert refused.status_code == 422 and "Another zone leads" in text_of(refused)
    pages.installation.route(alarm, zone="5330", centre="HAI", position=near(pages.files[MONS]))
    assert "Mons/Quévy · 5324 · Insp. 21" in text_of(new.get("/zone/")), (
        "the old one is responsible until then"
    )
    assert new.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 30"}).status_code == 302
    late = old.post(f"/zone/alarms/{alarm}/team", {"call_sign": "M 12"})
    assert late.status_code == 422 and "Another zone leads" in text_of(late)


def test_rule_03_a_zone_without_a_patrol_says_so_and_a_neighbour_may_take_the_lead(pages: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.2))
    alarm = alarm_at(pages, candidates=shares)
    leads, neighbour = officer(pages), officer(pages, "5330")
    leads.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 21"})
    assert neighbour.post(f"/zone/alarms/{alarm}/no-patrol").status_code == 422
    reply = leads.post(f"/zone/alarms/{alarm}/no-patrol", follow=True)
    assert "No patrol free: Mons/Quévy · 5324." in text_of(reply)
    assert neighbour.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 30"}).status_code == 302
    assert "This zone leads" in text_of(neighbour.get("/zone/"))


def test_rule_01_the_zone_sees_what_is_late_and_that_the_centre_has_taken_it(pages: Pages) -> None:
    alarm = alarm_at(pages)
    pages.clock.advance_s(31)
    pages.climb(alarm)
    client = officer(pages)
    assert "the supervisor is notified" in text_of(client.get("/zone/"))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    assert "CIC Hainaut has taken it" in text_of(client.get("/zone/"))


def test_a_step_of_a_closed_alarm_says_who_closed_it(pages: Pages) -> None:
    alarm = alarm_at(pages)
    pages.user("op-1")
    pages.installation.act(alarm, AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    reply = officer(pages).post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 21"})
    assert reply.status_code == 422 and "Already closed by Op-1" in text_of(reply)
    assert "No open alarm" in text_of(reply)


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Cette zone dirige"), ("nl", "Deze zone leidt"), ("de", "Diese Zone führt")]
)
def test_the_zones_page_speaks_the_officers_language(pages: Pages, language: str, word: str) -> None:
    alarm_at(pages)
    assert word in text_of(officer(pages, language=language).get("/zone/"))


def test_the_home_of_a_zone_officer_is_the_zones_page(pages: Pages) -> None:
    pages.alarm(pages.phone(GENT), zone="5415", centre="OVL")
    reply = officer(pages, "5415").get("/")
    assert reply.status_code == 302 and reply.headers["Location"] == "/zone/"
