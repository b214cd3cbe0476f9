"""Documents on paper: the steering committee's page in four languages, as a reader of PDF sees it."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.utils.translation import override

from egide.evaluation import service
from egide.evaluation.pages import sheet
from tests.evaluation.test_dashboard import member
from tests.evaluation.test_outputs import house
from tests.fleet.files import House
from tests.support.commands import Answer, let_prove, run
from tests.support.pages import PASSWORD
from tests.support.pdf import Paper, read_pdf

__all__ = ["house"]
IN_EVERY_LANGUAGE = (
    # The longest, and one with other quotation marks.
    "de",
    "fr",
    pytest.param("nl", marks=pytest.mark.full("its other cases")),
    pytest.param("en", marks=pytest.mark.full("its other cases")),
)
A4 = (595, 842)
ASKED = "from=2027-01&to=2027-01&from2=2026-01&to2=2026-12"


def expect_fit_for_print_and_for_reading_aloud(paper: Paper, language: str) -> None:
    """A4, one language, tagged, fonts inside, PDF/A-2a and PDF/UA-1."""
    assert paper.sizes == {A4}
    assert paper.language == language
    assert paper.is_tagged and paper.is_embedded
    assert "<pdfaid:part>2</pdfaid:part>" in paper.claims
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in paper.claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in paper.claims


def squeezed(text: str) -> str:
    """Without spaces of any kind."""
    return "".join(text.split())


@pytest.mark.parametrize("language", IN_EVERY_LANGUAGE)
def test_the_committees_page_is_one_page_in_every_language(house: House, language: str) -> None:
    client = member(house.pages, "steering", language="en")
    reply = client.get(f"/figures/sheet?{ASKED}&lang={language}")
    assert reply.status_code == 200 and reply["Content-Type"] == "application/pdf"
    paper = read_pdf(reply.content)
    expect_fit_for_print_and_for_reading_aloud(paper, language)
    assert len(paper.pages) == 1
    known = service.measures()
    with override(language):
        for name in sheet.MEASURES:
            one = known[name]
            for words in (one.title, one.unit_text, one.population, one.source):
                # Lines break anywhere, also behind a hyphen.
                assert squeezed(words) in squeezed(paper.text), (name, words)


def test_the_committees_page_is_for_the_service_alone_and_says_what_is_invented(house: House) -> None:
    wanted = sheet.WantedSheet(service.Period.parse("2027"), service.Period.parse("2026"), "en")
    paper = read_pdf(sheet.make_sheet(wanted))
    assert "For the service only" in paper.text and "a difference is no effect" in paper.text
    with override("en"):
        data = sheet.sheet_data(wanted)
    is_invented = service.records().about.is_invented
    assert ("Invented people" in " ".join(data["marks"])) is is_invented
    assert ("Invented people" in paper.text) is is_invented
    assert make_twice(wanted) == 1


def make_twice(wanted: sheet.WantedSheet) -> int:
    """How many different files two runs give."""
    return len({sheet.make_sheet(wanted) for _ in range(2)})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2027-01&to=2027-01", "Choose the period to compare with."),
        (ASKED + "&place=zone:4711", "There is no such place"),
        (ASKED + "&lang=it", "Choose one of the four languages."),
        ("from=2027-01&from2=2027-13", "The month “2027-13” does not exist."),
    ],
)
def test_a_page_that_cannot_be_made_is_refused_beside_its_field(house: House, asked: str, said: str) -> None:
    reply = member(house.pages, "evaluator").get(f"/figures/sheet?{asked}")
    assert reply.status_code == 422 and said in reply.content.decode()


def test_a_year_without_records_is_unknown_on_paper_and_no_zero(house: House) -> None:
    with override("en"):
        periods = service.Period.parse("2011"), service.Period.parse("2012")
        data = sheet.sheet_data(sheet.WantedSheet(*periods, "en"))
    assert {row["number"]["text"] for row in data["rows"]} == {"unknown"}
    assert {row["number"]["beside"] for row in data["rows"]} == {"The records hold nothing of this period."}


def test_anyone_who_may_not_see_figures_finds_no_page(house: House) -> None:
    for role, place in (("operator", "HAI"), ("magistrate", "mons"), ("administrator", "")):
        assert member(house.pages, role, place).get(f"/figures/sheet?{ASKED}").status_code == 404


def test_the_command_writes_the_committees_page(house: House, tmp_path: Path) -> None:
    let_prove(house.pages.user("steering-1", role="steering"))

    def egide(*more: str) -> Answer:
        line = (
            "--keep",
            "--period",
            "2027",
            "--against",
            "2026",
            "--lang",
            "nl",
            "--as",
            "steering-1",
            *more,
        )
        return run(replace(house.pages.config, demo=True), "evaluate", *line, stdin=PASSWORD + "\n")

    file = tmp_path / "sheet.pdf"
    done = egide("-o", str(file))
    assert done.returncode == 0, done.stderr
    assert read_pdf(file.read_bytes()).language == "nl"
    alone = egide()
    assert alone.returncode == 2 and "-o goes with" in alone.stderr
    nowhere = egide("-o", str(tmp_path / "no" / "where.pdf"))
    assert nowhere.returncode == 2 and "cannot be written" in nowhere.stderr
