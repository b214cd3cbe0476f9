"""Who may close, on what that rests (safety rules 8 and 11), and what the closing dialog offers."""

import re

from egide.alarm.events import (
    AlarmAcknowledged,
    StepMissed,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    ZoneConfirmed,
)
from tests.support.pages import MONS, Pages, near, text_of

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


def test_closing_is_offered_to_who_may_close_and_the_others_ask_the_supervisor_whose_board_rings(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    operator, chief = pages.client(pages.user("op-1")), pages.client(pages.user("chief", role="supervisor"))
    other = pages.client(pages.user("op-2"))
    panel = operator.get(f"/desk/alarms/{alarm}").content.decode()
    assert 'id="act-close"' not in panel and 'id="act-ask-supervisor"' in panel
    panel = chief.get(f"/desk/alarms/{alarm}").content.decode()
    assert 'id="act-close"' in panel and 'id="act-ask-supervisor"' not in panel

    for _twice in range(2):
        assert operator.post(f"/desk/alarms/{alarm}/ask-supervisor").status_code == 200
    assert pages.installation.kinds(f"alarm:{alarm}").count("SupervisorAsked") == 1
    rung = 'data-rings="yes"'
    assert rung in chief.get("/desk/board").content.decode()
    assert (
        rung not in operator.get("/desk/board").content.decode() + other.get("/desk/board").content.decode()
    )
    assert "Op-1 asks the supervisor" in text_of(chief.get("/desk/board"))

    assert other.post(f"/desk/alarms/{alarm}/come").status_code == 200
    assert rung in chief.get("/desk/board").content.decode(), "nobody comes for a supervisor"
    assert "Chief looks at it" in text_of(chief.post(f"/desk/alarms/{alarm}/come"))
    assert rung not in chief.get("/desk/board").content.decode()


def test_a_supervisor_who_does_not_come_rings_every_board_and_then_those_of_the_neighbouring_centre(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    operator, other = pages.client(pages.user("op-1")), pages.client(pages.user("op-2"))
    neighbours = pages.client(pages.user("chief-brw", centre="BRW", role="supervisor"))
    operator.post(f"/desk/alarms/{alarm}/ask-supervisor")
    rung = 'data-rings="yes"'

    def after_s(seconds: int) -> None:
        pages.clock.advance_s(seconds)
        pages.at_board("op-1")
        pages.climb(alarm)

    after_s(59)
    assert rung not in other.get("/desk/board").content.decode()
    assert "supervisor · " in text_of(operator.get(f"/desk/alarms/{alarm}"))
    after_s(1)
    for client in (operator, other):
        board = client.get("/desk/board")
        assert rung in board.content.decode() and "late: The supervisor looks at it" in text_of(board)
    assert neighbours.get(f"/desk/alarms/{alarm}").status_code == 404
    copy = StepMissed(step="supervisor-came", rung=2, action="neighbour", due_at_us=1, centre="BRW")
    pages.installation.act(alarm, copy)
    assert rung in neighbours.get("/desk/board").content.decode()
    said = text_of(operator.get(f"/desk/alarms/{alarm}/ladder"))
    assert re.search(r"The supervisor looks at it runs since .* missed .* is shown a copy", said)
    neighbours.post(f"/desk/alarms/{alarm}/come")
    for client in (operator, other, neighbours):
        assert rung not in client.get("/desk/board").content.decode()


def test_once_a_team_is_there_what_is_missing_is_named_with_its_button_and_no_supervisor_is_rung(
    pages: Pages,
) -> None:
    alarm = taken(pages)
    operator, chief = pages.client(pages.user("op-1")), pages.client(pages.user("chief", role="supervisor"))
    operator.post(f"/desk/alarms/{alarm}/ask-supervisor")
    pages.installation.act(alarm, ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    pages.installation.act(alarm, TeamNamed(user="op-1", zone="5324", call_sign="M 12"))
    pages.installation.act(alarm, TeamOnSite(by="op-1", told="operator"))
    panel = operator.get(f"/desk/alarms/{alarm}")
    assert "The word of the team or its zone that it is on site · M 12" in text_of(panel)
    assert 'id="act-close"' not in panel.content.decode() and 'id="act-link"' in panel.content.decode()
    pages.installation.act(alarm, TeamOnSite(by="team:M 12"))
    panel = operator.get(f"/desk/alarms/{alarm}")
    assert "Still missing The report of the team · M 12" in text_of(panel)
    assert (
        'id="act-link"' in panel.content.decode() and 'class="main" id="act-close"' in panel.content.decode()
    )
    assert 'data-rings="yes"' not in chief.get("/desk/board").content.decode()
    pages.installation.act(alarm, TeamReported(by="team:M 12", outcome="arrest", text="Done."))
    panel = operator.get(f"/desk/alarms/{alarm}")
    assert "Still missing The closing" in text_of(panel) and 'id="act-link"' not in panel.content.decode()
