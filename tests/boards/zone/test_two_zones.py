"""An officer of two zones chooses one and loses nothing of the other: it is named, it rings, it is one link away."""

import re

import pytest
from django.test import Client

from egide.access.models import User
from egide.alarm import events as a
from egide.alarm.events import Candidate
from tests.boards.zone.test_zone import alarm_at
from tests.support.installation import MANAGING_ZONE
from tests.support.pages import GENT, MONS, Pages, near, text_of

pytestmark = pytest.mark.usefixtures("with_files")

BOTH = (Candidate("5324", 0.8), Candidate("5330", 0.2))


@pytest.fixture
def both(pages: Pages) -> Client:
    """An officer of 5324 and 5330."""
    user = pages.user("both", role="zone-officer", zone="5324")
    user.memberships.create(role="zone-officer", place="5330")
    return pages.client(user)


def bells(page: str) -> list[tuple[str, str]]:
    """What rings on a page, by the part of the page."""
    return re.findall(r'id="((?:card|elsewhere)[-\w]*)"\s+data-bell="(\w*)"', page)


def test_the_page_opens_at_the_zone_that_rings_and_names_both(pages: Pages, both: Client) -> None:
    page = both.get("/zone/").content.decode()
    choices = re.findall(r'<a href="(/zone/\?zone=\d+)"( aria-current="page")?>', page)
    assert choices == [("/zone/?zone=5324", ' aria-current="page"'), ("/zone/?zone=5330", "")]
    alarm = alarm_at(pages, "5330")
    page = both.get("/zone/").content.decode()
    assert f'id="card-{alarm}"' in page and f"/zone/alarms/{alarm}/confirm?zone=5330" in page
    assert 'href="/zone/?zone=5330" aria-current="page"' in page


def test_an_alarm_of_the_zone_that_was_not_chosen_is_shown_and_rings(pages: Pages, both: Client) -> None:
    alarm = alarm_at(pages, "5330")
    for path in ("/zone/?zone=5324", "/zone/alarms?zone=5324"):
        page = both.get(path).content.decode()
        assert bells(page) == [(f"elsewhere-5330-{alarm}", "alarm")], path
        assert f'href="/zone/?zone=5330#card-{alarm}"' in page and "1 open alarm" in text_of(both.get(path))
    alone = pages.client(pages.user("one", role="zone-officer", zone="5324")).get("/zone/").content.decode()
    assert "zone-choices" not in alone and "?zone=" not in alone


def test_what_is_said_is_said_for_the_chosen_zone(pages: Pages, both: Client) -> None:
    alarm = alarm_at(pages, candidates=BOTH)
    done = both.post(f"/zone/alarms/{alarm}/confirm?zone=5324", {"reference": "Insp. 21"})
    assert done.status_code == 302 and done.headers["Location"] == "/zone/?zone=5324"
    pages.installation.route(alarm, zone="5330", centre="HAI", position=near(pages.files[MONS]))
    old = both.get("/zone/?zone=5324").content.decode()
    assert bells(old) == [(f"elsewhere-5330-{alarm}", "alarm"), (f"card-{alarm}", "")]
    assert both.post(f"/zone/alarms/{alarm}/confirm?zone=5330", {"reference": "Insp. 30"}).status_code == 302
    state = pages.journal.alarm(alarm)
    assert state is not None and (state.lead.zone, state.lead.zone_reference) == ("5330", "Insp. 30")


def test_without_a_choice_an_officer_speaks_for_the_zone_that_leads(pages: Pages, both: Client) -> None:
    alarm = alarm_at(pages, "5330")
    assert both.post(f"/zone/alarms/{alarm}/confirm", {"reference": "Insp. 30"}).status_code == 302
    pages.installation.act(alarm, a.TeamNamed(user="both", zone="5330", call_sign="M 12"))
    assert both.get(f"/zone/alarms/{alarm}/file/").status_code == 200
    assert both.post(f"/zone/alarms/{alarm}/link").status_code == 200
    assert both.post(f"/zone/alarms/{alarm}/link?zone=5324").status_code == 422


def test_a_zone_of_somebody_else_cannot_be_chosen(pages: Pages, both: Client) -> None:
    alarm = pages.alarm(pages.phone(GENT), zone="5415", centre="OVL")
    assert both.get("/zone/?zone=5415").status_code == 404
    assert both.post(f"/zone/alarms/{alarm}/confirm?zone=5415", {"reference": "x y"}).status_code == 404
    assert both.post(f"/zone/alarms/{alarm}/confirm?zone=5324", {"reference": "x y"}).status_code == 404


def test_what_is_left_to_do_in_the_other_zone_is_counted(pages: Pages, both: Client) -> None:
    User.objects.get(name="both").memberships.create(role="zone-officer", place=MANAGING_ZONE)
    alarm = alarm_at(pages)
    pages.installation.act(alarm, a.AlarmClosed(user="op-1", outcome="perpetrator-gone", reason="told"))
    page = both.get("/zone/?zone=5330")
    assert "1 to do" in text_of(page) and f"follow-up-{alarm}" not in page.content.decode()
    assert f"/zone/?zone={MANAGING_ZONE}#follow-up-{alarm}" in both.get("/start").content.decode()
