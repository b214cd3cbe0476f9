"""Who may close, on what that rests (safety rules 8 and 11), and what the closing dialog offers."""

import re

from egide.alarm.events import AlarmAcknowledged, TeamNamed, TeamOnSite, TeamReported, ZoneConfirmed
from tests.boards.desk.reading import text_of
from tests.support.pages import MONS, Pages, near

FORM = {"outcome": "handling-error", "reason": "button pressed in the bag"}


def taken(pages: Pages) -> str:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    return alarm


def basis(pages: Pages, alarm: str, user: str, role: str = "operator") -> str:
    page = pages.client(pages.user(user, role=role)).get(f"/desk/alarms/{alarm}").content.decode()
    found = re.search(r'<template id="close-basis">(.*?)</template>', page, re.DOTALL)
    assert found is not None
    return found[1]


def test_rule_08_without_a_team_the_dialog_says_who_may_close_and_gives_a_supervisor_the_tick_box(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    operator, supervisor = basis(pages, alarm, "op-1"), basis(pages, alarm, "chief", "supervisor")
    for text in (operator, supervisor):
        assert "Only a supervisor closes, after a call-back with the agreed word" in text
    assert "called_back" not in operator and 'name="called_back"' in supervisor
    assert "checked" not in supervisor


def test_rule_08_a_supervisor_closes_after_a_call_back_and_the_journal_says_on_what_it_rests(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    operator, chief = pages.client(pages.user("op-1")), pages.client(pages.user("chief", role="supervisor"))
    address = f"/desk/alarms/{alarm}/close"
    assert operator.post(address, FORM | {"called_back": "yes"}).status_code == 422
    refused = chief.post(address, FORM)
    assert refused.status_code == 422 and "after a call-back with the agreed word" in text_of(refused)
    assert chief.post(address, FORM | {"called_back": "yes"}).status_code == 200
    closed = pages.journal.open_event(pages.journal.stream(f"alarm:{alarm}")[-1])
    assert getattr(closed, "basis", "") == "call-back"


def test_rule_08_a_supervisor_of_another_centre_calls_nobody_back_here(pages: Pages) -> None:
    alarm = taken(pages)
    user = pages.user("both")
    user.memberships.create(role="supervisor", place="LIE")
    assert 'name="called_back"' not in pages.client(user).get(f"/desk/alarms/{alarm}").content.decode()
    reply = pages.client(user).post(f"/desk/alarms/{alarm}/close", FORM | {"called_back": "yes"})
    assert reply.status_code == 422


def test_rule_11_the_report_stands_on_the_panel_and_is_offered_for_the_closing_not_filled_in(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    for event in (
        ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
        TeamNamed(user="op-1", zone="5324", call_sign="M 12"),
        TeamOnSite(by="M 12"),
        TeamReported(by="M 12", outcome="arrest", text="Taken at the <door>."),
    ):
        pages.installation.act(alarm, event)
    offered = basis(pages, alarm, "op-1")
    assert "A team was with the person: M 12." in offered
    assert 'data-outcome="arrest"' in offered and "Taken at the &lt;door&gt;." in offered
    client = pages.client(pages.user("op-2"))
    page = client.get("/desk/").content.decode()
    form = page[page.index('id="close-form"') : page.index("</form>", page.index('id="close-form"'))]
    assert "checked" not in form and re.search(r"<textarea[^>]*></textarea>", form)
    panel = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "Report of the team: Arrest" in panel
    assert "report written" in text_of(client.get("/desk/board"))


def test_a_team_that_was_sent_before_stays_on_the_panel(pages: Pages) -> None:
    alarm = taken(pages)
    for event in (
        ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
        TeamNamed(user="op-1", zone="5324", call_sign="M 12", telephone="0470 12"),
        TeamNamed(user="op-1", zone="5324", call_sign="M 14"),
    ):
        pages.installation.act(alarm, event)
    text = text_of(pages.client(pages.user("op-2")).get(f"/desk/alarms/{alarm}"))
    assert "Sent before M 12 · 0470 12" in text and "Team M 14" in text
