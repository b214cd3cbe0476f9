"""Figures of one's own house: how long a centre takes to answer, and a zone to come; nobody else's, of no person."""

import re
from datetime import date

import pytest
from django.test import Client

from egide.access.models import User
from egide.alarm import events as a
from egide.casework.models import BarredReader
from egide.evaluation.service import Period, compute, rebuild
from egide.rollout.service import do_load_reference
from tests.support.pages import MONS, Pages, near

ANSWERED = (4, 8, 60)


@pytest.fixture
def told(pages: Pages) -> Pages:
    """Three alarms of Mons that were answered after 4, 8 and 60 seconds, one that nobody answered; the figures are
    built a day later."""
    phone = pages.phone(MONS)
    do_load_reference()
    for seconds in (*ANSWERED, None):
        alarm = pages.alarm(phone, near(pages.files[MONS]), zone="5324")
        if seconds is not None:
            pages.clock.advance_s(seconds)
            pages.installation.act(alarm, a.AlarmAcknowledged(user="op-1", centre="HAI"))
        pages.installation.act(alarm, a.AlarmClosed(user="op-1", outcome="handling-error", reason="-"))
        pages.clock.advance_s(7200)
    pages.clock.advance_s(86_400)
    rebuild()
    return pages


def reader(pages: Pages, role: str, place: str = "", name: str = "") -> Client:
    user = User.objects.create(name=name or f"{role}-x", title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return pages.client(user)


def shown(client: Client, query: str = "") -> str:
    reply = client.get(f"/figures/own{query}")
    assert reply.status_code == 200
    return " ".join(re.sub("<[^>]+>", " ", reply.content.decode()).split())


def test_the_median_of_a_centre_is_that_of_the_alarms_that_it_answered(told: Pages) -> None:
    found = compute(Period(date(2027, 1, 1), date(2027, 12, 31)), ids=("answered",), by="centre")["answered"]
    cells = {cell.keys: cell for cell in found.cells}
    median = cells["HAI", "p50"]
    assert (median.value, median.n, median.left_out) == (8.0, 3, 1)


def test_a_supervisor_sees_their_centre_and_a_reference_officer_their_zone(told: Pages) -> None:
    centre = shown(reader(told, "supervisor", "HAI"))
    assert "Until an operator answers" in centre and "From reception to people on the spot" in centre
    assert "Until an operator answers · seconds 8 s of 3 1 left out" in centre
    zone = shown(reader(told, "reference-officer", "5324"))
    assert "Until an operator answers" not in zone and "From reception to people on the spot" in zone


def test_another_centre_has_nothing_and_cannot_ask_for_it(told: Pages) -> None:
    client = reader(told, "supervisor", "OVL")
    for query in ("", "?place=centre:HAI", "?place=zone:5324", "?place=centre:nowhere", "?place="):
        page = shown(client, query)
        assert "8 s of 3" not in page and "HAI" not in page and "Hainaut" not in page


def test_nobody_is_named_and_no_figure_is_of_a_person(told: Pages) -> None:
    page = shown(reader(told, "supervisor", "HAI"), "?by=user&place=user:op-1")
    assert "op-1" not in page and "Op-1" not in page and told.files[MONS].name not in page


@pytest.mark.parametrize(
    "role", ["operator", "zone-officer", "magistrate", "clerk", "evaluator", "administrator"]
)
def test_for_all_others_there_is_no_such_page(told: Pages, role: str) -> None:
    place = {"operator": "HAI", "zone-officer": "5324", "magistrate": "mons", "clerk": "mons"}.get(role, "")
    assert reader(told, role, place).get("/figures/own").status_code == 404
    assert told.client().get("/figures/own").status_code == 302


def test_a_number_tells_nobody_of_a_file_that_bars_them(told: Pages) -> None:
    """The cousin who became a supervisor reads the figures before and after her alarms."""
    client = reader(told, "supervisor", "HAI", name="cousin")
    before = shown(client)
    BarredReader.objects.create(case_id=told.files[MONS].case.id, mark="user:cousin")
    after = shown(client)
    assert "8 s of 3" in before and "8 s of 3" not in after


@pytest.mark.parametrize(
    ("query", "words"), [("?from=2026-13", "does not exist"), ("?from=soon", "is no month")]
)
def test_an_impossible_month_is_named_in_its_field(told: Pages, query: str, words: str) -> None:
    reply = reader(told, "supervisor", "HAI").get(f"/figures/own{query}")
    assert reply.status_code == 422 and words in reply.content.decode()


def test_before_figures_were_built_it_says_so(pages: Pages) -> None:
    do_load_reference()
    assert "No figures were prepared yet" in shown(reader(pages, "supervisor", "HAI"))
