"""The supervisor's overview: who is responsible, what is due next, who is at a board; and no figure of a person."""

import re

from egide.access.models import User
from egide.alarm.events import AlarmAcknowledged, TeamNamed, ZoneConfirmed
from tests.support.pages import GENT, MONS, Pages, near, text_of


def lists(pages: Pages, name: str = "chief") -> str:
    return text_of(pages.client(pages.user(name, role="supervisor")).get("/desk/overview/lists"))


def test_only_a_supervisor_has_an_overview(pages: Pages) -> None:
    operator, chief = pages.client(pages.user()), pages.client(pages.user("chief", role="supervisor"))
    for address in ("/desk/overview", "/desk/overview/lists"):
        assert operator.get(address).status_code == 404
        assert chief.get(address).status_code == 200
    assert "overview-open" not in operator.get("/desk/").content.decode()
    assert "overview-open" in chief.get("/desk/").content.decode()


def test_rule_01_each_open_alarm_says_who_has_it_who_must_act_and_what_comes_next(pages: Pages) -> None:
    pages.user("op-1")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    assert re.search(r"To take .{0,4}desk · 0:00 .* Has it nobody", lists(pages))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    text = lists(pages, "chief-2")
    assert re.search(r"Inform the zone .{0,4}desk · .* Has it Op-1", text)
    pages.installation.act(alarm, ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    pages.installation.act(alarm, TeamNamed(user="op-1", zone="5324", call_sign="M 12"))
    text = lists(pages, "chief-3")
    assert re.search(r"Departure expected .{0,4}team M 12 · ", text)


def test_what_is_late_is_marked_and_other_centres_alarms_are_not_there(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.alarm(pages.phone(GENT), centre="OVL")
    pages.clock.advance_s(20)
    pages.climb(alarm)
    text = lists(pages)
    assert "▲ desk · late by" in text and "late: Shown" in text and "Open alarms · 1" in text


def test_rule_34_of_an_operator_only_presence_and_the_number_of_alarms_are_said(pages: Pages) -> None:
    for name in ("ann", "bob", "cem"):
        pages.user(name)
    pages.user("far", centre="OVL")
    pages.user("chief", role="supervisor").memberships.create(role="operator", place="OVL")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmAcknowledged(user="ann"))
    pages.at_board("ann")
    pages.at_board("bob", idle_s=90)
    chief = User.objects.get(name="chief")
    text = text_of(pages.client(chief).get("/desk/overview/lists"))
    people = text[text.index("Operators") :]
    assert re.search(r"Ann .{0,4}at the board has 1 alarm", people)
    assert re.search(r"Bob .{0,4}no hand moved for 0:00", people)
    assert re.search(r"Cem .{0,4}away", people) and "Far" not in people
    assert len(re.findall(r"has \d", people)) == 1
