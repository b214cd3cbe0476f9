"""The evaluator takes the year with her: filters, exports, prints; each file is opened as somebody else would."""

import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import World
from tests.journeys.inspecting import Sizes, in_every_language_and_size, inspecting
from tests.journeys.test_figures import (
    COMMITTEE,
    COMPARED,
    EVALUATOR,
    OTHERS,
    YEAR,
    enter,
    fetched,
    read,
    tab_to,
)
from tests.support import browser as b
from tests.support.pdf import read_pdf

__all__ = ["read"]
ADDRESSES = {
    "outputs": f"/figures/outputs?{YEAR}",
    "refused": "/figures/outputs?from=2026-13",
    "dictionary": "/figures/dictionary",
    "map": f"/figures/map?{YEAR}",
    "map of a place": f"/figures/map?{YEAR}&place=centre:HAI",
}


def downloaded(page: Page, selector: str) -> tuple[str, bytes]:
    """The file behind a button: its name and content."""
    with page.expect_download() as waiting:
        tab_to(page, selector)
        page.keyboard.press("Enter")
    path = waiting.value.path()
    return waiting.value.suggested_filename, Path(path).read_bytes()


@pytest.mark.full(
    "tests/evaluation/test_documents.py",
    "tests/evaluation/test_report.py",
    "tests/evaluation/test_outputs.py",
    "tests/journeys/test_figures.py::test_the_pages_of_the_figures",
)
@in_every_language_and_size([b.DESKTOP, b.NARROW])
def test_the_pages_of_what_is_handed_out(read: World, language: str, sizes: Sizes) -> None:
    with inspecting(read, language, sizes) as inspector:
        page, host = inspector.page, read.stack.host(EVALUATOR)
        b.sign_in(page, read.stack, EVALUATOR, "/figures/")
        page.wait_for_url("**/figures/")
        for name, address in ADDRESSES.items():
            if name == "map of a place" and not read.is_full:
                continue
            page.goto(host + address)
            inspector.look(name)
            if name in ("outputs", "map"):
                inspector.walk(name)


@pytest.mark.full(
    "tests/evaluation/test_outputs.py",
    "tests/evaluation/test_report.py",
)
def test_the_evaluator_reads_the_year_filters_exports_and_prints(read: World) -> None:
    page = enter(read, EVALUATOR, "/figures/", "fr")
    page.goto(f"{read.stack.host(EVALUATOR)}/figures/?{YEAR}")
    shown = page.locator("#m-interventions .big").inner_text()
    page.select_option("#place", "centre:HAI")
    page.click("#show")
    page.wait_for_url("**place=centre%3AHAI**")
    there = page.locator("#m-interventions .big").inner_text()
    assert 0 < int(there) < int(shown)
    page.click(".chapters a[href^='/figures/outputs']")
    page.wait_for_url("**/figures/outputs?**")
    page.check("input[value='parquet']")
    name, content = downloaded(page, "#take-export")
    assert re.fullmatch(r"egide-2026-01\.\.2026-10-parquet\.zip", name), name
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    # What was exported says what the page showed.
    measures = pl.read_parquet(io.BytesIO(archive.read("measures.parquet")))
    figure = measures.filter((pl.col("measure") == "interventions") & (pl.col("split_by") == ""))
    assert figure["value"].to_list() == [float(there)]
    alarms = pl.read_parquet(io.BytesIO(archive.read("records/alarms.parquet")))
    assert set(alarms["centre"]) == {"HAI"} and alarms["went"].sum() == int(there)
    assert "# Données pour la recherche" in archive.read("README.md").decode()
    page.reload()
    expect(page.locator("#taken tbody tr").first).to_contain_text("centre:HAI")
    page.select_option("#year", "2025")
    page.select_option("#report-lang", "de")
    name, content = downloaded(page, "#take-report")
    paper = read_pdf(content)
    assert name == "egide-2025-de.pdf" and paper.language == "de" and paper.is_tagged and paper.is_embedded
    assert "Stiller Alarm: Zahlen von 2025" in paper.text and "Entwurf, nicht veröffentlicht" in paper.text
    assert "Mons/Quévy" not in paper.text


@pytest.mark.full("tests/evaluation/test_documents.py")
def test_the_committee_takes_two_periods_on_one_page(read: World) -> None:
    page = enter(read, COMMITTEE, "/figures/", "nl")
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/outputs?{YEAR}")
    page.click("#take-sheet")
    # Without a second period: a sentence beside its field.
    expect(page.locator("#from2-error")).to_be_visible()
    expect(page.locator("#take-export")).to_have_count(0)
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/?{COMPARED}")
    cells = b.texts(page.locator("#m-interventions .big"))
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/outputs?{COMPARED}")
    _name, content = downloaded(page, "#take-sheet")
    paper = read_pdf(content)
    assert len(paper.pages) == 1 and paper.language == "nl"
    line = paper.pages[0][paper.pages[0].index("Tussenkomsten") :]
    (numbers,) = re.findall(r"^(\d+) (\d+)$", line, re.MULTILINE)[:1]
    assert list(numbers) == cells, line[:400]


@pytest.mark.full("tests/evaluation/test_map.py")
def test_the_map_shows_how_far_zones_were(read: World) -> None:
    page = enter(read, COMMITTEE, "/figures/", "en")
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/map?from=2025-03&to=2025-03")
    expect(page.locator("svg.country path.ready")).to_have_count(2)
    page.locator("details summary").click()
    expect(page.locator("details tbody tr").first).to_contain_text("available")
    page.goto(f"{read.stack.host(COMMITTEE)}/figures/map?from=2011-01&to=2011-12")
    expect(page.locator("#no-map")).to_be_visible()


@pytest.mark.full(
    "tests/evaluation/test_outputs.py::test_only_the_evaluator_takes_an_export",
    "tests/evaluation/test_report.py::test_anyone_who_may_not_see_figures_finds_no_report",
)
def test_for_all_others_nothing_is_handed_out(read: World) -> None:
    for name in OTHERS[:3]:
        page = read.window(language="fr")
        b.sign_in(page, read.stack, name, "/account")
        page.wait_for_url("**/account")
        nothing = fetched(page, "/figures-of-nothing/")
        for address in (*ADDRESSES.values(), "/figures/report?year=2025", f"/figures/sheet?{COMPARED}"):
            assert fetched(page, address) == nothing == [404, nothing[1]], (name, address)
        page.context.close()
