"""The team's page: what to know on the way, until the report; the same for officers of the zones concerned."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from egide.access.models import User
from egide.alarm import events as a
from egide.protocol.envelope import Trigger
from tests.boards.teams import (
    DAY_S,
    TAP,
    act,
    following,
    officer,
    readings,
    said,
    state,
    tap,
    text_of,
    with_team,
)
from tests.support.installation import MANAGING_ZONE
from tests.support.pages import LIEGE, MONS, Pages, near


def test_rule_12_weapons_come_first_with_source_and_date(pages: Pages) -> None:
    alarm = with_team(pages)
    page = following(pages, alarm).get(f"/team/{alarm}/").content.decode()
    main = page[page.index("<main") :]
    order = [
        main.index(mark) for mark in ('id="weapons"', 'id="team-where"', 'id="person"', 'id="last-metres"')
    ]
    assert order == sorted(order)
    assert "Alix" not in main[: main.index('id="weapons"')]
    assert re.search(r"Couteau</b>.*?PV MO.*?<time", main, re.S)


def test_rule_13_the_last_metres_and_how_to_make_contact_are_on_the_page(pages: Pages) -> None:
    alarm = with_team(pages)
    text = text_of(following(pages, alarm).get(f"/team/{alarm}/"))
    assert "2 children in the file" in text and "alarm comes from inside" in text
    for words in (
        "Last 50 metres Address in the file Rue de l’Exemple 12, 7000 Mons",
        "Entrance Porte arrière, par la cour",
        "Floor 2e étage, porte de gauche",
        "Bell « Démo »",
        "Door code code chez le dispatching de la zone",
        "Dog Pas de chien",
        "Meeting point Coin de la boulangerie",
        "Likely place: Travaille de nuit, zoning des Exemples",
        "Ne peut pas parler pendant l’alarme. Écrire",
    ):
        assert words in text


def test_rule_11_every_view_is_recorded_under_the_call_sign_and_the_page_ends_with_the_report(
    pages: Pages,
) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    for _ in range(2):
        client.get(f"/team/{alarm}/")
    assert [(reading.user, reading.alarm) for reading in readings(pages)] == [("team:M 12", alarm)] * 2
    client.get(f"/team/{alarm}/now")
    assert len(readings(pages)) == 2, "the position alone is no reading of the file"
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert "Closed by Op-1: Arrest. Your report is still to be written." in text_of(
        client.get(f"/team/{alarm}/")
    )
    assert tap(client, alarm, "report", outcome="arrest", text="One person taken along.").status_code == 200
    ended = client.get(f"/team/{alarm}/")
    assert ended.status_code == 410 and "Your report has arrived." in text_of(ended)
    assert client.get(f"/team/{alarm}/now").status_code == 410
    assert len(readings(pages)) == 3


def test_rule_08_a_duress_shows_to_the_team_and_a_pin_stands_nobody_down(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    pages.send(alarm, a.CancelReceived, pages.phone(MONS))
    entered = text_of(client.get(f"/team/{alarm}/now"))
    assert "It ends nothing" in entered and "Under duress" not in entered
    pages.send(alarm, a.CancelReceived, pages.phone(MONS), trigger=Trigger.DURESS)
    forced = text_of(client.get(f"/team/{alarm}/now"))
    assert "Under duress. The phone looks as if all were over. It is not." in forced
    assert state(pages, alarm).is_open and state(pages, alarm).team.named is not None


def test_only_notes_for_the_team_are_shown_with_their_author(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    desk = pages.client(User.objects.get(name="op-1"))
    assert (
        desk.post(f"/desk/alarms/{alarm}/note", {"text": "Dog in the yard", "for_team": "on"}).status_code
        == 200
    )
    assert desk.post(f"/desk/alarms/{alarm}/note", {"text": "Called the prosecutor"}).status_code == 200
    text = text_of(client.get(f"/team/{alarm}/now"))
    assert "Dog in the yard" in text and "Op-1" in text and "prosecutor" not in text


def test_the_team_reads_the_timeline_without_what_the_centre_keeps_to_itself(pages: Pages) -> None:
    alarm, phone = with_team(pages), pages.phone(MONS)
    desk = pages.client(User.objects.get(name="op-1"))
    desk.post(f"/desk/alarms/{alarm}/note", {"text": "Dog in the yard", "for_team": "on"})
    desk.post(f"/desk/alarms/{alarm}/note", {"text": "Called the prosecutor"})
    act(pages, alarm, a.TeamUnderWay(by="team:M 12"))
    act(pages, alarm, a.TextAsked(user="op-1", question="weapon"))
    act(pages, alarm, a.SupervisorAsked(user="op-1"))
    act(pages, alarm, a.StepUndone(by="op-1", undone="SupervisorAsked", version=1))
    pages.send(alarm, a.TextReceived, phone, body=b"yes")
    client = following(pages, alarm)
    assert f'href="/team/{alarm}/timeline"' in client.get(f"/team/{alarm}/").content.decode()
    kinds = re.findall(r'data-kind="(\w+)"', client.get(f"/team/{alarm}/timeline").content.decode())
    seen = ["PressReceived", "AlarmRouted", "AlarmAcknowledged", "ZoneConfirmed", "TeamNamed"]
    assert kinds == [*seen, "NoteAdded", "TeamUnderWay"]
    text = text_of(client.get(f"/team/{alarm}/timeline"))
    assert "Dog in the yard" in text and "prosecutor" not in text
    zone = officer(pages)
    assert "Dog in the yard" in text_of(zone.get(f"/zone/alarms/{alarm}/file/timeline"))
    assert officer(pages, "5325").get(f"/zone/alarms/{alarm}/file/timeline").status_code == 200
    assert pages.client().get(f"/team/{alarm}/timeline").status_code == 404
    act(pages, alarm, a.TeamReported(by="team:M 12", outcome="arrest", text="Done"))
    assert client.get(f"/team/{alarm}/timeline").status_code == 410


def test_a_non_disclosed_address_stays_hidden_from_the_team_too(pages: Pages) -> None:
    alarm = with_team(pages, LIEGE, north_m=5000)
    client = following(pages, alarm)
    text = text_of(client.get(f"/team/{alarm}/"))
    assert "Non-disclosed address" in text and "rue du Spécimen" not in text


def test_what_changes_on_the_way_costs_few_queries_and_always_the_same(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    client.get(f"/team/{alarm}/now")
    counts = []
    for number in range(3):
        act(pages, alarm, a.NoteAdded(user="op-1", text=f"Note {number}", for_team=True))
        counts.append(_queries(client, f"/team/{alarm}/now"))
    assert counts == [4, 4, 4]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("language", "word"), [("fr", "Armes"), ("nl", "Wapens"), ("de", "Waffen")])
def test_the_page_speaks_the_teams_language(pages: Pages, language: str, word: str) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm, language)
    assert word in text_of(client.get(f"/team/{alarm}/"))


def test_only_the_teams_page_may_ask_where_the_phone_is(pages: Pages) -> None:
    alarm = with_team(pages)
    client = following(pages, alarm)
    page = client.get(f"/team/{alarm}/")
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "geolocation=()" in client.get("/sign-in").headers["Permissions-Policy"]


def test_an_officer_of_the_leading_zone_opens_the_same_page_and_reports_for_the_team(pages: Pages) -> None:
    alarm = with_team(pages)
    client = officer(pages)
    base = f"/zone/alarms/{alarm}/file/"
    assert "Couteau" in text_of(client.get(base))
    assert [reading.user for reading in readings(pages)] == ["officer-5324"]
    form = {"kind": "report", "id": TAP + "1", "outcome": "arrest", "text": "By radio"}
    assert client.post(base + "tap", form).status_code == 200
    assert state(pages, alarm).team.report is not None


def test_the_managing_zone_reads_and_reports_nothing_and_a_neighbour_sees_no_file(pages: Pages) -> None:
    shares = (a.Candidate("5330", 0.6), a.Candidate("5328", 0.3))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5330", candidates=shares)
    pages.user("op-1")
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5330", reference="Insp. 30"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5330", call_sign="B 1"))
    managing = officer(pages, MANAGING_ZONE)
    base = f"/zone/alarms/{alarm}/file/"
    assert (
        "Couteau" in text_of(managing.get(base)) and "report-form" not in managing.get(base).content.decode()
    )
    refused = managing.post(base + "tap", {"kind": "on-site", "id": TAP + "1"})
    assert refused.status_code == 422 and "only the zone that leads" in said(refused)
    neighbour = officer(pages, "5328")
    assert neighbour.get(base).status_code == 404
    assert neighbour.post(base + "tap", {"kind": "help", "id": TAP + "2"}).status_code == 404


def test_after_the_report_or_a_day_the_file_is_closed_for_officers_too(pages: Pages) -> None:
    alarm = with_team(pages)
    client = officer(pages)
    base = f"/zone/alarms/{alarm}/file/"
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    assert "Couteau" in text_of(client.get(base))
    pages.clock.advance_s(DAY_S)
    client = officer(pages, name="officer-b")
    late = client.get(base)
    assert "Couteau" not in text_of(late) and "report-form" in late.content.decode(), (
        "the report can still be written"
    )
    act(pages, alarm, a.TeamReported(by="officer-5324", outcome="arrest", text="told"))
    assert client.get(base).status_code == 404
