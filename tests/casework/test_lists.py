"""Lists, search and tasks: what they hold, within whose rights, and that their number of queries does not grow."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import steps as s
from egide.casework.file.names import do_read_ahead
from egide.casework.file.store import do_add_row
from egide.casework.life.tasks import tasks_of
from tests.casework.people import (
    CENTRE,
    OFFICE,
    ZONE,
    Office,
    conditions,
    decision,
    magistrate,
    officer,
    text_of,
)

# What each page asks of app.db; a change here is a decision, not an accident.
# What waits for a reader stands on every page: six of them for a reference officer, three for an office.
QUERIES = {"list": 13, "list of an office": 11, "file": 36, "file of an office": 30, "tasks": 2, "search": 17}
# Plates, telephones, reports and addresses are read when somebody first looks for any: a table each.
DETAILS = 4


def _count(page: Callable[[], object]) -> int:
    page()  # names are kept from the first time on
    with CaptureQueriesContext(connection) as asked:
        page()
    return len(asked)


def _fill(office: Office, count: int) -> None:
    for number in range(count):
        case = office.file(name=f"Nora Témoin {number} (essai)")
        if number % 2:
            office.take(case, officer(), conditions(), s.Requested())


@pytest.mark.parametrize("count", [10, 40])
def test_lists_search_and_tasks_ask_as_much_for_forty_files_as_for_ten(office: Office, count: int) -> None:
    _fill(office, count)
    assert {
        "list": _count(lambda: office.officer.get("/files/")),
        "list of an office": _count(lambda: office.magistrate.get("/files/")),
        "tasks": _count(lambda: list(tasks_of(officer()))),
        "search": _count(lambda: office.officer.post("/search", {"text": "essai"})),
    } == {name: QUERIES[name] for name in ("list", "list of an office", "tasks", "search")}


def test_names_that_are_read_ahead_make_the_first_search_as_cheap_as_the_next(office: Office) -> None:
    _fill(office, 12)
    assert do_read_ahead() == m.Case.objects.count() >= 12
    with CaptureQueriesContext(connection) as asked:
        found = office.officer.post("/search", {"text": "essai"})
    assert "Nora Témoin 3" in text_of(found)
    assert len(asked) == QUERIES["search"] + DETAILS
    assert do_read_ahead() == 0


@pytest.mark.parametrize("count", [1, 20])
def test_a_file_page_asks_as_much_for_twenty_rows_as_for_one(office: Office, count: int) -> None:
    case = office.to_decision()
    for number in range(count):
        measure = f.MeasureFacts(kind="contact-ban", issuer=f"Parquet {number}", starts=date(2026, 1, 1))
        do_add_row(case, "measure", measure, "ref-1")
        do_add_row(case, "perpetrator", f.PerpetratorFacts(name=f"Éric {number} (démo)"), "ref-1")
    assert _count(lambda: office.officer.get(f"/files/{case.id}/")) == QUERIES["file"]
    assert _count(lambda: office.magistrate.get(f"/files/{case.id}/")) == QUERIES["file of an office"]


def test_a_list_shows_a_page_of_the_readers_own_files(office: Office) -> None:
    _fill(office, 60)
    other = office.client("ref-9", "reference-officer", zone="5415")
    assert "No file here" in text_of(other.get("/files/"))
    page = text_of(office.officer.get("/files/"))
    assert page.count('href="/files/') == 25 + page.count('href="/files/"') + 1 + page.count("by-reason")
    assert "page 1 of" in page


def test_files_are_found_by_number_by_name_and_by_a_perpetrators_name(office: Office) -> None:
    case = office.file(name="Émilie de Témoin (démo)")
    for text in ("emilie", "temoin emi", case.number, case.number[-5:], "rudy"):
        assert case.number in text_of(office.officer.post("/search", {"text": text})), text
    assert "Rudy Modèle (démo)" in text_of(office.officer.post("/search", {"text": "rudy mod"}))
    for text in ("emilia", "zz"):
        assert "Nothing was found" in text_of(office.officer.post("/search", {"text": text}))


@pytest.mark.parametrize(
    "text", ["%", "_", "' OR 1=1 --", '" OR ""="', "x'; DROP TABLE casework_case; --", "\\", ".*"]
)
def test_a_search_is_words_and_never_a_statement_or_a_pattern(office: Office, text: str) -> None:
    office.file(name="Émilie de Témoin (démo)")
    assert "Nothing was found" in text_of(office.officer.post("/search", {"text": text}))


def test_a_name_that_changed_is_found_under_the_new_one(office: Office) -> None:
    case = office.file()
    assert case.number in text_of(office.officer.post("/search", {"text": "camille"}))
    row = m.Beneficiary.objects.get(case=case)
    given = {
        "version": 1,
        "name": "Nadia Neuve (démo)",
        "born": "1990-05-04",
        "language": "fr",
        "languages": "x",
    }
    office.officer.post(f"/files/{case.id}/beneficiary/{row.id}", given)
    assert case.number in text_of(office.officer.post("/search", {"text": "neuve"}))
    assert case.number not in text_of(office.officer.post("/search", {"text": "camille"}))


def test_a_name_whose_file_was_erased_is_forgotten(office: Office) -> None:
    case = office.file()
    assert case.number in text_of(office.officer.post("/search", {"text": "camille"}))
    office.pages.installation.keys.destroy(case.id)
    assert case.number not in text_of(office.officer.post("/search", {"text": "camille"}))
    assert office.officer.get(f"/files/{case.id}/").status_code == 404


def test_each_sees_as_a_task_what_waits_for_them(office: Office) -> None:
    case = office.to_decision()
    assert f"/files/{case.id}/decision" in text_of(office.magistrate.get("/start"))
    assert case.number not in text_of(office.officer.get("/start"))
    office.take(case, magistrate(), decision("more-asked"))
    assert f"/files/{case.id}/" in text_of(office.officer.get("/start"))
    assert case.number not in text_of(office.magistrate.get("/start"))


def test_a_step_that_is_not_yours_changes_nothing(office: Office) -> None:
    case = office.take(office.file(), officer(), conditions(), s.Requested())
    for client, name in (
        (office.magistrate, "analysis"),
        (office.clerk, "request"),
        (office.officer, "review"),
    ):
        assert client.get(f"/files/{case.id}/step/{name}").status_code == 404
        assert client.post(f"/files/{case.id}/step/{name}", {"version": case.version}).status_code == 404
    before = case.stage
    case.refresh_from_db()
    assert case.stage == before


def test_a_new_file_is_opened_with_little_and_gets_a_number_and_its_office(office: Office) -> None:
    given = {"zone": ZONE, "name": "Neuve (démo)", "born": "1991-01-01", "language": "nl", "languages": "nl"}
    bad = office.officer.post("/files/new", given)
    assert bad.status_code == 422 and "Neuve (démo)" in text_of(bad)
    assert office.officer.post("/files/new", given | {"context": "Suivie"}).status_code == 302
    case = m.Case.objects.get()
    assert re.fullmatch(r"2027-\d{6}", case.number)
    assert (case.office, case.managing_centre) == (OFFICE, CENTRE)
    assert office.officer.post("/files/new", given | {"context": "x", "zone": "5415"}).status_code == 422
    assert office.magistrate.get("/files/new").status_code == 404
