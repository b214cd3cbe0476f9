"""The yearly report on paper: the published tables and nothing else, in four languages, the same bytes twice."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils.translation import override

from egide.entrypoints.cli.evaluate import evaluate
from egide.evaluation import service
from egide.evaluation.pages import report
from egide.evaluation.pages.published_showing import sheets
from egide.evaluation.published import editions
from egide.rollout.service import places_of
from tests.evaluation.test_dashboard import member
from tests.evaluation.test_documents import (
    IN_EVERY_LANGUAGE,
    expect_fit_for_print_and_for_reading_aloud,
    squeezed,
)
from tests.evaluation.test_published import house, publish
from tests.support.pages import Pages
from tests.support.pdf import read_pdf
from tools.tree import ROOT

__all__ = ["house"]
YEAR = 2022


def said(year: int = YEAR) -> dict[str, Any]:
    with override("en"):
        return report.report_data(report.issue_of(year), "en")


@pytest.mark.parametrize("language", IN_EVERY_LANGUAGE)
def test_the_report_reads_and_prints_in_every_language(house: Pages, language: str) -> None:
    reply = member(house, "steering").get(f"/figures/report?year={YEAR}&lang={language}")
    assert reply.status_code == 200 and reply["Content-Type"] == "application/pdf"
    paper = read_pdf(reply.content)
    expect_fit_for_print_and_for_reading_aloud(paper, language)
    text = squeezed(paper.text)
    with override(language):
        for sheet in sheets(report.issue_of(YEAR).edition):
            for words in (sheet.title, sheet.population):
                # Where a line ends within a word, the hyphen of the line stands in between.
                assert squeezed(words) in text, words
    assert all(f"{number}/{len(paper.pages)}" in squeezed(page) for number, page in enumerate(paper.pages, 1))


def test_rule_34_the_report_holds_no_figure_that_stands_in_no_published_table(house: Pages) -> None:
    edition = report.issue_of(YEAR).edition
    with override("en"):
        shown = {one.text for sheet in sheets(edition) for row in sheet.rows for one in row.figures}
    data = said()
    numbers = {cell["text"] for section in data["sections"] for row in section["rows"] for cell in row[1:]}
    assert numbers <= shown
    assert {row[1]["text"] for row in data["glance"]["rows"]} <= shown
    for section in data["sections"]:
        drawn = re.findall(r">([\d,.]+(?: %| s| min \d+ s| days)?)</t", section["svg"] or "")
        assert set(drawn) <= shown, section["title"]
    hidden = [name for name, value in edition.cells.items() if value is None]
    assert len(hidden) > 20 and "not shown" in numbers


def test_rule_34_the_report_names_no_zone_and_no_operator(house: Pages) -> None:
    paper = read_pdf(report.make_report(YEAR, "fr"))
    zones = [name.partition(" · ")[0] for name in places_of("zone").values()]
    assert len(zones) > 170
    # A zone may bear the name of a province.
    provinces = " ".join(places_of("centre").values())
    assert not [
        name for name in zones if re.search(rf"\b{re.escape(name)}\b", paper.text) and name not in provinces
    ]


def test_a_draft_says_so_on_every_page_and_a_published_report_does_not(house: Pages) -> None:
    draft = read_pdf(report.make_report(YEAR, "en"))
    assert "Draft, not published" in draft.text
    assert all("· invented · draft" in page for page in draft.pages)
    publish(member(house, "evaluator"))
    out = read_pdf(report.make_report(YEAR, "en"))
    assert "draft" not in out.text.casefold() and "Edition 1, published on" in out.text
    assert all("· invented" in page for page in out.pages)
    assert "Invented people and invented figures." in out.text


def test_a_year_that_is_not_over_is_a_draft_that_says_why(house: Pages) -> None:
    assert "The year is not over in the records." in " ".join(said(2023)["marks"])


def test_the_same_bytes_twice_and_after_the_records_moved_on(house: Pages) -> None:
    publish(member(house, "evaluator"))
    first = report.make_report(YEAR, "de")
    assert report.make_report(YEAR, "de") == first
    house.clock.advance_s(90 * 86_400)
    service.rebuild()
    assert report.make_report(YEAR, "de") == first


def test_a_share_stands_beside_its_population_and_interval(house: Pages) -> None:
    data = said(2023)
    (safer,) = [section for section in data["sections"] if "Feel clearly safer" in section["title"]]
    (row,) = safer["rows"]
    texts = dict(zip(safer["columns"], row, strict=True))
    assert texts["answered"]["text"] == "48" and texts["share that feels clearly safer"]["text"] == "89.6 %"
    assert re.fullmatch(r"77\.8 % – 95\.5 %", texts["share that feels clearly safer"]["beside"])
    for section in data["sections"]:
        assert section["unit"] and section["population"] and section["source"], section["title"]


def test_every_plot_has_its_table_and_words_in_its_place(house: Pages) -> None:
    drawn = [section for section in said(2023)["sections"] if section["svg"]]
    assert len(drawn) >= 4
    assert all(section["rows"] and section["alt"] for section in drawn)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("year=2011", "There are no tables of 2011."),
        ("year=soon", "Write a year, such as 2023."),
        ("year=", "Write a year, such as 2023."),
        ("year=9999999999", "There are no tables of 9999999999."),
        ("year=2022&lang=it", "Choose one of the four languages."),
    ],
)
def test_an_impossible_report_is_refused_beside_its_field(house: Pages, asked: str, said: str) -> None:
    reply = member(house, "evaluator").get(f"/figures/report?{asked}")
    assert reply.status_code == 422 and said in reply.content.decode()


def test_anyone_who_may_not_see_figures_finds_no_report(house: Pages) -> None:
    for role, place in (("operator", "HAI"), ("magistrate", "mons"), ("administrator", "")):
        client = member(house, role, place)
        assert client.get(f"/figures/report?year={YEAR}").status_code == 404
        assert client.get("/figures/outputs").status_code == 404


def test_the_command_writes_the_report(house: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_DATA", str(house.config.data_dir))
    file = tmp_path / "report.pdf"
    done = CliRunner().invoke(evaluate, ["--keep", "--report", "2022", "--lang", "nl", "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert read_pdf(file.read_bytes()).language == "nl"
    assert file.read_bytes() == report.make_report(YEAR, "nl")
    for wrong, words in (
        (["--report", "2011", "-o", str(file)], "There are no tables of 2011."),
        (["--report", "2022"], "-o goes with"),
        (["--report", "2022", "--period", "2022", "-o", str(file)], "Name a period"),
    ):
        refused = CliRunner().invoke(evaluate, ["--keep", *wrong])
        assert refused.exit_code == 2 and words in refused.output, refused.output


def test_the_page_offers_every_year_with_how_it_stands(house: Pages) -> None:
    client = member(house, "evaluator")
    publish(client)
    assert editions.editions(YEAR)
    page = client.get("/figures/outputs").content.decode()
    assert re.search(r'<option value="2022"[^>]*>2022 · published</option>', page)
    assert re.search(r'<option value="2023"[^>]*>2023 · draft</option>', page)


def test_the_report_in_the_docs_holds_the_figures_of_the_history(house: Pages) -> None:
    kept = read_pdf((ROOT / "docs" / "evaluation" / "report-2022-fr.pdf").read_bytes())
    expect_fit_for_print_and_for_reading_aloud(kept, "fr")
    with override("fr"):
        data = report.report_data(report.issue_of(YEAR), "fr")
    lines = [row for section in data["sections"] for row in section["rows"]]
    assert len(lines) > 12
    for line in [*lines, *data["glance"]["rows"]]:
        texts = squeezed("".join(cell["text"] + cell["beside"] for cell in line))
        assert texts in squeezed(kept.text), f"{texts}: make report"
