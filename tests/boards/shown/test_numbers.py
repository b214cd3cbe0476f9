"""The numbers to ring stand beside what has to be done: a zone, a centre, abroad (rule 7)."""

import re
from datetime import timedelta

import pytest

from egide.demo.telephones import do_load_demo_telephones
from egide.outbox.days import today
from egide.rollout.models import TelephoneNumber
from egide.rollout.service import ABROAD, ZONE, do_load_reference
from tests.boards.teams import following, officer, with_team
from tests.support.pages import EUPEN, MONS, Pages, near, text_of

pytestmark = pytest.mark.usefixtures("with_files")

KEEP = "Keep these numbers"


def with_numbers(pages: Pages) -> None:
    do_load_reference()
    do_load_demo_telephones()


def panel(pages: Pages, alarm: str, role: str = "operator", centre: str = "HAI") -> str:
    """The panel of an alarm as somebody of a centre has it."""
    client = pages.client(pages.user(f"{role}-{centre}", role=role, centre=centre))
    return str(client.get(f"/desk/alarms/{alarm}").content.decode())


def of_place(page: str, template: str, place: str) -> str:
    """What the dialog shows once `place` is chosen."""
    inside = page.split(f'<template id="{template}">')[1].split("</template>")[0]
    found = re.search(rf'<div class="place-numbers" data-place="{place}">.*?</div>', inside, re.S)
    assert found is not None, place
    return found[0]


def test_the_dialogs_of_zone_and_centre_have_the_number_of_each_choice_as_a_link(pages: Pages) -> None:
    with_numbers(pages)
    page = panel(pages, with_team(pages))
    assert "Dispatching (démo) 5324" in of_place(page, "zone-numbers", "5324")
    assert re.search(r'href="tel:\+32000\d+"', of_place(page, "offer-numbers", "OVL"))
    # Whose own centre it is has no need of its number.
    assert 'data-place="HAI"' not in page
    # Beside the zone that is informed, too.
    assert "Dispatching (démo) 5324" in page.split('id="way"')[1].split("</dl>")[0]


def test_where_no_number_is_kept_that_is_said_with_the_way_there_for_who_may(pages: Pages) -> None:
    with_numbers(pages)
    TelephoneNumber.objects.filter(kind=ZONE, place="5324").delete()
    alarm = with_team(pages)
    shown = of_place(panel(pages, alarm), "zone-numbers", "5324")
    assert "No number of Mons/Quévy · 5324 is kept." in shown and KEEP not in shown
    shown = of_place(panel(pages, alarm, "supervisor"), "zone-numbers", "5324")
    assert KEEP in shown and 'href="/rollout/numbers/zone/5324/"' in shown


def test_an_old_number_is_shown_with_the_day_on_which_it_was_rung(pages: Pages) -> None:
    with_numbers(pages)
    TelephoneNumber.objects.filter(place="5324").update(checked_on=today() - timedelta(days=400))
    shown = of_place(panel(pages, with_team(pages), "supervisor"), "zone-numbers", "5324")
    assert "last rung on" in shown and "tel:+32" in shown and KEEP in shown


def test_rule_07_abroad_says_so_when_the_centre_holds_no_number(pages: Pages) -> None:
    with_numbers(pages)
    TelephoneNumber.objects.filter(kind=ABROAD, place="LIE").delete()
    place = near(pages.files[EUPEN])
    alarm = pages.alarm(pages.phone(EUPEN), place, outside="abroad:DE", zone="5292", centre="LIE")
    abroad = panel(pages, alarm, "supervisor", "LIE").split('id="abroad"')[1].split("</section>")[0]
    assert "No number of" in abroad and 'href="/rollout/numbers/abroad/LIE/"' in abroad


def test_zone_and_team_have_the_number_of_the_centre_that_leads(pages: Pages) -> None:
    with_numbers(pages)
    phone = pages.phone(MONS)
    alarm = with_team(pages, phone=phone)
    team = following(pages, alarm).get(f"/team/{alarm}/")
    assert "CIC (démo) HAI" in text_of(team) and 'href="tel:+32000' in team.content.decode()
    alone = pages.alarm(pages.phone(EUPEN), near(pages.files[EUPEN]), zone="5324")
    pages.clock.advance_s(600)
    pages.climb(alone)
    zone = text_of(officer(pages).get("/zone/"))
    assert "Send a team now, and call the centre." in zone and "CIC (démo) HAI" in zone
